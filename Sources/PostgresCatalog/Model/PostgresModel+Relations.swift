// pg_class, pg_attribute and what hangs on them.
internal import Catalog
internal import Columnar

extension PostgresModel {
    /// Rows of the relations of pg_catalog; those without a case have none.
    func catalogRows(_ shape: TableShape) -> [[Value]] {
        switch shape.name {
        case "pg_class": relations.map { classRow(shape, $0) }
        case "pg_attribute": relations.flatMap { attributeRows(shape, $0) }
        case "pg_namespace": schemas.map { schemaRow(shape, $0.oid, $0.name) }
        case "pg_description": descriptionRows(shape)
        case "pg_tables": tableRows(shape)
        case "pg_views": viewRows(shape)
        default: tableObjectRows(shape) ?? typeRows(shape) ?? functionRows(shape) ?? databaseRows(shape) ?? statisticsRows(shape) ?? []
        }
    }

    private func classRow(_ shape: TableShape, _ relation: DescribedRelation) -> [Value] {
        let isTable = relation.kind == "r"
        let hasFile = (isTable || relation.kind == "i" || relation.kind == "S") && !relation.isSystem
        return shape.row([
            "oid": oid(relation.oid), "relname": .string(relation.name), "relnamespace": oid(relation.schemaOID),
            "reltype": oid(relation.rowTypeOID), "relowner": oid(ownerOID(relation)), "relam": oid(isTable ? SystemOID.heap : relation.kind == "i" ? SystemOID.btree : 0),
            "relfilenode": oid(hasFile ? relation.oid : 0),
            "reltablespace": oid(relation.isShared ? SystemOID.globalTablespace : 0),
            "relpages": .integer(Int64(clamping: min((relation.bytes + 8_191) / 8_192, Int64(Int32.max)))),
            "reltuples": .real(Float(relation.rows)), "relisshared": .boolean(relation.isShared), "relpersistence": "p",
            "relkind": .string(relation.kind), "relnatts": .integer(Int64(relation.columns.count)), "relispopulated": true,
            "relreplident": .string(isTable && !relation.isSystem ? "d" : "n"), "relhasrules": .boolean(relation.kind == "v"), "relhasindex": .boolean(!relation.indexes.isEmpty),
            "relacl": accessList(relation.owner, relation.privileges, relation.kind == "S" ? TablePrivilege.ofSequences : TablePrivilege.ofTables),
            "relchecks": .integer(Int64(relation.constraints.count { $0.kind == .check })),
        ])
    }

    private func schemaRow(_ shape: TableShape, _ number: UInt32, _ name: String) -> [Value] {
        let access = snapshot.schemaAccess[name]
        return shape.row([
            "oid": oid(number), "nspname": .string(name), "nspowner": oid(access.flatMap { access in roles.first { $0.name == access.owner }?.oid } ?? SystemOID.owner),
            "nspacl": accessList(access?.owner, access?.privileges, TablePrivilege.ofSchemas),
        ])
    }

    private func attributeRows(_ shape: TableShape, _ relation: DescribedRelation) -> [[Value]] {
        relation.columns.enumerated().map { index, column in
            let type = PostgresType[column.typeOID]
            return shape.row([
                "attrelid": oid(relation.oid), "attname": .string(column.name), "atttypid": oid(column.typeOID), "attstattarget": -1,
                "attlen": .integer(Int64(type?.length ?? -1)), "attnum": .integer(Int64(index + 1)),
                "attndims": .integer(column.dimensions), "attcacheoff": -1, "atttypmod": .integer(Int64(column.modifier)),
                "attbyval": .boolean(type?.isByValue ?? false), "attalign": .string(String(type?.alignment ?? "i")),
                "attstorage": .string(String(type?.storage ?? "x")), "attnotnull": .boolean(column.isNotNull), "attislocal": true,
                "atthasdef": .boolean(column.defaultSQL != nil), "attidentity": .string(column.identity),
                "attgenerated": .string(column.isGenerated ? "s" : ""),
                "attcollation": oid(collation(of: column.typeOID)),
            ])
        }
    }

    private func descriptionRows(_ shape: TableShape) -> [[Value]] {
        relations.flatMap { relation in
            var rows: [[Value]] = []
            func add(_ comment: String?, _ position: Int) {
                guard let comment else { return }
                rows.append(
                    shape.row([
                        "objoid": oid(relation.oid), "classoid": oid(SystemOID.classes.relation), "objsubid": .integer(Int64(position)),
                        "description": .string(comment),
                    ]))
            }
            add(relation.comment, 0)
            for (index, column) in relation.columns.enumerated() { add(column.comment, index + 1) }
            return rows
        }
    }

    private func tableRows(_ shape: TableShape) -> [[Value]] {
        relations.filter { $0.kind == "r" }.map { relation in
            shape.row([
                "schemaname": .string(relation.schema), "tablename": .string(relation.name), "tableowner": .string(relation.owner ?? snapshot.owner),
                "tablespace": relation.isShared ? "pg_global" : .null, "hasindexes": .boolean(!relation.indexes.isEmpty), "hasrules": false, "hastriggers": false,
                "rowsecurity": false,
            ])
        }
    }

    private func viewRows(_ shape: TableShape) -> [[Value]] {
        relations.filter { $0.kind == "v" }.map { relation in
            shape.row([
                "schemaname": .string(relation.schema), "viewname": .string(relation.name), "viewowner": .string(relation.owner ?? snapshot.owner),
                "definition": .optional(relation.definition),
            ])
        }
    }

    // MARK: Shorthands

    func ownerOID(_ relation: DescribedRelation) -> UInt32 {
        relation.owner.flatMap { name in roles.first { $0.name == name }?.oid } ?? SystemOID.owner
    }

    func oid(_ number: UInt32) -> Value { .integer(Int64(number)) }

    /// What a type's values are ordered by.
    func collation(of typeOID: UInt32) -> UInt32 {
        guard let type = PostgresType[typeOID] else { return 0 }
        switch type.name {
        case "name": return SystemOID.cCollation
        case "text", "bpchar", "varchar", "pg_node_tree", "pg_ndistinct", "pg_dependencies", "pg_mcv_list",
            "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary":
            return SystemOID.defaultCollation
        default: return type.isArray ? collation(of: type.elementOID) : 0
        }
    }
}
