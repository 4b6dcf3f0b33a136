import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Platform
import Testing

/// Content that is verified by the scans that first read it.
@Suite struct FirstReadTests {
    private static let query = "SELECT i, hash(i)::VARCHAR AS s, i % 7 AS d FROM range(300000) AS r(i)"

    /// A published segment of three row groups, with one byte flipped in the middle of a chunk.
    private static func damaged(group: Int, column: Int) throws -> (bench: Bench, segment: MappedSegment) {
        // One thread, so that the rows keep their order.
        let bench = try Bench(threads: 1)
        let summary = try bench.write(query)[0]
        var bytes = try Files.read(summary.path)
        let node = try SegmentFile.map(summary.path).placed[group]
        let span = node.node.columns[column].span
        bytes[node.offset + span.offset + span.length / 2] ^= 4
        let path = bench.scratch.path + "/damaged.segment"
        let file = try File(path, .createNew)
        try unsafe file.write(bytes.span.bytes, at: 0)
        let segment = try SegmentFile.map(path)
        try bench.publish(try segment.rowGroups(for: segment.columns), segment.columns)
        return (bench, segment)
    }

    @Test func soundContentIsReadAndThenKnown() throws {
        let bench = try Bench()
        let segment = try SegmentFile.map(try bench.write(Self.query)[0].path)
        try bench.publish(try segment.rowGroups(for: segment.columns), segment.columns)
        #expect(!segment.isVerified)
        #expect(try bench.difference("FROM lbx.t", Self.query) == 0)
        try segment.verify()
        #expect(segment.isVerified)
        #expect(try bench.difference("FROM lbx.t", Self.query) == 0)
    }

    @Test(arguments: [0, 1, 2]) func damageEndsTheStatementThatMeetsIt(column: Int) throws {
        let (bench, segment) = try Self.damaged(group: 1, column: column)
        let name = segment.columns[column].name
        // Rows of the first group only: the zone map of `i` leaves the damaged group out.
        #expect(try bench.connection.rows("SELECT count(\(name)) FROM lbx.t WHERE i < 1000") == [[1_000]])
        let error = #expect(throws: LeibrixError.self) { try bench.connection.rows("SELECT max(\(name)), min(i + 1) FROM lbx.t WHERE \(name) IS NOT NULL AND hash(\(name)) > 0") }
        #expect(error?.code == .corruptSegment)
        #expect(error?.message.contains("damaged.segment") == true)
        #expect(throws: LeibrixError.self) { try segment.verify() }
        #expect(!segment.isVerified)
    }

    /// What was sound when it was read is not read any more once another chunk was found damaged.
    @Test func aDamagedFileAnswersNothingMore() throws {
        let (bench, _) = try Self.damaged(group: 2, column: 1)
        let sound = "SELECT sum(hash(i)) FROM lbx.t"
        _ = try bench.connection.rows(sound)
        #expect(throws: LeibrixError.self) { try bench.connection.rows("SELECT max(s) FROM lbx.t WHERE length(s) > 0") }
        let error = #expect(throws: LeibrixError.self) { try bench.connection.rows(sound) }
        #expect(error?.code == .corruptSegment)
    }
}
