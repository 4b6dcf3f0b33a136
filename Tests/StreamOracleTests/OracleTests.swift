internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Testing

/// The same query over the same rows, as a stream and as a batch: the stream's final result is DuckDB's.
@Suite struct OracleTests {
    private static var queries: Int { ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 40 : 600 }

    private final class Rows {
        var rows: [[Value]] = []
    }

    /// A table of random events, out of order by at most a few seconds.
    private func events(_ seed: Int) throws -> Connection {
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        try connection.execute("CREATE TABLE events (\(QueryMaker.columns))")
        let random = { (salt: Int, modulus: Int) in "(hash(n * 64 + \(salt) + \(seed) * 7919) % \(modulus))::BIGINT" }
        try connection.execute(
            """
            INSERT INTO events SELECT \(random(1, 9)),
              CASE WHEN \(random(2, 10)) = 0 THEN NULL ELSE \(random(3, 40)) - 10 END,
              CASE WHEN \(random(4, 12)) = 0 THEN NULL ELSE \(random(5, 200)) - 100 END,
              CASE WHEN \(random(6, 9)) = 0 THEN NULL WHEN \(seed % 2) = 1 AND \(random(14, 50)) = 0 THEN 'nan' WHEN \(seed % 4) = 3 AND \(random(15, 60)) = 0 THEN '-inf'
                ELSE (\(random(7, 64)) - 32) / 8 END::DOUBLE,
              CASE WHEN \(random(8, 9)) = 0 THEN NULL ELSE (\(random(9, 900)) - 300)::DECIMAL(10,2) / 100 END,
              CASE \(random(10, 6)) WHEN 0 THEN NULL WHEN 1 THEN 'x' WHEN 2 THEN 'Abc' WHEN 3 THEN 'a text of more than twelve bytes' WHEN 4 THEN '' ELSE 'bär' END,
              CASE WHEN \(random(11, 8)) = 0 THEN NULL ELSE \(random(12, 2)) = 0 END,
              TIMESTAMP '2026-02-27 23:59:00' + to_microseconds(n * 150000 - \(random(13, 30)) * 100000)
            FROM range(1500) t(n)
            """)
        return connection
    }

    private func run(_ stream: Query, _ connection: Connection, isFinal: Bool) throws -> [[Value]] {
        let engine = StreamEngine()
        let fields: [DataType.Field] = [
            .init("k", .bigInt), .init("v", .bigInt), .init("i", .integer), .init("d", .double), .init("m", .decimal(width: 10, scale: 2)),
            .init("s", .varchar), .init("b", .boolean), .init("ts", .timestamp),
        ]
        try engine.createSource(SourceDefinition("events", fields, eventTime: .init("ts", delayMicros: 4_000_000)))
        try engine.createStream("out", stream, StreamOptions(emit: isFinal ? .final : nil))
        let out = Rows()
        _ = try engine.subscribe("out") { chunk in
            for row in 0..<chunk.count { out.rows.append((0..<chunk.columnCount).map { chunk.value($0, row) }) }
        }
        let source = try engine.source("events")
        var result = try connection.query("SELECT * FROM events")
        while let batch = try result.next() { try source.push(batch) }
        engine.finish()
        let isConserved = engine.operators.allSatisfy { $0.isConserved && $0.late == 0 }
        #expect(isConserved, "\(engine.operators)")
        return out.rows
    }

    /// Doubles to six digits: enough to sort rows by.
    private func text(_ value: Value) -> String {
        if case .double(let number) = value { return String(format: "%.6g", number == 0 ? 0 : number) }
        return "\(value)"
    }

    private func isClose(_ a: Value, _ b: Value) -> Bool {
        guard case .double(let x) = a, case .double(let y) = b else { return a == b }
        return x == y || x.isNaN && y.isNaN || abs(x - y) <= 1e-9 * max(abs(x), abs(y), 1)
    }

    @Test(arguments: 0..<4) func equalsTheBatch(_ part: Int) throws {
        let connection = try events(part)
        var compared = 0
        var refused: [String: Int] = [:]
        for number in 0..<Self.queries {
            let seed = UInt64(part * 100_000 + number)
            var maker = QueryMaker(seed: seed)
            let pair = maker.query()
            let tree = try connection.rows("SELECT json_serialize_sql(\(Self.quoted(pair.stream)))")
            guard case .string(let text) = tree[0][0] else { continue }
            // What DuckDB raises an error for, a stream counts as failed rows.
            guard let expected = try? connection.rows(pair.batch) else { continue }
            let actual: [[Value]]
            do {
                actual = try run(try Query.decode(serialized: text)[0], connection, isFinal: pair.isFinal)
            } catch let error as LeibrixError {
                refused[error.message, default: 0] += 1
                continue
            }
            compared += 1
            let sortedActual = actual.sorted { $0.map(self.text).description < $1.map(self.text).description }
            let sortedExpected = expected.sorted { $0.map(self.text).description < $1.map(self.text).description }
            let isSame = sortedActual.count == sortedExpected.count
                && zip(sortedActual, sortedExpected).allSatisfy { $0.count == $1.count && zip($0, $1).allSatisfy(isClose) }
            let first = zip(sortedActual, sortedExpected).first { !zip($0, $1).allSatisfy(isClose) }
            #expect(isSame, "seed \(seed): \(pair.stream)\n\(actual.count) and \(expected.count) rows; first difference \(first.map { "\($0)" } ?? "none")")
        }
        #expect(compared > Self.queries / (part % 2 == 0 ? 2 : 4), "\(compared) of \(Self.queries); refused: \(refused)")
    }

    private static func quoted(_ text: String) -> String { "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'" }
}
