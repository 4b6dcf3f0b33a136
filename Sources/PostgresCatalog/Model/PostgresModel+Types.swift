// pg_type: the built-in types, the domains of information_schema, and a row type and its array for each relation.
// typarray and typelem always agree, and every function number is in pg_proc.
internal import Catalog
internal import Columnar

extension PostgresModel {
    func typeRows(_ shape: TableShape) -> [[Value]]? {
        switch shape.name {
        case "pg_type":
            allTypeRows(shape)
        case "pg_enum":
            snapshot.types.flatMap { type in
                type.labels.enumerated().map { place, label in
                    shape.row([
                        "oid": oid(SystemOID.derived("label", type.schema, type.name, label)), "enumtypid": oid(type.id.rawValue),
                        "enumsortorder": .real(Float(place + 1)), "enumlabel": .string(label),
                    ])
                }
            }
        case "pg_range": rangeRows(shape)
        case "pg_cast": castRows(shape)
        default: nil
        }
    }

    private func allTypeRows(_ shape: TableShape) -> [[Value]] {
        var found = PostgresType.all.map { row(shape, $0) }
        for domain in Domain.all { found += rows(shape, domain) }
        for relation in relations { found += rows(shape, relation) }
        for type in snapshot.types { found += rows(shape, type) }
        return found
    }

    private func row(_ shape: TableShape, _ type: PostgresType) -> [Value] {
        shape.row([
            "oid": oid(type.oid), "typname": .string(type.name), "typnamespace": oid(SystemOID.pgCatalog), "typowner": oid(SystemOID.owner),
            "typlen": .integer(Int64(type.length)), "typbyval": .boolean(type.isByValue), "typtype": .string(String(type.kind.rawValue)),
            "typcategory": .string(String(type.category)), "typispreferred": .boolean(type.isPreferred), "typisdefined": true,
            "typdelim": .string(String(type.delimiter)), "typsubscript": function(subscripting(type)), "typelem": oid(type.elementOID),
            "typarray": oid(type.arrayOID), "typinput": function(type.inputFunction), "typoutput": function(type.outputFunction),
            "typreceive": function(type.receiveFunction), "typsend": function(type.sendFunction),
            "typmodin": function(modifier(type, "in")), "typmodout": function(modifier(type, "out")),
            "typanalyze": function(analyze(type)), "typalign": .string(String(type.alignment)),
            "typstorage": .string(String(type.storage)), "typtypmod": -1, "typcollation": oid(collation(of: type.oid)),
        ])
    }

    private func subscripting(_ type: PostgresType) -> String {
        switch type.name {
        case "jsonb": "jsonb_subscript_handler"
        case "int2vector", "oidvector": "array_subscript_handler"
        case "name", "point", "lseg", "box", "line": "raw_array_subscript_handler"
        default: type.isArray ? "array_subscript_handler" : "-"
        }
    }

    private func modifier(_ type: PostgresType, _ direction: String) -> String {
        let scalar = type.isArray ? PostgresType[type.elementOID] ?? type : type
        switch scalar.name {
        case "bpchar", "varchar", "time", "timestamp", "timestamptz", "interval", "timetz", "bit", "varbit", "numeric":
            return "\(scalar.name)typmod\(direction)"
        default: return "-"
        }
    }

    private func analyze(_ type: PostgresType) -> String {
        switch type.kind {
        case .range: "range_typanalyze"
        case .multirange: "multirange_typanalyze"
        default: type.name == "tsvector" ? "ts_typanalyze" : type.isArray && type.kind == .base ? "array_typanalyze" : "-"
        }
    }

    /// A relation's row type and the array of it.
    private func rows(_ shape: TableShape, _ relation: DescribedRelation) -> [[Value]] {
        guard relation.rowTypeOID != 0 else { return [] }
        let row = shape.row([
            "oid": oid(relation.rowTypeOID), "typname": .string(relation.name), "typnamespace": oid(relation.schemaOID),
            "typowner": oid(SystemOID.owner), "typlen": -1, "typtype": "c", "typcategory": "C", "typisdefined": true, "typdelim": ",",
            "typrelid": oid(relation.oid), "typarray": oid(relation.arrayTypeOID), "typinput": function("record_in"),
            "typoutput": function("record_out"), "typreceive": function("record_recv"), "typsend": function("record_send"),
            "typalign": "d", "typstorage": "x", "typtypmod": -1,
        ])
        guard relation.arrayTypeOID != 0 else { return [row] }
        let array = arrayRow(shape, relation.arrayTypeOID, of: relation.name, relation.rowTypeOID, relation.schemaOID, align: "d")
        return [row, array]
    }

    func arrayOID(of type: TypeDefinition) -> UInt32 { SystemOID.derived("array type", type.schema, type.name) }

    private func rows(_ shape: TableShape, _ type: TypeDefinition) -> [[Value]] {
        let schema = SystemOID.schema(type.schema)
        let row = shape.row([
            "oid": oid(type.id.rawValue), "typname": .string(type.name), "typnamespace": oid(schema),
            "typowner": oid(role(named: type.owner)?.oid ?? SystemOID.owner), "typlen": 4, "typbyval": true, "typtype": "e", "typcategory": "E",
            "typisdefined": true, "typdelim": ",", "typarray": oid(arrayOID(of: type)), "typinput": function("enum_in"), "typoutput": function("enum_out"),
            "typreceive": function("enum_recv"), "typsend": function("enum_send"), "typalign": "i", "typstorage": "p", "typtypmod": -1,
        ])
        return [row, arrayRow(shape, arrayOID(of: type), of: type.name, type.id.rawValue, schema, align: "i")]
    }

