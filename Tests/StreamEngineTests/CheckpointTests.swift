internal import Base
internal import Columnar
internal import Foundation
internal import Platform
@testable internal import StreamEngine
internal import Synchronization
internal import Testing

/// What survives a crash: the same rows out, whenever it happens.
@Suite struct CheckpointTests {
    private static let queries: [(String, StreamOptions)] = [
        ("SELECT k, count(*) AS n, max(name) AS last_name, min(v) AS low FROM named GROUP BY k", StreamOptions(emit: .changes)),
        ("SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w", StreamOptions()),
        ("SELECT k, window_start AS w, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, hop(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')", StreamOptions(emit: .onUpdate)),
        ("SELECT k, window_start AS w, window_end AS e, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, session(ts, INTERVAL '5 seconds')", StreamOptions()),
        ("SELECT k, count(DISTINCT v) AS d, count(*) AS n FROM numbers GROUP BY k", StreamOptions(emit: .final)),
        ("SELECT DISTINCT k FROM numbers", StreamOptions()),
    ]

    private static func folder() -> String {
        NSTemporaryDirectory() + "leibrix-stream-\(Random.integer(UInt64.self))"
    }

    private static func rows(_ seed: UInt64, named: Bool) -> [[Value]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<300).map { index in
            let key = Value.integer(Int64(generator.next() % 5))
            let value = generator.next() % 10 == 0 ? Value.null : .integer(Int64(generator.next() % 7))
            let text = "a name that is long enough to lie apart \(generator.next() % 9)"
            return named ? [key, .string(text), value] : [key, value, at(Int64(index / 4) + Int64(generator.next() % 4) * 3)]
        }
    }

    /// One life of an engine: made anew, restored, fed from where the source stood until `end` or a fault.
    private func live(
        _ query: Int, _ folder: String, _ rows: [[Value]], until end: Int, every checkpoint: Int, cores: Int = 1, fault: @escaping @Sendable (String) throws(LeibrixError) -> Void
    ) throws {
        let (sql, options) = Self.queries[query]
        let harness = try Harness(delaySeconds: 3, cores: cores)
        let source = sql.contains("named") ? "named" : "numbers"
        try harness.engine.createStream("out", try Queries.tree(sql), options)
        let sink = try FileSink(path: folder + "/out.jsonl", columns: try harness.engine.columns(of: "out"))
        try harness.engine.createSink("file", from: "out", sink)
        let store = try CheckpointStore(directory: folder + "/checkpoints", keep: 1, fault: fault)
        _ = try harness.engine.restore(store)
        let handle = try harness.engine.source(source)
        while handle.offset < end {
            let start = handle.offset
            try harness.push(source, Array(rows[start..<min(start + 7, end)]), batch: 7)
            if handle.offset % checkpoint < 7 { _ = try harness.engine.checkpoint(store) }
            #expect(harness.isConserved, "\(harness.engine.operators)")
        }
        if end == rows.count {
            harness.engine.finish()
            _ = try harness.engine.checkpoint(store)
        }
    }

    @Test(arguments: queries.indices, [1, 2, 3] as [UInt64])
    func writesEachRowOnce(_ query: Int, _ seed: UInt64) throws {
        let folder = Self.folder()
        try Files.createDirectory(folder + "/calm")
        try Files.createDirectory(folder + "/crashed")
        defer { try? Files.removeTree(folder) }
        let rows = Self.rows(seed, named: Self.queries[query].0.contains("named"))
        try live(query, folder + "/calm", rows, until: rows.count, every: 50) { (_: String) throws(LeibrixError) in }
        var generator = SeededGenerator(seed: seed &+ 77)
        var end = 0
        let steps = ["pre-commit", "part", "manifest", "commit"]
        while end < rows.count {
            end = min(end + Int(generator.next() % 90), rows.count)
            let step = steps[Int(generator.next() % 4)]
            // Each life has another number of cores.
            let cores = 1 + Int(generator.next() % 3)
            let crashes = end < rows.count && generator.next() % 2 == 0
            do {
                try live(query, folder + "/crashed", rows, until: end, every: 30, cores: cores) { (name: String) throws(LeibrixError) in
                    if crashes && name == step { throw LeibrixError(.io, "crash") }
                }
            } catch let error as LeibrixError where error.message == "crash" {}
        }
        // Rows of different keys that leave at one moment have no order among them.
        let calm = try lines(folder + "/calm/out.jsonl")
        let crashed = try lines(folder + "/crashed/out.jsonl")
        #expect(!calm.isEmpty)
        #expect(calm == crashed, "seed \(seed), query \(query): \(calm.count) and \(crashed.count) rows")
    }

    private func lines(_ path: String) throws -> [String] {
        String(decoding: try Files.read(path), as: UTF8.self).split(separator: "\n").map(String.init).sorted()
    }

    @Test func fallsBackToAnOlderCheckpoint() throws {
        let folder = Self.folder()
        defer { try? Files.removeTree(folder) }
        let store = try CheckpointStore(directory: folder)
        let harness = try Harness()
        try harness.stream("SELECT DISTINCT k FROM numbers")
        try harness.push("numbers", [[1, 1, at(0)]])
        let first = try harness.engine.checkpoint(store)
        try harness.push("numbers", [[2, 1, at(0)]])
        let second = try harness.engine.checkpoint(store)
        // One bit of the second's state.
        let path = folder + "/checkpoint-00000000000\(second)/out.0.0"
        var bytes = try Files.read(path)
        bytes[bytes.count / 2] ^= 4
        try Files.replace(path, with: bytes)
        let error = #expect(throws: LeibrixError.self) { try store.load(second) }
        #expect(error?.code == .streamCheckpointCorrupt)
        let again = try Harness()
        try again.stream("SELECT DISTINCT k FROM numbers")
        let restored = try again.engine.restore(store)
        #expect(restored == first)
        let offset = try again.engine.source("numbers").offset
        #expect(offset == 1)
    }

    @Test func keepsTheProducersPosition() throws {
        let folder = Self.folder()
        defer { try? Files.removeTree(folder) }
        let store = try CheckpointStore(directory: folder)
        let harness = try Harness()
        let handle = try harness.engine.source("numbers")
        #expect(handle.position == "")
        try handle.push(Batch.rows([[1, 1, at(0)]], Harness.numbers), position: "line 1")
        _ = try harness.engine.checkpoint(store)
        try handle.push(Batch.rows([[2, 1, at(0)]], Harness.numbers), position: "line 2")
        handle.pass(to: "line 3")
        #expect(handle.position == "line 3")
        let again = try Harness()
        _ = try again.engine.restore(store)
        #expect(try again.engine.source("numbers").position == "line 1")
    }

    @Test func writesOnlyWhatChanged() throws {
        let folder = Self.folder()
        defer { try? Files.removeTree(folder) }
        let store = try CheckpointStore(directory: folder)
        let harness = try Harness()
        try harness.stream("SELECT DISTINCT k FROM numbers")
        try harness.push("numbers", [[1, 1, at(0)]])
        _ = try harness.engine.checkpoint(store)
        let second = try harness.engine.checkpoint(store)
        let files = try Files.list(folder + "/checkpoint-00000000000\(second)").map(\.name)
        #expect(files == ["MANIFEST"])
        let parts = try store.load(second).parts
        #expect(parts.count == 5)
    }

    /// Of many keys only those around the ones that changed are written; what no longer needs half of its folder moves to the newest.
    @Test func writesSlicesThatChanged() throws {
        let folder = Self.folder()
        defer { try? Files.removeTree(folder) }
        let crashes = Atomic<Bool>(false)
        let store = try CheckpointStore(directory: folder, keep: 0) { (step: String) throws(LeibrixError) in
            if crashes.load(ordering: .relaxed) && step == "manifest" { throw LeibrixError(.io, "crash") }
        }
        let sql = "SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k"
        let keys = 40_000
        let push = { (harness: Harness, range: Range<Int>) throws in
            for start in stride(from: range.lowerBound, to: range.upperBound, by: 1_000) {
                try harness.push("numbers", (start..<min(start + 1_000, range.upperBound)).map { [.integer(Int64($0)), 1, at(0)] }, batch: 1_000)
            }
        }
        let harness = try Harness()
        try harness.engine.createStream("out", try Queries.tree(sql))
        try push(harness, 0..<keys)
        let bytes = { (number: Int) throws -> Int in try store.load(number).contents.written[number] ?? 0 }
        let first = try harness.engine.checkpoint(store)
        let whole = try bytes(first)
        try push(harness, 5..<6)
        let second = try harness.engine.checkpoint(store)
        #expect(try bytes(second) < whole / 2)
        // What changes before a checkpoint that fails is in the next.
        crashes.store(true, ordering: .relaxed)
        try push(harness, 36_000..<36_001)
        #expect(throws: LeibrixError.self) { try harness.engine.checkpoint(store) }
        crashes.store(false, ordering: .relaxed)
        let third = try harness.engine.checkpoint(store)
        #expect(try bytes(third) > whole / 2)
        for start in [0, 20_000, 36_000] {
            try push(harness, start..<start + 1)
            _ = try harness.engine.checkpoint(store)
        }
        #expect(try !store.numbers().contains(third), "a folder that is hardly needed stays")
        let restored = try Harness()
        try restored.stream(sql)
        _ = try restored.engine.restore(store)
        for key in [0, 1, 5, 20_000, 36_000, keys - 1] { try restored.push("numbers", [[.integer(Int64(key)), 1, at(0)]]) }
        let counts = restored.out.map { $0.values[1] }
        #expect(counts == [3, 2, 3, 3, 4, 2])
    }

    @Test func refusesStateOfAnotherQuery() throws {
        let folder = Self.folder()
        defer { try? Files.removeTree(folder) }
        let store = try CheckpointStore(directory: folder)
        let harness = try Harness()
        try harness.stream("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k")
        try harness.push("numbers", [[1, 1, at(0)]])
        _ = try harness.engine.checkpoint(store)
        let other = try Harness()
        try other.stream("SELECT DISTINCT k FROM numbers")
        #expect(throws: LeibrixError.self) { try other.engine.restore(store) }
    }

    /// Checkpoints that earlier versions wrote (Fixtures/checkpoint-N; LEIBRIX_UPDATE=1 writes one of the version at hand).
    @Test(arguments: 1...CheckpointStore.version) func readsAnOldCheckpoint(_ version: Int) throws {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/checkpoint-\(version)").path
        let sql = [
            "SELECT k, count(*) AS n, max(name) AS last_name, min(v) AS low FROM named GROUP BY k",
            "SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w",
            "SELECT k, window_start AS w, window_end AS e, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, session(ts, INTERVAL '5 seconds')",
        ]
        let make = { () throws in
            let harness = try Harness(delaySeconds: 3)
            for (index, text) in sql.enumerated() { try harness.stream(text, "s\(index)", StreamOptions(emit: index == 0 ? .changes : nil)) }
            return harness
        }
        let rows = { (named: Bool) in Self.rows(11, named: named) }
        let whole = try make()
        if ProcessInfo.processInfo.environment["LEIBRIX_UPDATE"] != nil && version == CheckpointStore.version {
            try Files.removeTree(fixture)
            try whole.push("numbers", Array(rows(false)[..<150]), batch: 10)
            try whole.push("named", Array(rows(true)[..<150]), batch: 10)
            _ = try whole.engine.checkpoint(try CheckpointStore(directory: fixture))
            return
        }
        let restored = try make()
        let number = try restored.engine.restore(try CheckpointStore(directory: fixture))
        #expect(number == 1)
        #expect(try restored.engine.source("numbers").offset == 150)
        for (source, named) in [("numbers", false), ("named", true)] {
            try whole.push(source, rows(named), batch: 10)
            try restored.push(source, Array(rows(named)[150...]), batch: 10)
        }
        for harness in [whole, restored] { harness.engine.finish() }
        for index in sql.indices {
            let (all, rest) = (whole.rows["s\(index)"]!, restored.rows["s\(index)"]!)
            #expect(!rest.isEmpty && Array(all.suffix(rest.count)) == rest, "stream \(index)")
        }
    }

    /// Rows go on while a checkpoint is written: it has the state of one place in their order, not of later ones.
    @Test(arguments: [0, 1, 2]) func capturesOneMoment(_ query: Int) throws {
        let (sql, options) = [
            ("SELECT name, count(*) AS n, max(k) AS high, sum(v) AS total, count(DISTINCT v) AS d FROM named GROUP BY name", StreamOptions()),
            ("SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w", StreamOptions()),
            ("SELECT k, count(*) AS n, min(v) AS low, max(v) AS high, count(DISTINCT v) AS d FROM numbers GROUP BY k", StreamOptions(emit: .changes)),
        ][query]
        let source = query == 0 ? "named" : "numbers"
        let row = { (number: Int) -> [Value] in
            query == 0
                ? [.integer(Int64(number % 91)), .string("a name that is longer than twelve \(number * 7 % 3_001)"), .integer(Int64(number % 13))]
                : [.integer(Int64(number * 7 % 3_001)), .integer(Int64(number * 31 % 1_009)), at(Int64(number / 2_000))]
        }
        let rows = (0..<24_000).map(row)
        let folder = Self.folder()
        defer { try? Files.removeTree(folder) }
        let store = try CheckpointStore(directory: folder, keep: 100)
        let harness = try Harness(cores: 1)
        try harness.engine.createStream("out", try Queries.tree(sql), options)
        let handle = try harness.engine.source(source)
        let fields = try harness.engine.columns(of: source)
        let batches = stride(from: 0, to: rows.count, by: 60).map { Batch.rows(Array(rows[$0..<$0 + 60]), fields) }
        let done = Doorbell()
        Thread.detachNewThread {
            for batch in batches { do { try handle.push(batch) } catch { Issue.record(error) } }
            done.ring()
        }
        var numbers: [Int] = []
        while numbers.count < 6 { numbers.append(try harness.engine.checkpoint(store)) }
        _ = done.wait()
        var offsets: Set<Int> = []
        for number in numbers {
            let restored = try Harness()
            try restored.stream(sql, "out", options)
            _ = try restored.engine.restore(store, number: number)
            let offset = try restored.engine.source(source).offset
            offsets.insert(offset)
            let whole = try Harness()
            try whole.stream(sql, "out", options)
            try whole.push(source, Array(rows[..<offset]), batch: 1_000)
            let before = whole.out.count
            let rest = Array(rows[offset..<min(offset + 3_500, rows.count)])
            for harness in [restored, whole] {
                try harness.push(source, rest, batch: 500)
                harness.engine.finish()
            }
            // Groups that leave at one moment have no order among them.
            let expected = whole.out.dropFirst(before).map(\.description).sorted()
            #expect(restored.out.map(\.description).sorted() == expected, "checkpoint \(number) at row \(offset)")
        }
        #expect(harness.isConserved && !offsets.isEmpty)
    }
}
