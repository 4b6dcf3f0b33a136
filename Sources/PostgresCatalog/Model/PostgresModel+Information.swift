// information_schema: the same model in the standard's words.
internal import Catalog
internal import Columnar

extension PostgresModel {
    /// Rows of the relations of information_schema; those without a case have none.
    func informationRows(_ shape: TableShape) -> [[Value]] {
        switch shape.name {
        case "information_schema_catalog_name": [shape.row(["catalog_name": catalog])]
        case "schemata": schemas.map { schemaRow(shape, $0.name) }
        case "tables": relations.filter(\.isReadable).map { tableRow(shape, $0) }
        case "columns": relations.filter(\.isReadable).flatMap { columnRows(shape, $0) }
        case "views": relations.filter { $0.kind == "v" }.map { viewRow(shape, $0) }
        case "table_privileges", "role_table_grants": relations.filter { !$0.isSystem && $0.isReadable }.flatMap { privilegeRows(shape, $0) }
        case "column_privileges", "role_column_grants": relations.filter { !$0.isSystem && $0.isReadable }.flatMap { columnPrivilegeRows(shape, $0) }
        case "enabled_roles": roles.map { shape.row(["role_name": .string($0.name)]) }
        case "character_sets": [characterSetRow(shape)]
        case "collations": ["default", "C", "POSIX"].map { collationRow(shape, $0) }
        case "collation_character_set_applicability": ["default", "C", "POSIX"].map { applicabilityRow(shape, $0) }
        case "routines": (SupportFunctions.all + functions).map { routineRow(shape, $0) }
        case "parameters": (SupportFunctions.all + functions).flatMap { parameterRows(shape, $0) }
        case "table_constraints", "check_constraints", "constraint_column_usage": notNullRows(shape) + constraintRows(shape)
        case "key_column_usage", "referential_constraints": constraintRows(shape)
        case "sequences": relations.compactMap { sequenceRow(shape, $0) }
        case "domains": Domain.all.map { domainRow(shape, $0) }
        default: sqlRows(shape) ?? []
        }
    }

    var catalog: Value { .string(snapshot.database) }

    func yes(_ flag: Bool) -> Value { flag ? "YES" : "NO" }

    private func schemaRow(_ shape: TableShape, _ name: String) -> [Value] {
        shape.row(["catalog_name": catalog, "schema_name": .string(name), "schema_owner": .string(snapshot.owner)])
    }

    private func tableRow(_ shape: TableShape, _ relation: DescribedRelation) -> [Value] {
        shape.row([
            "table_catalog": catalog, "table_schema": .string(relation.schema), "table_name": .string(relation.name),
            "table_type": relation.kind == "v" ? "VIEW" : relation.kind == "f" ? "FOREIGN" : "BASE TABLE", "is_insertable_into": yes(relation.isWritable),
            "is_typed": "NO",
        ])
    }

    private func columnRows(_ shape: TableShape, _ relation: DescribedRelation) -> [[Value]] {
        relation.columns.enumerated().map { index, column in
            let type = PostgresType[column.typeOID]
            let facets = TypeFacets(column)
            return shape.row([
                "table_catalog": catalog, "table_schema": .string(relation.schema), "table_name": .string(relation.name),
                "column_name": .string(column.name), "ordinal_position": .integer(Int64(index + 1)), "is_nullable": yes(!column.isNotNull),
                "data_type": .string(type?.isArray == true ? "ARRAY" : TypeNames.sqlName(column.typeOID, modifier: nil, self)),
                "character_octet_length": .optional(facets.octets), "numeric_precision": .optional(facets.precision),
                "numeric_precision_radix": .optional(facets.radix), "numeric_scale": .optional(facets.scale),
                "datetime_precision": .optional(facets.fraction), "collation_catalog": type?.name == "name" ? catalog : .null,
                "collation_schema": type?.name == "name" ? "pg_catalog" : .null, "collation_name": type?.name == "name" ? "C" : .null,
                "udt_catalog": catalog, "udt_schema": "pg_catalog", "udt_name": .string(type?.name ?? "text"),
                "dtd_identifier": .string(String(index + 1)), "is_self_referencing": "NO", "is_identity": yes(!column.identity.isEmpty),
                "identity_cycle": "NO", "identity_generation": column.identity.isEmpty ? .null : column.identity == "a" ? "ALWAYS" : "BY DEFAULT",
                "column_default": column.isGenerated ? .null : .optional(column.defaultSQL),
                "is_generated": column.isGenerated ? "ALWAYS" : "NEVER", "generation_expression": column.isGenerated ? .optional(column.defaultSQL) : .null,
                "character_maximum_length": .optional(facets.characters), "is_updatable": yes(relation.isWritable),
            ])
        }
    }

