internal import Base
internal import Columnar
internal import Foundation
internal import Platform
@testable internal import StreamEngine
internal import Synchronization
internal import Testing

/// Pushes of durable sources survive from the moment they return, checkpoints or not.
@Suite struct LogTests {
    private static func folder() -> String { NSTemporaryDirectory() + "leibrix-stream-log-\(Random.integer(UInt64.self))" }

    /// One life: made anew, restored, its log open.
    private final class Life {
        let engine: StreamEngine
        let store: CheckpointStore
        let replayed: Int
        let restored: Int?
        let numbers: SourceHandle

        init(_ folder: String, identity: Int = 1, keep: Int = 2) throws {
            engine = StreamEngine()
            var numbers = SourceDefinition("numbers", Harness.numbers, eventTime: .init("ts"))
            numbers.isDurable = true
            numbers.identity = identity
            try engine.createSource(numbers)
            var others = SourceDefinition("others", Harness.numbers, eventTime: .init("ts"))
            others.isDurable = true
            try engine.createSource(others)
            try engine.createStream("out", try Queries.tree("SELECT k, ts, v FROM numbers WHERE v < 3 UNION ALL SELECT k, ts, v FROM others"))
            try engine.createSink("file", from: "out", try FileSink(path: folder + "/out.jsonl", columns: try engine.columns(of: "out")))
            store = try CheckpointStore(directory: folder + "/checkpoints", keep: keep)
            restored = try engine.restore(store)
            replayed = try engine.openLog(directory: folder + "/log")
            self.numbers = try engine.source("numbers")
        }

        /// As a crash: nothing is written any more.
        func end() { engine.closeLog() }
    }

    private func batch(_ rows: Range<Int>) -> Batch {
        Batch.rows(rows.map { [.integer(Int64($0)), $0 % 5 == 0 ? .null : 1, at(Int64($0))] }, Harness.numbers)
    }

    private func lines(_ folder: String) throws -> [String] {
        String(decoding: try Files.read(folder + "/out.jsonl"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func replaysWhatNoCheckpointHas() throws {
        let folder = Self.folder()
        try Files.createDirectory(folder)
        defer { try? Files.removeTree(folder) }
        let first = try Life(folder)
        #expect(first.restored == nil && first.replayed == 0)
        try first.numbers.push(batch(0..<10), position: "ten")
        _ = try first.engine.checkpoint(first.store)
        try first.numbers.push(batch(10..<20))
        try first.engine.source("others").push(batch(100..<105))
        try first.numbers.push(batch(20..<25), position: "twenty-five")
        first.end()
        let second = try Life(folder)
        #expect(second.restored == 1 && second.replayed == 20)
        #expect(second.numbers.offset == 25 && second.numbers.position == "twenty-five")
        try second.numbers.push(batch(25..<26))
        _ = try second.engine.checkpoint(second.store)
        second.end()
        let third = try Life(folder)
        #expect(third.replayed == 0 && third.numbers.offset == 26)
        third.end()
        // Each row once, in order: numbers whose v is not NULL, and all others.
        let lines = try lines(folder)
        #expect(lines.count == 26 - 6 + 5)
        #expect(Set(lines).count == lines.count)
    }

    /// Any sequence of pushes, checkpoints and crashes leaves what one life without crashes leaves.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func crashesDoNotShow(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let calm = Self.folder()
        let crashed = Self.folder()
        for folder in [calm, crashed] { try Files.createDirectory(folder) }
        defer { for folder in [calm, crashed] { try? Files.removeTree(folder) } }
        let steady = try Life(calm)
        var life = try Life(crashed, keep: Int(generator.next() % 3))
        var row = 0
        for _ in 0..<60 {
            switch generator.next() % 8 {
            case 0:
                life.end()
                life = try Life(crashed, keep: Int(generator.next() % 3))
            case 1: _ = try life.engine.checkpoint(life.store)
            default:
                let count = 1 + Int(generator.next() % 40)
                let name = generator.next() % 3 == 0 ? "others" : "numbers"
                try steady.engine.source(name).push(batch(row..<row + count))
                try life.engine.source(name).push(batch(row..<row + count))
                row += count
            }
        }
        for life in [steady, life] {
            _ = try life.engine.checkpoint(life.store)
            life.end()
        }
        #expect(try lines(calm) == lines(crashed), "seed \(seed)")
    }

    /// A damaged newest checkpoint: the older one, and the log from there.
    @Test func fallsBackWithTheLog() throws {
        let folder = Self.folder()
        try Files.createDirectory(folder)
        defer { try? Files.removeTree(folder) }
        let first = try Life(folder)
        try first.numbers.push(batch(0..<10))
        _ = try first.engine.checkpoint(first.store)
        try first.numbers.push(batch(10..<20))
        let newest = try first.engine.checkpoint(first.store)
        try first.numbers.push(batch(20..<30))
        first.end()
        let path = folder + "/checkpoints/checkpoint-00000000000\(newest)/source.numbers"
        var bytes = try Files.read(path)
        bytes[0] ^= 1
        try Files.replace(path, with: bytes)
        let second = try Life(folder)
        #expect(second.restored == newest - 1 && second.replayed == 20)
        let count = try lines(folder).count
        second.end()
        #expect(second.numbers.offset == 30)
        #expect(count <= 24)
        let third = try Life(folder)
        _ = try third.engine.checkpoint(third.store)
        third.end()
        let rows = try lines(folder)
        #expect(rows.count == 24 && Set(rows).count == 24)
    }

    @Test func passesOverRowsOfAnotherDefinition() throws {
        let folder = Self.folder()
        try Files.createDirectory(folder)
        defer { try? Files.removeTree(folder) }
        let first = try Life(folder)
        try first.numbers.push(batch(0..<10))
        first.end()
        let second = try Life(folder, identity: 2)
        #expect(second.replayed == 0 && second.numbers.offset == 0)
        second.end()
    }

    @Test func refusesWithoutALog() throws {
        let engine = StreamEngine()
        var definition = SourceDefinition("numbers", Harness.numbers)
        definition.isDurable = true
        try engine.createSource(definition)
        let source = try engine.source("numbers")
        let error = #expect(throws: LeibrixError.self) { try source.push(batch(0..<1)) }
        #expect(error?.code == .streamConfiguration)
        #expect(throws: LeibrixError.self) { try source.pushRow { $0.set(0, Int64(1)) } }
    }

    /// Producers side by side share syncs, and rows are worked on in the log's order.
    @Test func commitsInGroups() throws {
        let folder = Self.folder()
        try Files.createDirectory(folder)
        defer { try? Files.removeTree(folder) }
        let life = try Life(folder)
        let left = Atomic<Int>(4)
        let done = Doorbell()
        let batch = batch(0..<7)
        for _ in 0..<4 {
            let source = life.numbers
            Thread.detachNewThread {
                for _ in 0..<25 { do { try source.push(batch) } catch { Issue.record(error) } }
                if left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done.ring() }
            }
        }
        _ = done.wait()
        #expect(life.numbers.offset == 700)
        life.end()
        let again = try Life(folder)
        #expect(again.replayed == 700)
        again.end()
    }
}
