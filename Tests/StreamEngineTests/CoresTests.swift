internal import Base
internal import Columnar
internal import Foundation
internal import Platform
internal import SQLPlanning
@testable internal import StreamEngine
internal import Testing

/// Streams over several cores: each key's rows are those of one core, in the same order, whatever number of cores, and a checkpoint between.
@Suite struct CoresTests {
    private static let changes = [
        "SELECT a.k, a.v, b.v AS other FROM a LEFT JOIN b ON a.k = b.k AND a.v < b.v",
        "SELECT k, v FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC) <= 2",
        "SELECT k, count(*) AS n, min(v) AS low, max(v) AS high, count(DISTINCT v) AS d FROM a GROUP BY k",
    ]
    private static let queries: [(sql: String, isOfChanges: Bool)] =
        JoinTests.queries.map { ($0, false) } + changes.map { ($0, true) } + [
            ("SELECT k, v, ts FROM numbers QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC) <= 2", false),
            ("SELECT k, count(*) AS n, sum(v) AS total FROM (SELECT k, v, ts FROM numbers UNION ALL SELECT k, v, ts FROM others) AS u GROUP BY k", false),
            ("SELECT a.k, tumble(a.ts, INTERVAL '10 seconds') AS w, count(*) AS n, sum(b.v) AS total FROM numbers a JOIN others b ON a.k = b.k AND b.ts BETWEEN a.ts - INTERVAL '3 seconds' AND a.ts + INTERVAL '5 seconds' GROUP BY a.k, w", false),
        ]

    /// Batches of either side in turn, some large, some of a row.
    private static func batches(_ seed: UInt64) -> [(isLeft: Bool, rows: [[Value]], weights: [Int8])] {
        var generator = SeededGenerator(seed: seed)
        var time: Int64 = 0
        var held: [Bool: [[Value]]] = [true: [], false: []]
        return (0..<24).map { number in
            let isLeft = number % 2 == 0
            let count = generator.next() % 3 == 0 ? 1 : 40 + Int(generator.next() % 200)
            var rows: [[Value]] = []
            var weights: [Int8] = []
            for _ in 0..<count {
                time += Int64(generator.next() % 2)
                if generator.next() % 3 == 0, let old = held[isLeft]!.popLast() {
                    rows.append(old)
                    weights.append(-1)
                    continue
                }
                let row: [Value] = [generator.next() % 15 == 0 ? .null : .integer(Int64(generator.next() % 23)), .integer(Int64(generator.next() % 9)), .integer(time * 30_000)]
                rows.append(row)
                weights.append(1)
                held[isLeft]!.append(row)
            }
            return (isLeft, rows, weights)
        }
    }

    private final class Out {
        var rows: [Value: [String]] = [:]
    }

    private func make(_ number: Int, _ cores: Int, _ out: Out) throws -> StreamEngine {
        let (sql, isOfChanges) = Self.queries[number]
        let engine = StreamEngine(clock: Clock(monotonicNanos: { 0 }, wallMicros: { 0 }), cores: cores)
        for name in isOfChanges ? ["a", "b"] : ["numbers", "others"] {
            let columns = isOfChanges ? Array(Harness.numbers[..<2]) : Harness.numbers
            var definition = SourceDefinition(name, columns, eventTime: isOfChanges ? nil : .init("ts", delayMicros: 6_000_000))
            definition.isChanges = isOfChanges
            try engine.createSource(definition)
        }
        let query = try Queries.tree(sql)
        if (try? engine.createStream("out", query, StreamOptions(emit: .changes))) == nil { try engine.createStream("out", query) }
        _ = try engine.subscribe("out") { chunk in
            for row in 0..<chunk.count {
                let values = (0..<chunk.columnCount).map { chunk.value($0, row) }
                out.rows[values[0], default: []].append("\(chunk.weight(row)) \(values)")
            }
        }
        return engine
    }

    private func run(_ number: Int, _ seed: UInt64, cores: [Int]) throws -> [Value: [String]] {
        let folder = NSTemporaryDirectory() + "leibrix-cores-\(Random.integer(UInt64.self))"
        defer { try? Files.removeTree(folder) }
        let out = Out()
        let isOfChanges = Self.queries[number].isOfChanges
        let names = isOfChanges ? ["a", "b"] : ["numbers", "others"]
        let fields = isOfChanges ? Array(Harness.numbers[..<2]) : Harness.numbers
        let batches = Self.batches(seed)
        var engine = try make(number, cores[0], out)
        for (index, batch) in batches.enumerated() {
            if index > 0, index % 8 == 0, cores.count > 1 {
                let store = try CheckpointStore(directory: folder)
                _ = try engine.checkpoint(store)
                engine = try make(number, cores[index / 8 % cores.count], out)
                _ = try engine.restore(store)
            }
            let rows = Batch.rows(batch.rows.map { Array($0[..<fields.count]) }, fields)
            try engine.source(batch.isLeft ? names[0] : names[1]).push(rows, weights: isOfChanges ? batch.weights : nil)
            let isConserved = engine.operators.allSatisfy(\.isConserved)
            #expect(isConserved, "\(engine.operators)")
        }
        engine.finish()
        return out.rows
    }

    @Test(arguments: queries.indices) func coresDoNotMatter(_ number: Int) throws {
        for seed in 0..<UInt64(ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 1 : 200) {
            let one = try run(number, seed, cores: [1])
            #expect(one.values.reduce(0) { $0 + $1.count } > 10)
            for cores in [[2], [3], [4], [2, 1, 3], [3, 2]] {
                let several = try run(number, seed, cores: cores)
                // What waits for partners of a NULL key's has no order among itself that a key would give it.
                let isSame = several.mapValues { $0.sorted() } == one.mapValues { $0.sorted() }
                #expect(isSame, "seed \(seed), cores \(cores): \(Self.queries[number].sql)")
                if cores.count == 1 && !Self.queries[number].sql.contains("FULL") { #expect(several == one, "seed \(seed), cores \(cores): \(Self.queries[number].sql)") }
            }
        }
    }

    /// All of them are spread.
    @Test(arguments: queries.indices) func isSpread(_ number: Int) throws {
        let engine = try make(number, 1, Out())
        #expect(try engine.explain(try Queries.tree(Self.queries[number].sql)).isPartitioned)
    }
}
