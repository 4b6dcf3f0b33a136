import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Platform
import Testing

/// What goes in comes out: rows by DuckDB's threads into builders, a file, a mapping, and back by the scan.
@Suite struct RoundTripTests {
    @Test(arguments: [1, 63, 64, 2_047, 5_000, 130_000])
    func everyType(rows: Int) throws {
        let bench = try Bench()
        let query = EveryType.query(rows: rows, seed: freshSeed())
        try bench.connection.execute("CREATE TABLE memory.main.src AS \(query)")
        let segments = try bench.publish("SELECT * FROM memory.main.src")
        #expect(segments.reduce(0) { $0 + $1.rows } == rows)
        for (name, _) in EveryType.columns {
            let difference = try bench.difference("SELECT \"\(name)\" FROM memory.main.src", "SELECT \"\(name)\" FROM lbx.public.t")
            #expect(difference == 0, "\(name)")
        }
        #expect(try bench.difference("SELECT * FROM memory.main.src", "SELECT * FROM lbx.public.t") == 0)
    }

    @Test func anEmptyRelationIsASegmentToo() throws {
        let bench = try Bench()
        let segments = try bench.publish("SELECT 1 AS a, 'x' AS b WHERE false")
        #expect(segments.map(\.rows) == [0])
        #expect(segments[0].columns == [RelationColumn("a", .integer), RelationColumn("b", .varchar)])
        #expect(try bench.connection.rows("SELECT count(*) FROM lbx.public.t") == [[.integer(0)]])
    }

    @Test func metadataAndNamesComeBack() throws {
        let bench = try Bench()
        let segments = try bench.publish(
            "SELECT 1 AS \"odd \"\" name\"", options: .init(metadata: ["dataset": "d", "snapshot": "42", "": "é"]))
        #expect(segments[0].metadata == ["dataset": "d", "snapshot": "42", "": "é"])
        #expect(segments[0].columns.map(\.name) == ["odd \" name"])
    }

    @Test func severalFilesOfABoundedSize() throws {
        let bench = try Bench()
        let query = "SELECT i, hash(i) AS h, 'text ' || hash(i) AS s FROM range(600000) AS r(i)"
        let segments = try bench.publish(query, options: .init(fileBytesMax: 6 << 20))
        #expect(segments.count > 2)
        #expect(segments.reduce(0) { $0 + $1.rows } == 600_000)
        #expect(try bench.difference(query, "SELECT * FROM lbx.public.t") == 0)
    }

    /// A wide row ends a row group early, and lists far longer than a vector go over in pieces.
    @Test func rowsThatAreLarge() throws {
        let bench = try Bench(threads: 1)
        let query = """
            SELECT i, i || repeat(chr(97 + (i % 26)::INTEGER), 300000) AS text, range(i % 7 * 1000) AS list FROM range(1000) AS r(i)
            """
        let segments = try bench.publish(query)
        #expect(segments[0].rowGroupCount > 1)
        #expect(try bench.difference(query, "SELECT * FROM lbx.public.t") == 0)
    }

    @Test func rowGroupsInMemory() throws {
        let bench = try Bench()
        let query = EveryType.query(rows: 3_000, seed: freshSeed())
        let columns = try bench.columns(of: query)
        let builder = try RowGroupBuilder(types: columns.map(\.type))
        var result = try bench.connection.query(query)
        while let batch = try result.next() {
            var done = 0
            while done < batch.rowCount { done += try builder.append(batch, from: done) }
        }
        let image = try #require(builder.seal())
        #expect(image.rows == 3_000)
        #expect(builder.rows == 0)
        try bench.publish([image.rowGroup()], columns)
        #expect(try bench.difference(query, "SELECT * FROM lbx.public.t") == 0)
    }

    @Test func typesThatCannotBeStoredAreNamed() throws {
        let error = #expect(throws: LeibrixError.self) { try RowGroupBuilder(types: [.list(.other("VARIANT"))]) }
        #expect(error?.code == .notSupported)
        #expect(error?.message.contains("VARIANT") == true)
    }

    @Test func aBatchOfAnotherShapeIsRefused() throws {
        let bench = try Bench()
        let builder = try RowGroupBuilder(types: [.varchar])
        var result = try bench.connection.query("SELECT 1")
        let next = try result.next()
        let batch = try #require(next)
        let error = #expect(throws: LeibrixError.self) { _ = try builder.append(batch) }
        #expect(error?.code == .typeMismatch)
    }
}
