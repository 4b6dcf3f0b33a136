internal import Base
internal import Columnar
internal import DuckDBKit

extension CatalogFunctions {
    /// SQL of indexes and constraints, and the sequences of columns.
    var tableDefinitions: [ScalarFunction] {
        [
            strict("pg_get_indexdef", [.bigInt], .varchar) { model, values in Self.index(model, values[0].number, 0) },
            strict("pg_get_indexdef", [.bigInt, .bigInt, .boolean], .varchar) { model, values in
                Self.index(model, values[0].number, Int(values[1].signed))
            },
            strict("pg_get_constraintdef", [.bigInt], .varchar) { model, values in .optional(model.constraint(values[0].number)?.definition) },
            strict("pg_get_constraintdef", [.bigInt, .boolean], .varchar) { model, values in
                .optional(model.constraint(values[0].number)?.definition)
            },
            strict("pg_get_serial_sequence", [.varchar, .varchar], .varchar) { (model, values) throws(LeibrixError) in
                let relation = try model.requiredRelation(values[0].text)
                guard let place = relation.columns.firstIndex(where: { $0.name == values[1].text }) else {
                    throw LeibrixError(
                        .undefinedColumn, "column \"\(values[1].text)\" of relation \"\(relation.name)\" does not exist", hint: "Name a column of the table.")
                }
                let owned = model.relations.first { $0.sequence?.ownerOID == relation.oid && $0.sequence?.ownerColumn == place + 1 }
                return owned.map { .string("\(SQLName.quoted($0.schema)).\(SQLName.quoted($0.name))") } ?? .null
            },
        ]
    }

    /// The whole of it, or the nth column alone.
    private static func index(_ model: PostgresModel, _ oid: UInt32, _ column: Int) -> Value {
        guard let index = model.relation(oid: oid), index.kind == "i" else { return .null }
        guard column > 0 else { return .optional(index.definition) }
        return column <= index.columns.count ? .string(SQLName.quoted(index.columns[column - 1].name)) : ""
    }
}
