// PostgreSQL's functions over the catalog, as scalar functions of DuckDB that read the current model. Overloads take a
// number (any of the numeric aliases becomes BIGINT by itself) or a name.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

struct CatalogFunctions: Sendable {
    let model: @Sendable () -> PostgresModel

    var all: [ScalarFunction] {
        naming + definitions + descriptions + sizes + visibility + privileges + text + vectors + json
    }

    typealias Body = @Sendable (PostgresModel, [Value]) throws(LeibrixError) -> Value

    /// A function of the model whose result is NULL when an argument is.
    func strict(_ name: String, _ parameters: [DataType], _ returns: DataType, _ body: @escaping Body) -> ScalarFunction {
        let model = model
        return ScalarFunction(name, parameters, returns: returns) { (values) throws(LeibrixError) in
            values.contains(.null) ? .null : try body(model(), values)
        }
    }

    /// The same answer for every parameter list.
    func constant(_ name: String, _ parameterLists: [[DataType]], _ returns: DataType, _ value: Value) -> [ScalarFunction] {
        parameterLists.map { strict(name, $0, returns) { _, _ in value } }
    }

    /// By number and by name of a relation.
    func onRelation(
        _ name: String, _ more: [DataType], _ returns: DataType,
        _ body: @escaping @Sendable (PostgresModel, DescribedRelation?) -> Value
    ) -> [ScalarFunction] {
        [
            strict(name, [.bigInt] + more, returns) { model, values in body(model, model.relation(oid: values[0].number)) },
            strict(name, [.varchar] + more, returns) { (model, values) throws(LeibrixError) in
                body(model, try model.requiredRelation(values[0].text))
            },
        ]
    }

    // MARK: Names

    private var naming: [ScalarFunction] {
        var functions = [
            strict("pg_get_userbyid", [.bigInt], SystemType.name) { model, values in .string(model.roleName(values[0].number)) },
            ScalarFunction("format_type", [.bigInt, .bigInt], returns: .varchar) { [model] values in
                guard case .integer(let oid) = values[0] else { return .null }
                var modifier: Int32?
                if case .integer(let value) = values[1] { modifier = Int32(truncatingIfNeeded: value) }
                return .string(TypeNames.sqlName(UInt32(truncatingIfNeeded: oid), modifier: modifier, model()))
            },
            strict("to_regclass", [.varchar], SystemType.number("regclass")) { model, values in
                (try? SQLName(values[0].text)).flatMap { model.relation($0) }.map { .integer(Int64($0.oid)) } ?? .null
            },
            strict("to_regtype", [.varchar], SystemType.number("regtype")) { model, values in
                TypeNames.oid(values[0].text, model).map { .integer(Int64($0)) } ?? .null
            },
            strict("to_regnamespace", [.varchar], SystemType.number("regnamespace")) { model, values in
                model.schemas.first { $0.name == values[0].text }.map { .integer(Int64($0.oid)) } ?? .null
            },
            strict("to_regrole", [.varchar], SystemType.number("regrole")) { model, values in
                model.roles.first { $0.name == values[0].text }.map { .integer(Int64($0.oid)) } ?? .null
            },
            strict("to_regproc", [.varchar], SystemType.number("regproc")) { model, values in
                model.function(named: values[0].text).map { .integer(Int64($0.oid)) } ?? .null
            },
        ]
        functions += constant("pg_encoding_to_char", [[.bigInt]], SystemType.name, "UTF8")
        functions += constant("pg_char_to_encoding", [[.varchar]], .integer, 6)
        return functions
    }

    // MARK: Definitions

    private var definitions: [ScalarFunction] {
        let none: [(String, [[DataType]])] = [
            ("pg_get_partkeydef", [[.bigInt]]), ("pg_get_partition_constraintdef", [[.bigInt]]),
            ("pg_get_triggerdef", [[.bigInt], [.bigInt, .boolean]]), ("pg_get_ruledef", [[.bigInt], [.bigInt, .boolean]]),
            ("pg_get_statisticsobjdef", [[.bigInt]]), ("pg_get_statisticsobjdef_columns", [[.bigInt]]),
            ("pg_get_functiondef", [[.bigInt]]), ("pg_get_function_sqlbody", [[.bigInt]]),
            ("pg_get_function_arg_default", [[.bigInt, .bigInt]]), ("pg_relation_filepath", [[.bigInt]]),
        ]
        var functions = none.flatMap { constant($0.0, $0.1, .varchar, .null) }
        for parameters in [[DataType.varchar, .bigInt], [.varchar, .bigInt, .boolean]] {
            functions.append(strict("pg_get_expr", parameters, .varchar) { _, values in values[0] })
        }
        functions += tableDefinitions
        functions += onRelation("pg_get_viewdef", [], .varchar) { _, relation in Self.definition(relation) }
        functions += onRelation("pg_get_viewdef", [.boolean], .varchar) { _, relation in Self.definition(relation) }
        functions.append(strict("pg_get_function_result", [.bigInt], .varchar) { model, values in
            guard let function = model.function(oid: values[0].number) else { return .null }
            let name = TypeNames.sqlName(function.result, modifier: nil, model)
            return .string(function.returnsSet ? "SETOF \(name)" : name)
        })
        for name in ["pg_get_function_arguments", "pg_get_function_identity_arguments"] {
            functions.append(strict(name, [.bigInt], .varchar) { model, values in
                guard let function = model.function(oid: values[0].number) else { return .null }
                return .string(function.arguments.map { TypeNames.sqlName($0, modifier: nil, model) }.joined(separator: ", "))
            })
        }
        return functions
    }

