internal import Base
internal import Catalog
internal import Columnar
internal import Connectors
internal import Foundation
@testable internal import Leibrix
internal import Platform
internal import Synchronization
internal import Testing

/// Parquet through the protocols of connectors: a file an epoch out, any row in.
@Suite struct ParquetTests {
    private let columns: [DataType.Field] = [
        .init("id", .bigInt), .init("name", .varchar), .init("price", .decimal(width: 9, scale: 2)), .init("at", .timestamp), .init("ok", .boolean),
    ]

    private func rows(_ range: Range<Int>) throws -> Batch {
        let builder = try BatchBuilder(columns.map(\.type), capacity: range.count)
        for id in range {
            builder.beginRow()
            try builder.set(0, Int64(id))
            if id % 3 > 0 { try builder.set(1, "name '\(id)' of some length") }
            try builder.set(2, "\(id).25")
            try builder.set(3, Int64(id) * 1_000_001)
            try builder.set(4, id % 2 == 0)
            builder.endRow()
        }
        return try #require(builder.take())
    }

    @Test func whatGoesOutComesIn() throws {
        let folder = NSTemporaryDirectory() + "leibrix-parquet-\(Random.integer(UInt32.self))"
        defer { try? Files.removeTree(folder) }
        var context = ConnectorContext()
        context.hasCheckpoints = true
        context.tableFormats = ["parquet": ParquetFiles.shared]
        let registry = ConnectorRegistry()
        let path = folder + "/out/"
        let spec = ConnectorSpec(name: "s", kind: "files", options: [SpecOption("path", .string(path))], format: "parquet", columns: columns)
        let sink = try registry.makeSink(spec, context)
        try sink.restore(0, nil)
        try sink.write(try rows(0..<700))
        try sink.write(try rows(700..<1_000))
        let first = try sink.preCommit(1)
        #expect(try Files.list(path).allSatisfy { $0.name.hasPrefix(".") })
        try sink.commit(1, first)
        try sink.write(try rows(1_000..<1_005))
        let second = try sink.preCommit(2)
        try sink.write(try rows(1_005..<1_100))
        // A crash: the second epoch is prepared, the third is not.
        context.isNew = false
        let again = try registry.makeSink(spec, context)
        try again.restore(2, second)
        #expect(try Files.list(path).map(\.name) == ["part-000000000001.parquet", "part-000000000002.parquet"])
        #expect(try read(registry, context, path, from: "").count == 1_005)
        // Rows from a position within the first file on.
        let position = "0 0 [[\"\(folder)/out/part-000000000001.parquet\",0,990,false,false]]"
        #expect(try read(registry, context, path, from: position) == (990..<1_005).map { "\($0)|\($0 % 3 > 0 ? "name '\($0)' of some length" : "NULL")" })
    }

    private func read(_ registry: ConnectorRegistry, _ context: ConnectorContext, _ path: String, from position: String) throws -> [String] {
        let options = [SpecOption("path", .string(path)), SpecOption("follow", false)]
        let runner = try registry.makeSource(ConnectorSpec(name: "r", kind: "files", options: options, format: "parquet", columns: columns), context)
        let seen = Mutex<[String]>([])
        runner.attach(SourceTarget(position: position) { (batch, _) throws(LeibrixError) in
            guard let batch else { return }
            for row in 0..<batch.rowCount {
                let id = batch.columns[0].load(row, as: Int64.self)
                seen.withLock { $0.append("\(id)|\(batch.columns[1].isValid(row) ? batch.columns[1].text(at: row) : "NULL")") }
            }
        } end: { () throws(LeibrixError) in })
        while runner.step() == .again {}
        #expect(runner.statistics.state == .ended, "\(String(describing: runner.statistics.lastError))")
        return seen.withLock { $0 }
    }

    @Test func aMissingColumnIsAnError() throws {
        let folder = NSTemporaryDirectory() + "leibrix-parquet-\(Random.integer(UInt32.self))"
        defer { try? Files.removeTree(folder) }
        try Files.createDirectory(folder)
        let files = ParquetFiles.shared
        try files.write(folder + "/a[1].parquet", columns: columns, [try rows(0..<3)])
        let error = #expect(throws: LeibrixError.self) { try files.open(folder + "/a[1].parquet", columns: [.init("none", .bigInt)], skip: 0) }
        #expect(error?.code == .streamSchema, "\(String(describing: error))")
    }
}
