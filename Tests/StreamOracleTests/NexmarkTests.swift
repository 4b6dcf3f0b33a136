internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Nexmark
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Testing

/// Nexmark: each query as a stream against DuckDB's answer over the same rows.
@Suite struct NexmarkTests {
    /// The side table of q13.
    private final class Side: LookupSource {
        static let fields: [DataType.Field] = [.init("key", .bigInt), .init("value", .varchar)]

        func lookUp(_ keys: Batch, columns: [Int]) throws(LeibrixError) -> LookupAnswer {
            var rows: [[Value]] = []
            var places: [Int32] = []
            for row in 0..<keys.rowCount {
                let key = keys.columns[0].load(row, as: Int64.self)
                guard key < 2_000, key % 3 > 0 else { continue }
                rows.append([.integer(key), .string("value \(key)")])
                places.append(Int32(row))
            }
            return LookupAnswer(rows: Batch.rows(rows, Self.fields), keyRows: places)
        }
    }

    private final class Held {
        var rows: [String: Int] = [:]
        /// Of a stream that replaces rows: the last of each key.
        var last: [String: String] = [:]
        let keyColumns: Int?
        init(_ keyColumns: Int?) { self.keyColumns = keyColumns }

        func add(_ chunk: borrowing StreamRows) {
            for row in 0..<chunk.count {
                let values = (0..<chunk.columnCount).map { chunk.value($0, row) }
                let text = NexmarkTests.text(values)
                if let keyColumns {
                    last[NexmarkTests.text(Array(values[..<keyColumns]))] = text
                    continue
                }
                rows[text, default: 0] += chunk.weight(row)
                if rows[text] == 0 { rows[text] = nil }
            }
        }

        var all: [String: Int] { keyColumns == nil ? rows : last.values.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
    }

    fileprivate static func text(_ row: [Value]) -> String {
        row.map { if case .double(let number) = $0 { String(format: "%.10g", number) } else { "\($0)" } }.joined(separator: "|")
    }

    private func makeEngine(cores: Int) throws -> StreamEngine {
        let engine = StreamEngine(clock: .system, cores: cores)
        for (name, fields) in Nexmark.relations {
            try engine.createSource(SourceDefinition(name, fields, eventTime: .init("ts")))
            var changes = SourceDefinition(name + "s", fields)
            changes.isChanges = true
            try engine.createSource(changes)
        }
        try engine.createLookup("side", Side.fields, Side())
        return engine
    }

    /// Rows of all three relations in the order of their times, some at a time.
    private func feed(_ engine: StreamEngine, _ connection: Connection, _ query: Query, _ generator: inout SeededGenerator) throws {
        let inputs = Set(try engine.explain(query).inputs)
        let step = 4 + Int(generator.next() % 20)
        for moment in stride(from: 0, to: 130, by: step) {
            for (name, _) in Nexmark.relations {
                for target in [name, name + "s"] where inputs.contains(target) {
                    let from = "TIMESTAMP '2026-02-27 07:59:00' + to_seconds(\(moment))"
                    var result = try connection.query("SELECT * FROM \(name) WHERE ts >= \(from) AND ts < \(from) + to_seconds(\(step)) ORDER BY ts")
                    while let batch = try result.next() { try engine.source(target).push(batch) }
                }
            }
        }
        engine.finish()
    }

    @Test(arguments: Nexmark.cases.indices) func equalsTheBatch(_ number: Int) throws {
        let test = Nexmark.cases[number]
        let isSoak = ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] != nil
        for seed in 0..<(isSoak ? 20 : 1) {
            let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
            try Nexmark.generate(connection, seed: seed, events: isSoak ? 6_000 : 3_000)
            let quoted = test.stream.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            var parsed = try connection.query("SELECT json_serialize_sql('\(quoted)'::VARCHAR)")
            let query = try Query.decode(serialized: try #require(try parsed.next()).columns[0].text(at: 0))[0]
            var expected: [String: Int] = [:]
            var result = try connection.query(test.batch ?? test.stream)
            while let batch = try result.next() {
                for row in 0..<batch.rowCount { expected[Self.text(batch.columns.map { $0.value(at: row) }), default: 0] += 1 }
            }
            var generator = SeededGenerator(seed: UInt64(seed + 1))
            for cores in [1, 2] {
                let engine = try makeEngine(cores: cores)
                let explained = try engine.explain(query, StreamOptions(emit: test.emitsChanges ? .changes : nil))
                try engine.createStream("out", query, StreamOptions(emit: test.emitsChanges ? .changes : nil))
                let held = Held(explained.replaces ? ["q15": 1, "q16": 2, "q17": 2][test.name] : nil)
                _ = try engine.subscribe("out") { held.add($0) }
                try feed(engine, connection, query, &generator)
                let actual = held.all
                let isSame = actual == expected
                let first = expected.first { actual[$0.key] != $0.value }
                #expect(isSame, "\(test.name), seed \(seed), \(cores) cores: \(actual.count) and \(expected.count) rows; first \(first.map { "\($0)" } ?? "")")
                #expect(!expected.isEmpty, "\(test.name) has no rows")
                let isSound = engine.operators.allSatisfy { $0.isConserved && $0.failed == 0 && $0.late == 0 }
                #expect(isSound, "\(test.name): \(engine.operators)")
            }
        }
    }
}
