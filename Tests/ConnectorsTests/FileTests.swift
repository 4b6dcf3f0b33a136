internal import Base
internal import Catalog
internal import Columnar
@testable internal import Connectors
internal import Platform
@testable internal import StreamEngine
internal import Testing

/// Files in, files out: every record once, whatever happens in between.
@Suite struct FileTests {
    private func source(_ path: String, _ format: String? = nil, _ options: [SpecOption] = []) -> ConnectorSpec {
        ConnectorSpec(name: "numbers", kind: "FILES", options: [SpecOption("path", .string(path))] + options, format: format, columns: fields)
    }

    private func record(_ k: Int, _ v: Int, csv: Bool = false) -> String {
        let time = "2026-01-01 00:00:\(padded(k % 60, 2))"
        return csv ? "\(k),\(v),\(time)\n" : "{\"k\":\(k),\"v\":\(v),\"ts\":\"\(time)\"}\n"
    }

    @Test func followsAFolder() throws {
        let folder = try folder("follow")
        defer { try? Files.removeTree(folder) }
        try Files.createDirectory(folder + "/in")
        let life = try Life(folder, source: source(folder + "/in"), sink: [SpecOption("path", .string(folder + "/out.jsonl"))])
        #expect(life.runner.step() == .wait(milliseconds: 200))
        try append(folder + "/in/a.jsonl", record(1, 10) + record(2, 3))
        try append(folder + "/in/.hidden.jsonl", record(99, 10))
        life.run()
        try append(folder + "/in/a.jsonl", record(3, 30) + "{\"k\":4,\"v\":40")
        try append(folder + "/in/b.jsonl", record(5, 50))
        life.run()
        #expect(life.runner.statistics.rows == 4)
        try append(folder + "/in/a.jsonl", ",\"ts\":\"2026-01-01\"}\n")
        life.run()
        #expect(life.runner.statistics.rows == 5)
        #expect(life.runner.statistics.state == .idle)
        // Nothing is shown before a checkpoint, everything after it.
        #expect(try lines(folder + "/out.jsonl") == [])
        _ = try life.engine.checkpoint(life.store)
        #expect(try lines(folder + "/out.jsonl") == ["{\"k\":1,\"w\":11}", "{\"k\":3,\"w\":31}", "{\"k\":5,\"w\":51}", "{\"k\":4,\"w\":41}"])
    }

    @Test func namesAreMatched() throws {
        let folder = try folder("glob")
        defer { try? Files.removeTree(folder) }
        for name in ["a/x1.jsonl", "a/x2.jsonl", "b/x3.jsonl", "b/y1.jsonl", "b/x10.jsonl"] {
            try Files.createDirectory(folder + "/" + name.prefix(1))
            try append(folder + "/" + name, record(1, 1))
        }
        func found(_ pattern: String) throws -> [String] { try FileSet(folder + "/" + pattern).list().map { String($0.path.dropFirst(folder.count + 1)) } }
        #expect(try found("*/x?.jsonl") == ["a/x1.jsonl", "a/x2.jsonl", "b/x3.jsonl"])
        #expect(try found("b/[!y]*.jsonl") == ["b/x10.jsonl", "b/x3.jsonl"])
        #expect(try found("[a-b]/x[13]*") == ["a/x1.jsonl", "b/x10.jsonl", "b/x3.jsonl"])
        #expect(try found("b") == ["b/x10.jsonl", "b/x3.jsonl", "b/y1.jsonl"])
        #expect(try found("none/*") == [])
        #expect(FileSet.matches(Array("*a*a*a*a*b".unicodeScalars)[...], Array(repeating: "a", count: 400)[...]) == false)
    }

