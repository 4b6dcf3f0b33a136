// Functions, operators and what the access methods of PostgreSQL are made of.
internal import Columnar

extension PostgresModel {
    func functionRows(_ shape: TableShape) -> [[Value]]? {
        switch shape.name {
        case "pg_proc": (SupportFunctions.all + functions).map { functionRow(shape, $0) }
        case "pg_operator": operatorRows(shape)
        case "pg_opclass": operatorClassRows(shape)
        case "pg_opfamily": operatorFamilyRows(shape)
        case "pg_am": accessMethodRows(shape)
        case "pg_language": languageRows(shape)
        case "pg_collation": collationRows(shape)
        default: nil
        }
    }

    private func functionRow(_ shape: TableShape, _ function: DescribedFunction) -> [Value] {
        shape.row([
            "oid": oid(function.oid), "proname": .string(function.name), "pronamespace": oid(SystemOID.pgCatalog),
            "proowner": oid(SystemOID.owner), "prolang": 12, "procost": .real(1), "prorows": .real(function.returnsSet ? 1_000 : 0),
            "prokind": .string(function.kind), "proisstrict": .boolean(function.isStrict), "proretset": .boolean(function.returnsSet),
            "provolatile": .string(function.volatility), "proparallel": "s", "pronargs": .integer(Int64(function.arguments.count)),
            "prorettype": oid(function.result), "proargtypes": .list(function.arguments.map { oid($0) }), "prosrc": .string(function.name),
        ])
    }

    private func operatorRows(_ shape: TableShape) -> [[Value]] {
        SystemFacts.operators.map { cells in
            let flags = Array(cells[2])
            return shape.row([
                "oid": number(cells[0]), "oprname": .string(String(cells[1])), "oprnamespace": oid(SystemOID.pgCatalog),
                "oprowner": oid(SystemOID.owner), "oprkind": .string(String(flags[0])), "oprcanmerge": .boolean(flags[1] == "1"),
                "oprcanhash": .boolean(flags[2] == "1"), "oprleft": number(cells[3]), "oprright": number(cells[4]),
                "oprresult": number(cells[5]), "oprcom": number(cells[6]), "oprnegate": number(cells[7]), "oprcode": number(cells[8]),
                "oprrest": number(cells[9]), "oprjoin": number(cells[10]),
            ])
        }
    }

    private func operatorClassRows(_ shape: TableShape) -> [[Value]] {
        SystemFacts.operatorClasses.map { cells in
            shape.row([
                "oid": number(cells[0]), "opcmethod": number(cells[1]), "opcname": .string(String(cells[2])),
                "opcnamespace": oid(SystemOID.pgCatalog), "opcowner": oid(SystemOID.owner), "opcfamily": number(cells[3]),
                "opcintype": number(cells[4]), "opcdefault": .boolean(cells[5] == "1"), "opckeytype": number(cells[6]),
            ])
        }
    }

    private func operatorFamilyRows(_ shape: TableShape) -> [[Value]] {
        SystemFacts.operatorFamilies.map { cells in
            shape.row([
                "oid": number(cells[0]), "opfmethod": number(cells[1]), "opfname": .string(String(cells[2])),
                "opfnamespace": oid(SystemOID.pgCatalog), "opfowner": oid(SystemOID.owner),
            ])
        }
    }

    private func accessMethodRows(_ shape: TableShape) -> [[Value]] {
        let methods: [(Int64, String, Int64, String)] = [
            (2, "heap", 3, "t"), (403, "btree", 330, "i"), (405, "hash", 331, "i"), (783, "gist", 332, "i"), (2742, "gin", 333, "i"),
            (3580, "brin", 335, "i"), (4000, "spgist", 334, "i"),
        ]
        return methods.map { method in
            shape.row([
                "oid": .integer(method.0), "amname": .string(method.1), "amhandler": .integer(method.2), "amtype": .string(method.3),
            ])
        }
    }

    private func languageRows(_ shape: TableShape) -> [[Value]] {
        [(12 as Int64, "internal", false), (13, "c", false), (14, "sql", true)].map { language in
            shape.row([
                "oid": .integer(language.0), "lanname": .string(language.1), "lanowner": oid(SystemOID.owner), "lanispl": false,
                "lanpltrusted": .boolean(language.2),
            ])
        }
    }

    private func collationRows(_ shape: TableShape) -> [[Value]] {
        let collations: [(Int64, String, String, String?)] = [
            (100, "default", "d", nil), (950, "C", "c", "C"), (951, "POSIX", "c", "POSIX"),
        ]
        return collations.map { collation in
            shape.row([
                "oid": .integer(collation.0), "collname": .string(collation.1), "collnamespace": oid(SystemOID.pgCatalog),
                "collowner": oid(SystemOID.owner), "collprovider": .string(collation.2), "collisdeterministic": true, "collencoding": -1,
                "collcollate": .optional(collation.3), "collctype": .optional(collation.3),
            ])
        }
    }
}
