// Parquet for connectors: read and written by an engine that has nothing else to do and sees no relation of anybody's.
internal import Base
internal import Columnar
internal import Connectors
internal import DuckDBKit
internal import Platform
internal import Synchronization

final class ParquetFiles: TableFileFormat {
    /// Of the whole process; the engine is made when a file is first opened.
    static let shared = ParquetFiles()
    private let database = Mutex<Database?>(nil)

    private func connect() throws(LeibrixError) -> Connection {
        let made = database.withLock { database -> Result<Database, LeibrixError> in
            if let database { return .success(database) }
            do throws(LeibrixError) {
                // One thread: rows come in the file's order.
                let made = try Database(DatabaseConfiguration(threads: 1, memoryLimit: 256 << 20))
                database = made
                return .success(made)
            } catch { return .failure(error) }
        }
        return try made.get().connect()
    }

    private static func quoted(_ name: String) -> String { "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" }
    private static func literal(_ text: String) -> String { "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'" }

    func open(_ path: String, columns: [DataType.Field], skip: Int) throws(LeibrixError) -> any TableFileReader {
        let connection = try connect()
        let list = columns.map { "CAST(file.\(Self.quoted($0.name)) AS \($0.type.base)) AS \(Self.quoted($0.name))" }.joined(separator: ", ")
        // A pattern's characters in a file's name stand for themselves: the file is there under exactly this name.
        let names = "[\(Self.literal(Self.escaped(path)))]"
        do throws(LeibrixError) {
            let result = try connection.query("SELECT \(list) FROM read_parquet(\(names)) file OFFSET \(skip)", streaming: true)
            return Reader(connection, result)
        } catch {
            if error.code == .undefinedColumn {
                throw LeibrixError(.streamSchema, "\(path) lacks a column of the source", detail: error.message, hint: "DESCRIBE the source, and compare.")
            }
            throw error
        }
    }

    private static func escaped(_ path: String) -> String {
        var result = ""
        for character in path { result += "*?[".contains(character) ? "[\(character)]" : String(character) }
        return result
    }

    func write(_ path: String, columns: [DataType.Field], _ batches: [Batch]) throws(LeibrixError) {
        let connection = try connect()
        let name = "w" + String(Random.integer(UInt64.self), radix: 16)
        let relations = try RelationCatalog(attachingTo: connection, name: name)
        let rows = batches.flatMap { batch in (0..<batch.rowCount).map { batch.row($0) } }
        let relation = columns.map { RelationColumn($0.name, $0.type.base) }
        try relations.publish([.virtual(schema: "public", name: "rows", columns: relation, rows: { () throws(LeibrixError) in rows })])
        try connection.execute("COPY (SELECT * FROM \(name).public.rows) TO \(Self.literal(path)) (FORMAT parquet)")
        let file = try File(path, .write)
        try file.sync()
    }

    private final class Reader: TableFileReader {
        private let connection: Connection
        private var result: QueryResult

        init(_ connection: Connection, _ result: consuming QueryResult) {
            self.connection = connection
            self.result = result
        }

        func next() throws(LeibrixError) -> Batch? { try result.next() }
    }
}
