internal import Base
internal import Columnar
internal import DuckDBKit
internal import SQLPlanning
internal import Synchronization

/// Texts of queries into trees, by DuckDB's parser.
final class QueryReader: Sendable {
    private let connection: Mutex<Connection>

    init(_ database: Database) throws(LeibrixError) { connection = Mutex(try database.connect()) }

    /// One query. Errors have positions in the text. Blocks.
    func read(_ text: String) throws(LeibrixError) -> Query { try parse(text).query }

    /// As `read`, with DuckDB's serialization of the tree.
    func parse(_ text: String) throws(LeibrixError) -> (query: Query, serialized: String) {
        let answer = connection.withLock { connection -> Result<[[Value]], LeibrixError> in
            do throws(LeibrixError) {
                return .success(try connection.rows("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", [.string(text)]))
            } catch { return .failure(error) }
        }
        guard case .string(let serialized)? = try answer.get().first?.first else {
            throw LeibrixError(.internal, "a query was not serialized")
        }
        let queries = try Query.decode(serialized: serialized)
        guard queries.count == 1 else {
            throw LeibrixError(.syntax, "a stream has one query, not \(queries.count)", hint: "Leave the semicolon out.")
        }
        return (queries[0], serialized)
    }

    /// The columns of a relation in the catalog; nil where there is none of that name. Blocks.
    func columns(of relation: String) -> [DataType.Field]? {
        connection.withLock { connection in
            guard let result = try? connection.query("SELECT * FROM \(relation) LIMIT 0") else { return nil }
            return result.columns.map { DataType.Field($0.name, $0.type) }
        }
    }
}