    @Test func endsWhenItDoesNotFollow() throws {
        let folder = try folder("end")
        defer { try? Files.removeTree(folder) }
        try append(folder + "/in.csv", "k,v,ts\n" + record(1, 10, csv: true) + record(2, 20, csv: true).dropLast())
        let sql = "SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w"
        let life = try Life(folder, source: source(folder + "/in.csv", "csv", [SpecOption("follow", false)]), sink: [SpecOption("path", .string(folder + "/out.csv"))], sql: sql)
        life.run()
        #expect(life.runner.statistics.state == .ended)
        _ = try life.engine.checkpoint(life.store)
        // The end of the input closes the windows.
        #expect(try lines(folder + "/out.csv").sorted() == [
            "1,2026-01-01 00:00:00,1,10,10,10", "2,2026-01-01 00:00:00,1,20,20,20", "k,w,n,total,low,high",
        ])
    }

    @Test func aFileThatShrinksStopsTheSource() throws {
        let folder = try folder("shrink")
        defer { try? Files.removeTree(folder) }
        try append(folder + "/in.jsonl", record(1, 10) + record(2, 20))
        let life = try Life(folder, source: source(folder + "/in.jsonl"), sink: [SpecOption("path", .string(folder + "/out.jsonl"))])
        life.run()
        try Files.replace(folder + "/in.jsonl", with: Array(record(3, 30).utf8))
        #expect(life.runner.step() == .done)
        #expect(life.runner.statistics.state == .failed)
        #expect(life.runner.statistics.lastError?.code == .streamSourceFailed)
    }

    @Test func badRecordsAreBuriedOnce() throws {
        let folder = try folder("bad")
        defer { try? Files.removeTree(folder) }
        try append(folder + "/in.jsonl", record(1, 10) + "nonsense\n" + record(2, 20))
        let spec = source(folder + "/in.jsonl")
        let sink = [SpecOption("path", .string(folder + "/out.jsonl"))]
        var life = try Life(folder, source: spec, sink: sink)
        life.run()
        _ = try life.engine.checkpoint(life.store)
        #expect(life.runner.statistics.badRecords == 1)
        // Two that no checkpoint covers come again in the next life, and stand once.
        try append(folder + "/in.jsonl", "{\"k\":\"x\"}\n{\"k\":7,\"v\":70}\n{")
        life.run()
        #expect(life.runner.statistics.badRecords == 2)
        life = try Life(folder, source: spec, sink: sink, isNew: false)
        try append(folder + "/in.jsonl", "\n")
        life.run()
        _ = try life.engine.checkpoint(life.store)
        #expect(life.runner.statistics.badRecords == 3)
        let bad = try lines(folder + "/bad/numbers.jsonl").map { try JSON.parse($0) }
        #expect(bad.map { $0["raw"]?.string } == ["nonsense", "{\"k\":\"x\"}", "{"])
        #expect(bad[0]["place"]?.string == folder + "/in.jsonl byte \(record(1, 10).utf8.count)")
        #expect(bad[1]["reason"]?.string == "column \"k\" is BIGINT, which \"x\" is not")
        #expect(try lines(folder + "/out.jsonl").count == 3)
    }

    @Test func tooManyBadRecordsStopTheSource() throws {
        let folder = try folder("toobad")
        defer { try? Files.removeTree(folder) }
        try append(folder + "/in.jsonl", record(1, 10) + "x\ny\nz\n")
        let spec = source(folder + "/in.jsonl", nil, [SpecOption("bad_records_max", 2)])
        let life = try Life(folder, source: spec, sink: [SpecOption("path", .string(folder + "/out.jsonl"))])
        life.run()
        #expect(life.runner.statistics.state == .failed)
        #expect(life.runner.statistics.lastError?.hint == "Mend the records, or raise bad_records_max.")
    }

    /// The lines of all files below a path, sorted: a file's own order depends on when checkpoints were.
    private func everything(_ path: String) throws -> [String] {
        if Files.status(path)?.isDirectory != true { return try lines(path).sorted() }
        return try Files.list(path).filter { !$0.name.hasPrefix(".") }.flatMap { try lines(path + "/" + $0.name) }.sorted()
    }

    /// A run of lives over growing files, and what they have to give.
    private final class Run {
        let folder: String
        let shape: String
        let isCSV: Bool
        var generator: SeededGenerator
        var expected: [String]
        var written = 0
        var bad = 0

        init(_ folder: String, _ shape: String, _ seed: UInt64) {
            self.folder = folder
            self.shape = shape
            isCSV = shape.hasSuffix("csv")
            generator = SeededGenerator(seed: seed)
            expected = isCSV ? ["k,w"] : []
        }

        func below(_ bound: UInt64) -> Int { Int(generator.next() % bound) }
        var format: String { isCSV ? "csv" : "json" }
        var out: String { folder + (shape.hasPrefix("folder") ? "/out" : "/out.txt") }
        var sink: [SpecOption] {
            [SpecOption("path", .string(out))] + (shape.hasPrefix("live") ? [SpecOption("delivery", "live")] : [])
        }
    }

    private func grow(_ run: Run) throws {
        let file = run.folder + "/in/\(run.below(3)).txt"
        if run.isCSV && !Files.exists(file) { try append(file, "k,v,ts\n") }
        for _ in 0..<run.below(30) {
            if run.below(11) == 0 {
                try append(file, "x,\n")
                run.bad += 1
                continue
            }
            let k = run.written
            try append(file, record(k, k + 10, csv: run.isCSV))
            run.expected.append(run.isCSV ? "\(k),\(k + 11)" : "{\"k\":\(k),\"w\":\(k + 11)}")
            run.written += 1
        }
    }

    /// Whether the life goes on.
    private func checkpoint(_ life: Life) throws -> Bool {
        do {
            _ = try life.engine.checkpoint(life.store)
            return true
        } catch {
            if error.message == "crash" { return false }
            throw error
        }
    }

    private func live(_ run: Run, isNew: Bool, isLast: Bool) throws {
        let step = ["pre-commit", "part", "manifest", "commit"][run.below(4)]
        let crashes = !isLast && run.below(3) > 0
        let spec = source(run.folder + "/in", run.format, [SpecOption("batch_rows", 7)])
        let life = try Life(run.folder, source: spec, sink: run.sink, format: run.format, isNew: isNew) { (name: String) throws(LeibrixError) in
            if crashes && name == step { throw LeibrixError(.io, "crash") }
        }
        for _ in 0..<3 {
            try grow(run)
            if run.below(2) == 0 { life.run() } else { life.run(run.below(4)) }
            if run.below(2) == 0, try !checkpoint(life) { return }
        }
        guard isLast else { return }
        life.run()
        _ = try life.engine.checkpoint(life.store)
    }

    @Test(arguments: ["one json", "one csv", "folder json", "live json"], [1, 2, 3, 4] as [UInt64])
    func writesEachRowOnceOverCrashes(_ shape: String, _ seed: UInt64) throws {
        let folder = try folder("crash")
        defer { try? Files.removeTree(folder) }
        let run = Run(folder, shape, seed)
        try Files.createDirectory(folder + "/in")
        if shape.hasPrefix("folder") { try Files.createDirectory(run.out) }
        for round in 0..<12 { try live(run, isNew: round == 0, isLast: round == 11) }
        #expect(try everything(run.out) == run.expected.sorted(), "seed \(seed)")
        #expect(try lines(folder + "/bad/numbers.jsonl").count == run.bad, "seed \(seed)")
    }
}