    private func arrayRow(
        _ shape: TableShape, _ number: UInt32, of name: String, _ element: UInt32, _ schema: UInt32, align: String, collation: UInt32 = 0
    ) -> [Value] {
        shape.row([
            "oid": oid(number), "typname": .string("_" + name), "typnamespace": oid(schema), "typowner": oid(SystemOID.owner), "typlen": -1,
            "typtype": "b", "typcategory": "A", "typisdefined": true, "typdelim": ",", "typsubscript": function("array_subscript_handler"),
            "typelem": oid(element), "typinput": function("array_in"), "typoutput": function("array_out"),
            "typreceive": function("array_recv"), "typsend": function("array_send"), "typanalyze": function("array_typanalyze"),
            "typalign": .string(align), "typstorage": "x", "typtypmod": -1, "typcollation": oid(collation),
        ])
    }

    /// A domain of information_schema over a built-in type.
    struct Domain {
        let oid: UInt32
        let arrayOID: UInt32
        let name: String
        let base: String
        let modifier: Int64

        static let all = [
            Domain(oid: 13_221, arrayOID: 13_220, name: "cardinal_number", base: "int4", modifier: -1),
            Domain(oid: 13_224, arrayOID: 13_223, name: "character_data", base: "varchar", modifier: -1),
            Domain(oid: 13_226, arrayOID: 13_225, name: "sql_identifier", base: "name", modifier: -1),
            Domain(oid: 13_232, arrayOID: 13_231, name: "time_stamp", base: "timestamptz", modifier: 2),
            Domain(oid: 13_234, arrayOID: 13_233, name: "yes_or_no", base: "varchar", modifier: 7),
        ]
    }

    private func rows(_ shape: TableShape, _ domain: Domain) -> [[Value]] {
        let base = PostgresType[domain.base]!
        let collation = base.category == "S" ? SystemOID.cCollation : 0
        let row = shape.row([
            "oid": oid(domain.oid), "typname": .string(domain.name), "typnamespace": oid(SystemOID.informationSchema),
            "typowner": oid(SystemOID.owner), "typlen": .integer(Int64(base.length)), "typbyval": .boolean(base.isByValue), "typtype": "d",
            "typcategory": .string(String(base.category)), "typisdefined": true, "typdelim": ",", "typarray": oid(domain.arrayOID),
            "typinput": function("domain_in"), "typoutput": function(base.outputFunction), "typreceive": function("domain_recv"),
            "typsend": function(base.sendFunction), "typalign": .string(String(base.alignment)),
            "typstorage": .string(String(base.storage)), "typbasetype": oid(base.oid), "typtypmod": .integer(domain.modifier),
            "typcollation": oid(collation),
        ])
        let align = base.alignment == "d" ? "d" : "i"
        let array = arrayRow(
            shape, domain.arrayOID, of: domain.name, domain.oid, SystemOID.informationSchema, align: align, collation: collation)
        return [row, array]
    }

    private func rangeRows(_ shape: TableShape) -> [[Value]] {
        let names = ["rngtypid", "rngsubtype", "rngmultitypid", "rngcollation", "rngsubopc", "rngcanonical", "rngsubdiff"]
        return SystemFacts.ranges.map { cells in
            var row = shape.row([:])
            for (index, name) in names.enumerated() { row[shape.columns.firstIndex { $0.name == name }!] = number(cells[index]) }
            return row
        }
    }

    private func castRows(_ shape: TableShape) -> [[Value]] {
        SystemFacts.casts.map { cells in
            shape.row([
                "oid": number(cells[0]), "castsource": number(cells[1]), "casttarget": number(cells[2]), "castfunc": number(cells[3]),
                "castcontext": .string(String(cells[4])), "castmethod": .string(String(cells[5])),
            ])
        }
    }

    func number(_ text: Substring) -> Value { .integer(Int64(text) ?? 0) }

    /// The number of a type's support function by its name.
    private func function(_ name: String) -> Value { .integer(Int64(SupportFunctions.byName[name] ?? 0)) }
}

/// PostgreSQL's support functions, by number and by name.
enum SupportFunctions {
    static let all: [DescribedFunction] = SystemFacts.functions.map { cells in
        let flags = Array(cells[2])
        return DescribedFunction(
            oid: UInt32(cells[0]) ?? 0, name: String(cells[1]), kind: "f", isStrict: flags[0] == "1", returnsSet: flags[1] == "1",
            volatility: String(flags[2]), result: UInt32(cells[3]) ?? 0,
            arguments: cells.count > 4 ? cells[4].split(separator: ",").compactMap { UInt32($0) } : [])
    }
    /// Of functions with the same name the one with the lowest number.
    static let byName = Dictionary(all.map { ($0.name, $0.oid) }) { first, second in min(first, second) }
    static let byOID = Dictionary(uniqueKeysWithValues: all.map { ($0.oid, $0) })
}