    /// NULL for what is no view; empty for a view of the server's own state.
    private static func definition(_ relation: DescribedRelation?) -> Value {
        relation?.kind == "v" || relation?.kind == "m" ? .string(relation?.definition ?? "") : .null
    }

    // MARK: Comments

    private var descriptions: [ScalarFunction] {
        [
            strict("obj_description", [.bigInt, .varchar], .varchar) { model, values in
                values[1].text == "pg_class" ? .optional(model.relation(oid: values[0].number)?.comment) : .null
            },
            strict("obj_description", [.bigInt], .varchar) { model, values in
                .optional(model.relation(oid: values[0].number)?.comment)
            },
            strict("col_description", [.bigInt, .bigInt], .varchar) { model, values in
                guard let columns = model.relation(oid: values[0].number)?.columns else { return .null }
                let position = Int(values[1].number)
                return (1...max(columns.count, 1)).contains(position) && !columns.isEmpty
                    ? .optional(columns[position - 1].comment) : .null
            },
        ] + constant("shobj_description", [[.bigInt, .varchar]], .varchar, .null)
    }

    // MARK: Sizes

    private var sizes: [ScalarFunction] {
        var functions: [ScalarFunction] = []
        for name in ["pg_relation_size", "pg_table_size", "pg_total_relation_size"] {
            functions += onRelation(name, [], .bigInt) { _, relation in .optional(relation?.bytes) }
        }
        functions += onRelation("pg_relation_size", [.varchar], .bigInt) { _, relation in .optional(relation?.bytes) }
        functions += onRelation("pg_indexes_size", [], .bigInt) { _, relation in relation == nil ? .null : 0 }
        for (name, parameter) in [("pg_database_size", DataType.bigInt), ("pg_database_size", .varchar), ("pg_tablespace_size", .bigInt)] {
            functions.append(strict(name, [parameter], .bigInt) { model, _ in .integer(model.bytes) })
        }
        functions.append(strict("pg_size_pretty", [.bigInt], .varchar) { _, values in .string(Self.prettySize(values[0].signed)) })
        functions += constant("pg_tablespace_location", [[.bigInt]], .varchar, "")
        functions += constant("pg_relation_filenode", [[.bigInt]], SystemType.oid, .null)
        return functions
    }

    /// PostgreSQL's rounding: to the next unit from 10 of it on, halves away from zero.
    static func prettySize(_ bytes: Int64) -> String {
        var value = bytes
        var isFirst = true
        let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
        for (index, unit) in units.enumerated() {
            let limit: Int64 = isFirst ? 10 * 1_024 : 20 * 1_024 - 1
            if value.magnitude < limit || index == units.count - 1 {
                return "\(isFirst ? value : (value + (value < 0 ? -1 : 1)) / 2) \(unit)"
            }
            // From the second unit on the value is kept in halves, so that the last step rounds.
            value = isFirst ? value >> 9 : value >> 10
            isFirst = false
        }
        return "\(value) bytes"
    }

    // MARK: Visibility

    private var visibility: [ScalarFunction] {
        var functions: [ScalarFunction] = []
        let always = [
            "function", "operator", "opclass", "opfamily", "collation", "conversion", "ts_config", "ts_dict", "ts_parser", "ts_template",
            "statistics_obj",
        ]
        for kind in always { functions += constant("pg_\(kind)_is_visible", [[.bigInt]], .boolean, true) }
        // The rewriter puts the session's schemas in front: what comes first in them is seen.
        functions.append(strict("pg_table_is_visible", [.list(.varchar), .bigInt], .boolean) { model, values in
            guard let relation = model.relation(oid: values[1].number), case .list(let schemas) = values[0] else { return .null }
            let first = schemas.first { model.relation(SQLName(schema: $0.text, name: relation.name)) != nil }
            return .boolean(first?.text == relation.schema)
        })
        functions.append(strict("pg_table_is_visible", [.bigInt], .boolean) { model, values in
            model.relation(oid: values[0].number).map { .boolean($0.isVisible) } ?? .null
        })
        functions.append(strict("pg_type_is_visible", [.bigInt], .boolean) { model, values in
            if model.snapshot.types.contains(where: { $0.id.rawValue == values[0].number }) { return true }
            let oid = values[0].number
            let relation = model.relation(rowType: oid) ?? model.relation(arrayType: oid)
            return .boolean(relation?.isVisible ?? !PostgresModel.Domain.all.contains { $0.oid == oid || $0.arrayOID == oid })
        })
        functions += constant("pg_relation_is_publishable", [[.bigInt], [.varchar]], .boolean, false)
        functions += constant("row_security_active", [[.bigInt], [.varchar]], .boolean, false)
        // Bits of CmdType: INSERT 8, UPDATE 4, DELETE 16.
        functions.append(strict("pg_relation_is_updatable", [.bigInt, .boolean], .integer) { model, values in
            model.relation(oid: values[0].number)?.isWritable == true ? 28 : 0
        })
        functions.append(strict("pg_column_is_updatable", [.bigInt, .bigInt, .boolean], .boolean) { model, values in
            .boolean(model.relation(oid: values[0].number)?.isWritable == true)
        })
        return functions
    }
}

extension Value {
    /// An object number.
    var number: UInt32 {
        switch self {
        case .integer(let value): UInt32(truncatingIfNeeded: value)
        case .unsigned(let value): UInt32(truncatingIfNeeded: value)
        default: 0
        }
    }

    var signed: Int64 {
        switch self {
        case .integer(let value): value
        case .unsigned(let value): Int64(clamping: value)
        default: 0
        }
    }

    var text: String {
        if case .string(let text) = self { return text }
        return ""
    }
}
