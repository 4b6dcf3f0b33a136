// What belongs to tables: constraints, indexes, defaults, sequences.
internal import Catalog
internal import Columnar

extension PostgresModel {
    func constraint(_ oid: UInt32) -> CatalogSnapshot.Constraint? {
        for relation in relations {
            if let found = relation.constraints.first(where: { $0.oid == oid }) { return found }
        }
        return nil
    }

    func tableObjectRows(_ shape: TableShape) -> [[Value]]? {
        switch shape.name {
        case "pg_constraint": relations.flatMap { relation in relation.constraints.map { constraintRow(shape, relation, $0) } }
        case "pg_index": relations.flatMap { relation in relation.indexes.map { indexRow(shape, relation, $0) } }
        case "pg_indexes": relations.flatMap { relation in relation.indexes.map { indexesRow(shape, relation, $0) } }
        case "pg_attrdef": relations.filter { !$0.isSystem }.flatMap { defaultRows(shape, $0) }
        case "pg_sequence": relations.compactMap { relation in relation.sequence.map { sequenceRow(shape, relation, $0) } }
        case "pg_sequences": relations.compactMap { relation in relation.sequence.map { sequencesRow(shape, relation, $0) } }
        case "pg_depend": relations.compactMap { dependRow(shape, $0) }
        default: nil
        }
    }

    private func numbers(_ columns: [Int]) -> Value { .list(columns.map { .integer(Int64($0)) }) }

    private func constraintRow(_ shape: TableShape, _ relation: DescribedRelation, _ constraint: CatalogSnapshot.Constraint) -> [Value] {
        let isForeign = constraint.kind == .foreign
        return shape.row([
            "oid": oid(constraint.oid), "conname": .string(constraint.name), "connamespace": oid(relation.schemaOID),
            "contype": .string(constraint.kind.rawValue), "condeferrable": .boolean(constraint.isDeferrable),
            "condeferred": .boolean(constraint.isDeferred), "convalidated": true, "conrelid": oid(relation.oid), "conindid": oid(constraint.indexOID),
            "confrelid": oid(constraint.referencedOID), "confupdtype": isForeign ? .string(constraint.onUpdate) : " ",
            "confdeltype": isForeign ? .string(constraint.onDelete) : " ", "confmatchtype": isForeign ? "s" : " ", "conislocal": true,
            "connoinherit": .boolean(constraint.kind != .check), "conkey": numbers(constraint.columns),
            "confkey": isForeign ? numbers(constraint.referencedColumns) : .null, "conbin": .optional(constraint.expression),
        ])
    }

    private func indexRow(_ shape: TableShape, _ relation: DescribedRelation, _ index: CatalogSnapshot.Index) -> [Value] {
        shape.row([
            "indexrelid": oid(index.oid), "indrelid": oid(relation.oid), "indnatts": .integer(Int64(index.columns.count)),
            "indnkeyatts": .integer(Int64(index.columns.count)), "indisunique": .boolean(index.isUnique),
            "indnullsnotdistinct": .boolean(index.nullsNotDistinct), "indisprimary": .boolean(index.isPrimary), "indimmediate": true,
            "indisvalid": true, "indisready": true, "indislive": true, "indkey": numbers(index.columns),
            "indcollation": numbers(index.columns.map { Int(collation(of: relation.columns[$0 - 1].typeOID)) }),
            "indclass": numbers(index.columns.map { _ in 0 }), "indoption": numbers(index.descending.map { $0 ? 1 : 0 }),
        ])
    }

    private func indexesRow(_ shape: TableShape, _ relation: DescribedRelation, _ index: CatalogSnapshot.Index) -> [Value] {
        shape.row([
            "schemaname": .string(relation.schema), "tablename": .string(relation.name), "indexname": .string(index.name),
            "indexdef": .string(index.definition),
        ])
    }

    private func defaultRows(_ shape: TableShape, _ relation: DescribedRelation) -> [[Value]] {
        relation.columns.enumerated().compactMap { index, column in
            guard let sql = column.defaultSQL, relation.kind == "r" else { return nil }
            return shape.row([
                "oid": oid(SystemOID.derived("default", relation.schema, relation.name, column.name)), "adrelid": oid(relation.oid),
                "adnum": .integer(Int64(index + 1)), "adbin": .string(sql),
            ])
        }
    }

    private func sequenceRow(_ shape: TableShape, _ relation: DescribedRelation, _ sequence: CatalogSnapshot.Sequence) -> [Value] {
        shape.row([
            "seqrelid": oid(relation.oid), "seqtypid": oid(sequence.type.postgres.oid), "seqstart": .integer(sequence.start),
            "seqincrement": .integer(sequence.increment), "seqmax": .integer(sequence.maximum), "seqmin": .integer(sequence.minimum),
            "seqcache": .integer(sequence.cache), "seqcycle": .boolean(sequence.cycles),
        ])
    }