    private func viewRow(_ shape: TableShape, _ relation: DescribedRelation) -> [Value] {
        shape.row([
            "table_catalog": catalog, "table_schema": .string(relation.schema), "table_name": .string(relation.name),
            "view_definition": .optional(relation.definition), "check_option": "NONE", "is_updatable": "NO", "is_insertable_into": "NO",
            "is_trigger_updatable": "NO", "is_trigger_deletable": "NO", "is_trigger_insertable_into": "NO",
        ])
    }

    /// Everybody reads what is not a table; a table's owner does everything.
    private func privilegeRows(_ shape: TableShape, _ relation: DescribedRelation) -> [[Value]] {
        guard let grants = relation.privileges else { return [privilegeRow(shape, relation, grantee: "PUBLIC", "SELECT", grantable: false)] }
        let owner = relation.owner ?? snapshot.owner
        let own = TablePrivilege.ofTables.map { privilegeRow(shape, relation, grantee: owner, $0.rawValue.uppercased(), grantable: true) }
        return own
            + grants.flatMap { grant in
                TablePrivilege.ofTables.filter(grant.privileges.contains).map { privilege in
                    privilegeRow(
                        shape, relation, grantee: grant.grantee == PrivilegeGrant.everybody ? "PUBLIC" : grant.grantee, privilege.rawValue.uppercased(),
                        grantable: grant.grantable.contains(privilege), grantor: grant.grantor)
                }
            }
    }

    private func privilegeRow(
        _ shape: TableShape, _ relation: DescribedRelation, grantee: String, _ privilege: String, grantable: Bool,
        grantor: String? = nil
    ) -> [Value] {
        shape.row([
            "grantor": .string(grantor ?? relation.owner ?? snapshot.owner), "grantee": .string(grantee), "table_catalog": catalog, "table_schema": .string(relation.schema),
            "table_name": .string(relation.name), "privilege_type": .string(privilege), "is_grantable": yes(grantable), "with_hierarchy": yes(privilege == "SELECT"),
        ])
    }

    private func columnPrivilegeRows(_ shape: TableShape, _ relation: DescribedRelation) -> [[Value]] {
        relation.columns.map { column in
            shape.row([
                "grantor": .string(snapshot.owner), "grantee": "PUBLIC", "table_catalog": catalog, "table_schema": .string(relation.schema),
                "table_name": .string(relation.name), "column_name": .string(column.name), "privilege_type": "SELECT",
                "is_grantable": "NO",
            ])
        }
    }

    private func characterSetRow(_ shape: TableShape) -> [Value] {
        shape.row([
            "character_set_name": "UTF8", "character_repertoire": "UCS", "form_of_use": "UTF8", "default_collate_catalog": catalog,
            "default_collate_schema": "pg_catalog", "default_collate_name": "C",
        ])
    }

    private func collationRow(_ shape: TableShape, _ name: String) -> [Value] {
        shape.row([
            "collation_catalog": catalog, "collation_schema": "pg_catalog", "collation_name": .string(name), "pad_attribute": "NO PAD",
        ])
    }

    private func applicabilityRow(_ shape: TableShape, _ name: String) -> [Value] {
        shape.row([
            "collation_catalog": catalog, "collation_schema": "pg_catalog", "collation_name": .string(name), "character_set_name": "UTF8",
        ])
    }

    private func domainRow(_ shape: TableShape, _ domain: Domain) -> [Value] {
        let base = PostgresType[domain.base]!
        return shape.row([
            "domain_catalog": catalog, "domain_schema": "information_schema", "domain_name": .string(domain.name),
            "data_type": .string(TypeNames.sqlName(base.oid, modifier: nil, self)), "udt_catalog": catalog, "udt_schema": "pg_catalog",
            "udt_name": .string(base.name), "dtd_identifier": "1",
        ])
    }

    // MARK: Routines

    private func specificName(_ function: DescribedFunction) -> Value { .string("\(function.name)_\(function.oid)") }

    private func routineRow(_ shape: TableShape, _ function: DescribedFunction) -> [Value] {
        let type = PostgresType[function.result]
        return shape.row([
            "specific_catalog": catalog, "specific_schema": "pg_catalog", "specific_name": specificName(function),
            "routine_catalog": catalog, "routine_schema": "pg_catalog", "routine_name": .string(function.name),
            "routine_type": function.kind == "f" ? "FUNCTION" : .null,
            "data_type": .string(type?.isArray == true ? "ARRAY" : TypeNames.sqlName(function.result, modifier: nil, self)),
            "type_udt_catalog": catalog, "type_udt_schema": "pg_catalog", "type_udt_name": .string(type?.name ?? "record"),
            "dtd_identifier": "0", "routine_body": "EXTERNAL", "external_language": "INTERNAL", "parameter_style": "GENERAL",
            "is_deterministic": yes(function.volatility == "i"), "sql_data_access": "MODIFIES", "is_null_call": yes(function.isStrict),
            "schema_level_routine": "YES", "max_dynamic_result_sets": 0, "is_user_defined_cast": .null, "security_type": "INVOKER",
        ])
    }

