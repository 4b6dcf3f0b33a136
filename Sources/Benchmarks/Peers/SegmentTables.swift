// Our relations without a server around them: Parquet into segment files, mapped and published to a DuckDB of their own.
internal import Columnar
internal import ColumnStore
internal import DuckDBKit
internal import Foundation

final class SegmentTables {
    let database: Database
    let connection: Connection
    private let catalog: RelationCatalog
    private let folder: String

    init(_ context: BenchContext, folder: String) throws {
        self.folder = folder
        database = try Database(DatabaseConfiguration(threads: context.threads))
        connection = try database.connect()
        catalog = try RelationCatalog(attachingTo: connection, name: "lbx")
        catalog.addSchema("public")
    }

    /// Writes the tables' segment files, maps and publishes them.
    func load(_ data: TPCHData) throws {
        for table in TPCHData.tables { try load(table, "SELECT * FROM read_parquet('\(data.folder)/\(table).parquet')") }
        try connection.execute("USE lbx.public")
    }

    private func load(_ table: String, _ query: String) throws {
        let columns = try (connection.prepare(query).columns ?? []).map { RelationColumn($0.name, $0.type) }
        let writer = try SegmentWriter(directory: folder, name: table, columns: columns)
        _ = try connection.copy(query, into: writer)
        let segments = try writer.finish().map { try SegmentFile.map($0.path, writtenHere: $0) }
        let snapshot = try RelationSnapshot(columns: columns, rowGroups: try segments.flatMap { try $0.rowGroups() })
        _ = try catalog.publish([.put(schema: "public", name: table, snapshot)])
    }
}