    private func sequencesRow(_ shape: TableShape, _ relation: DescribedRelation, _ sequence: CatalogSnapshot.Sequence) -> [Value] {
        shape.row([
            "schemaname": .string(relation.schema), "sequencename": .string(relation.name), "sequenceowner": .string(relation.owner ?? snapshot.owner),
            "data_type": oid(sequence.type.postgres.oid), "start_value": .integer(sequence.start), "min_value": .integer(sequence.minimum),
            "max_value": .integer(sequence.maximum), "increment_by": .integer(sequence.increment), "cycle": .boolean(sequence.cycles),
            "cache_size": .integer(sequence.cache),
        ])
    }

    /// A sequence belongs to its column: automatically (serial) or internally (identity).
    private func dependRow(_ shape: TableShape, _ relation: DescribedRelation) -> [Value]? {
        guard let sequence = relation.sequence, let owner = sequence.ownerOID else { return nil }
        return shape.row([
            "classid": oid(SystemOID.classes.relation), "objid": oid(relation.oid), "refclassid": oid(SystemOID.classes.relation),
            "refobjid": oid(owner), "refobjsubid": .integer(Int64(sequence.ownerColumn)), "deptype": sequence.isInternal ? "i" : "a",
        ])
    }

    // MARK: information_schema

    func sequenceRow(_ shape: TableShape, _ relation: DescribedRelation) -> [Value]? {
        guard let sequence = relation.sequence else { return nil }
        let bits: Int64 = sequence.type == .smallInt ? 16 : sequence.type == .integer ? 32 : 64
        return shape.row([
            "sequence_catalog": catalog, "sequence_schema": .string(relation.schema), "sequence_name": .string(relation.name),
            "data_type": .string(TypeNames.sqlName(sequence.type.postgres.oid, modifier: nil, self)), "numeric_precision": .integer(bits),
            "numeric_precision_radix": 2, "numeric_scale": 0, "start_value": .string(String(sequence.start)),
            "minimum_value": .string(String(sequence.minimum)), "maximum_value": .string(String(sequence.maximum)),
            "increment": .string(String(sequence.increment)), "cycle_option": yes(sequence.cycles),
        ])
    }

    func constraintRows(_ shape: TableShape) -> [[Value]] {
        relations.flatMap { relation in relation.constraints.flatMap { constraintRows(shape, relation, $0) } }
    }

    private func constraintRows(_ shape: TableShape, _ relation: DescribedRelation, _ constraint: CatalogSnapshot.Constraint) -> [[Value]] {
        let schema = Value.string(relation.schema)
        let name = Value.string(constraint.name)
        switch shape.name {
        case "table_constraints":
            let types: [CatalogSnapshot.Constraint.Kind: Value] = [
                .primary: "PRIMARY KEY", .unique: "UNIQUE", .check: "CHECK", .foreign: "FOREIGN KEY",
            ]
            return [
                shape.row([
                    "constraint_catalog": catalog, "constraint_schema": schema, "constraint_name": name, "table_catalog": catalog,
                    "table_schema": schema, "table_name": .string(relation.name), "constraint_type": types[constraint.kind] ?? .null,
                    "is_deferrable": yes(constraint.isDeferrable), "initially_deferred": yes(constraint.isDeferred), "enforced": "YES",
                ])
            ]
        case "check_constraints":
            guard let expression = constraint.expression else { return [] }
            return [
                shape.row([
                    "constraint_catalog": catalog, "constraint_schema": schema, "constraint_name": name, "check_clause": .string("(\(expression))"),
                ])
            ]
        case "key_column_usage":
            guard constraint.kind != .check else { return [] }
            return constraint.columns.enumerated().map { index, place in
                shape.row([
                    "constraint_catalog": catalog, "constraint_schema": schema, "constraint_name": name, "table_catalog": catalog,
                    "table_schema": schema, "table_name": .string(relation.name), "column_name": .string(relation.columns[place - 1].name),
                    "ordinal_position": .integer(Int64(index + 1)),
                    "position_in_unique_constraint": constraint.kind == .foreign ? .integer(Int64(index + 1)) : .null,
                ])
            }
        case "referential_constraints":
            guard constraint.kind == .foreign, let parent = self.relation(oid: constraint.referencedOID) else { return [] }
            let rules = ["a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"]
            let unique = parent.constraints.first { $0.indexOID == constraint.indexOID && $0.kind != .foreign }
            return [
                shape.row([
                    "constraint_catalog": catalog, "constraint_schema": schema, "constraint_name": name, "unique_constraint_catalog": catalog,
                    "unique_constraint_schema": .string(parent.schema), "unique_constraint_name": .optional(unique?.name), "match_option": "NONE",
                    "update_rule": .optional(rules[constraint.onUpdate]), "delete_rule": .optional(rules[constraint.onDelete]),
                ])
            ]
        default:
            let target = constraint.kind == .foreign ? self.relation(oid: constraint.referencedOID) : relation
            let places = constraint.kind == .foreign ? constraint.referencedColumns : constraint.columns
            guard let target else { return [] }
            return places.map { place in
                shape.row([
                    "table_catalog": catalog, "table_schema": .string(target.schema), "table_name": .string(target.name),
                    "column_name": .string(target.columns[place - 1].name), "constraint_catalog": catalog, "constraint_schema": schema,
                    "constraint_name": name,
                ])
            }
        }
    }
}
