// Names in and out of quotes, and PostgreSQL's vectors, which count from 0.
internal import Base
internal import Columnar
internal import DuckDBKit

extension CatalogFunctions {
    var text: [ScalarFunction] {
        [
            strict("quote_ident", [.varchar], .varchar) { _, values in .string(SQLName.quoted(values[0].text)) },
            strict("quote_literal", [.varchar], .varchar) { _, values in .string(Self.literal(values[0].text)) },
            ScalarFunction("quote_nullable", [.varchar], returns: .varchar) { values in
                values[0].isNull ? "NULL" : .string(Self.literal(values[0].text))
            },
            strict("parse_ident", [.varchar], .list(.varchar)) { (_, values) throws(LeibrixError) in
                let name = try SQLName(values[0].text)
                return .list(((name.schema.map { [$0] } ?? []) + [name.name]).map { .string($0) })
            },
            strict("age", [SystemType.number("xid")], .integer) { _, _ in 0 },
            strict("pg_blocking_pids", [.bigInt], .list(.integer)) { _, _ in .list([]) },
        ]
    }

    private static func literal(_ text: String) -> String {
        let quoted = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        guard quoted.contains("\\") else { return "'\(quoted)'" }
        return "E'\(quoted.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\"))'"
    }

    /// v[i] of int2vector and oidvector.
    var vectors: [ScalarFunction] {
        [(SystemType.int2vector, DataType.smallInt), (SystemType.oidvector, SystemType.oid)].map { vector, element in
            strict("array_extract", [vector, .bigInt], element) { _, values in
                guard case .list(let items) = values[0], case .integer(let index) = values[1], items.indices.contains(Int(index)) else {
                    return .null
                }
                return items[Int(index)]
            }
        }
    }
}
