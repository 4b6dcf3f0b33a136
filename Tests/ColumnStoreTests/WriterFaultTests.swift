import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Glibc
import Platform
import Synchronization
import Testing

/// What is left when writing does not go well: an error that says so, and no file.
@Suite struct WriterFaultTests {
    static let query = "SELECT i, hash(i) AS h, 'text ' || hash(i) AS s FROM range(400000) AS r(i)"

    private func expectNothing(in directory: String) throws {
        #expect(try Files.list(directory).isEmpty)
    }

    @Test func aLoadAboveItsBudgetIsRefused() throws {
        let bench = try Bench()
        let error = #expect(throws: LeibrixError.self) { try bench.write(Self.query, options: .init(bytesMax: 8 << 20)) }
        #expect(error?.code == .memoryBudget)
        try expectNothing(in: bench.scratch.path)
    }

    @Test func theCallersBudgetIsAskedForEveryRowGroup() throws {
        let bench = try Bench()
        let granted = Mutex(0)
        let options = SegmentWriterOptions { bytes throws(LeibrixError) in
            let sum = granted.withLock { $0 += bytes; return $0 }
            if sum > 8 << 20 { throw LeibrixError(.memoryBudget, "tenant acme has no room") }
        }
        let error = #expect(throws: LeibrixError.self) { try bench.write(Self.query, options: options) }
        #expect(error?.message == "tenant acme has no room")
        try expectNothing(in: bench.scratch.path)
    }

    @Test func aWriterThatGoesLeavesNothing() throws {
        let bench = try Bench()
        var writer: SegmentWriter? = try SegmentWriter(
            directory: bench.scratch.path, name: "t", columns: try bench.columns(of: Self.query))
        try bench.connection.copy(Self.query, into: try #require(writer))
        #expect(writer?.progress.rows == 400_000)
        #expect((writer?.progress.bytes ?? 0) > 1 << 20)
        #expect(try Files.list(bench.scratch.path).map(\.name) == ["t-0.segment.unfinished"])
        writer = nil
        try expectNothing(in: bench.scratch.path)
    }

    @Test func anAbandonedWriterTakesNoMore() throws {
        let bench = try Bench()
        let writer = try SegmentWriter(directory: bench.scratch.path, name: "t", columns: try bench.columns(of: Self.query))
        writer.abandon()
        #expect(throws: LeibrixError.self) { try bench.connection.copy(Self.query, into: writer) }
        #expect(throws: LeibrixError.self) { try writer.finish() }
        try expectNothing(in: bench.scratch.path)
    }

    @Test func aFailingQueryLeavesNothing() throws {
        let bench = try Bench()
        let query = "SELECT i, CASE WHEN i = 399999 THEN error('late') ELSE 'x' END AS s FROM range(400000) AS r(i)"
        let error = #expect(throws: LeibrixError.self) { try bench.write(query) }
        #expect(error?.message.contains("late") == true)
        try expectNothing(in: bench.scratch.path)
    }

    /// Killed after the footer and before the rename: complete, but without its name.
    @Test func anUnfinishedFileIsNoSegment() throws {
        let bench = try Bench()
        let columns = [RelationColumn("n", .bigInt)]
        let path = bench.scratch.path + "/t-0.segment"
        let open = try OpenSegment(path: path, columnCount: 1)
        let temporary = path + SegmentFile.temporarySuffix
        #expect(throws: LeibrixError.self) { try SegmentFile.map(temporary) }
        _ = try open.complete(columns: columns, metadata: [:])
        #expect(!Files.exists(path))
        try SegmentFile.removeUnfinished(in: bench.scratch.path)
        try expectNothing(in: bench.scratch.path)
    }

    @Test(.enabled(if: geteuid() == 0, "mounting needs root"))
    func aFullDiskIsSaid() throws {
        let bench = try Bench()
        let point = bench.scratch.path + "/full"
        try Files.createDirectory(point)
        try #require(unsafe mount("tmpfs", point, "tmpfs", 0, "size=4m") == 0)
        defer { _ = unsafe umount(point) }
        let writer = try SegmentWriter(directory: point, name: "t", columns: try bench.columns(of: Self.query))
        let error = #expect(throws: LeibrixError.self) {
            try bench.connection.copy(Self.query, into: writer)
            _ = try writer.finish()
        }
        #expect(error?.code == .diskFull)
        writer.abandon()
        #expect(try Files.list(point).isEmpty)
    }
}