    private func parameterRows(_ shape: TableShape, _ function: DescribedFunction) -> [[Value]] {
        function.arguments.enumerated().map { index, argument in
            let type = PostgresType[argument]
            return shape.row([
                "specific_catalog": catalog, "specific_schema": "pg_catalog", "specific_name": specificName(function),
                "ordinal_position": .integer(Int64(index + 1)), "parameter_mode": "IN", "is_result": "NO", "as_locator": "NO",
                "data_type": .string(type?.isArray == true ? "ARRAY" : TypeNames.sqlName(argument, modifier: nil, self)),
                "udt_catalog": catalog, "udt_schema": "pg_catalog", "udt_name": .string(type?.name ?? "record"),
                "dtd_identifier": .string(String(index + 1)),
            ])
        }
    }

    /// NOT NULL is a check constraint in the standard's eyes. Columns that a view does not have are left out.
    private func notNullRows(_ shape: TableShape) -> [[Value]] {
        relations.filter { !$0.isSystem && $0.isReadable }.flatMap { relation in
            relation.columns.enumerated().filter { $0.element.isNotNull }.map { index, column in
                let name = Value.string("\(relation.schemaOID)_\(relation.oid)_\(index + 1)_not_null")
                let schema = Value.string(relation.schema)
                let table = Value.string(relation.name)
                switch shape.name {
                case "check_constraints":
                    return shape.row([
                        "constraint_catalog": catalog, "constraint_schema": schema, "constraint_name": name,
                        "check_clause": .string("\(column.name) IS NOT NULL"),
                    ])
                case "constraint_column_usage":
                    return shape.row([
                        "table_catalog": catalog, "table_schema": schema, "table_name": table, "column_name": .string(column.name),
                        "constraint_catalog": catalog, "constraint_schema": schema, "constraint_name": name,
                    ])
                default:
                    return shape.row([
                        "constraint_catalog": catalog, "constraint_schema": schema, "constraint_name": name, "table_catalog": catalog,
                        "table_schema": schema, "table_name": table, "constraint_type": "CHECK", "is_deferrable": "NO",
                        "initially_deferred": "NO", "enforced": "YES",
                    ])
                }
            }
        }
    }

    // MARK: What this server is

    private func sqlRows(_ shape: TableShape) -> [[Value]]? {
        switch shape.name {
        case "sql_implementation_info":
            let rows: [(String, String, Int64?, String?)] = [
                ("17", "DBMS NAME", nil, "PostgreSQL"), ("28", "IDENTIFIER CASE", 3, nil), ("85", "NULL COLLATION", 0, nil),
                ("46", "TRANSACTION CAPABLE", 2, nil),
            ]
            return rows.map { row in
                shape.row([
                    "implementation_info_id": .string(row.0), "implementation_info_name": .string(row.1), "integer_value": .optional(row.2),
                    "character_value": .optional(row.3),
                ])
            }
        case "sql_sizing":
            let rows: [(Int64, String)] = [(30, "MAXIMUM COLUMN NAME LENGTH"), (32, "MAXIMUM SCHEMA NAME LENGTH"), (35, "MAXIMUM TABLE NAME LENGTH")]
            return rows.map { shape.row(["sizing_id": .integer($0.0), "sizing_name": .string($0.1), "supported_value": 63]) }
        default: return nil
        }
    }
}

/// What information_schema tells of a type's size.
struct TypeFacets {
    var octets: Int64?
    var precision: Int64?
    var radix: Int64?
    var scale: Int64?
    var fraction: Int64?
    var characters: Int64?

    init(_ column: DescribedRelation.Column) {
        switch column.typeOID {
        case 21: (precision, radix, scale) = (16, 2, 0)
        case 23: (precision, radix, scale) = (32, 2, 0)
        case 20: (precision, radix, scale) = (64, 2, 0)
        case 700: (precision, radix) = (24, 2)
        case 701: (precision, radix) = (53, 2)
        case 1700:
            radix = 10
            if column.modifier >= 0 {
                precision = Int64((column.modifier - 4) >> 16)
                scale = Int64((column.modifier - 4) & 0xFFFF)
            }
        case 1042, 1043:
            characters = column.modifier >= 4 ? Int64(column.modifier - 4) : nil
            octets = characters.map { $0 * 4 } ?? 1 << 30
        case 25: octets = 1 << 30
        case 1082: fraction = 0
        case 1083, 1114, 1184, 1186, 1266: fraction = 6
        default: break
        }
    }
}
