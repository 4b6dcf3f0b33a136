internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Testing

/// Streams over tables' changes: at every moment what has come out, added up, is the SELECT over the tables as they are.
@Suite struct ChangesOracleTests {
    private static var seeds: Int { ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 2 : 200 }

    private static let queries = [
        "SELECT k, s, v + 1 AS w FROM a WHERE v > 3",
        "SELECT k, count(*) AS n, sum(v) AS total, avg(d) AS mean FROM a GROUP BY k",
        "SELECT k, min(v) AS low, max(v) AS high, min(s) AS first_s, max(s) AS last_s, max(d) AS d FROM a GROUP BY k",
        "SELECT count(*) AS n, sum(v) AS total, min(v) AS low, count(DISTINCT s) AS names FROM a",
        "SELECT s, count(DISTINCT v) AS n, sum(DISTINCT v) AS total, bool_and(b) AS every, bool_or(b) AS some FROM a GROUP BY s",
        "SELECT k, median(v) AS m, quantile_disc(v, 0.25) AS q, quantile_cont(d, 0.9) AS p FROM a GROUP BY k HAVING count(*) > 2",
        "SELECT k % 3 AS g, max(v) - min(v) AS spread, stddev_pop(v) AS dev FROM a WHERE b GROUP BY g",
        "SELECT DISTINCT s, b FROM a",
        "SELECT k, v, s FROM a QUALIFY row_number() OVER (PARTITION BY k ORDER BY v DESC NULLS LAST, s, d, b) <= 2",
        "SELECT v, s, k, d FROM a ORDER BY v DESC NULLS LAST, s, k, d LIMIT 7",
        "SELECT a.k, a.v, b.v AS other, b.s FROM a JOIN b ON a.k = b.k",
        "SELECT a.k, a.v, b.v AS other FROM a LEFT JOIN b ON a.k = b.k AND a.v < b.v",
        "SELECT a.k, a.s, b.v AS other FROM a RIGHT JOIN b ON a.k = b.k AND a.s = b.s",
        "SELECT a.k AS x, b.k AS y, a.v, b.v AS other FROM a FULL JOIN b ON a.k = b.k AND a.v = b.v",
        "SELECT a.k, a.v FROM a SEMI JOIN b ON a.k = b.k AND a.v >= b.v",
        "SELECT a.k, a.v FROM a ANTI JOIN b ON a.k = b.k AND a.v >= b.v",
        "SELECT a.s, count(*) AS n, max(b.v) AS high FROM a, b WHERE a.k = b.k AND a.v > 5 AND b.d < 3 GROUP BY a.s",
        "SELECT n, count(*) AS groups, min(k) AS k FROM (SELECT k, count(*) AS n FROM a GROUP BY k) GROUP BY n",
        "SELECT a.k, a.v, m.high FROM a JOIN (SELECT k, max(v) AS high FROM a GROUP BY k) AS m ON a.k = m.k AND a.v = m.high",
        "WITH m AS (SELECT avg(v) AS mean FROM a) SELECT a.k, a.v FROM a JOIN m ON a.v > m.mean",
        "SELECT k, v FROM a UNION ALL SELECT k, v FROM b",
        "SELECT k, s FROM a UNION SELECT k, s FROM b",
        "SELECT a.k, b.v, c.s, c.v AS third FROM a JOIN b ON a.k = b.k JOIN b AS c ON c.s = a.s AND c.k = b.k",
        "SELECT k, total FROM (SELECT k, sum(v) AS total FROM a GROUP BY k) ORDER BY total DESC NULLS LAST, k LIMIT 3",
        "SELECT k, arg_max(v, n) AS v FROM (SELECT k, v, count(*) * 1000 + v AS n FROM a WHERE v IS NOT NULL GROUP BY k, v) GROUP BY k",
    ]

    private static let fields: [DataType.Field] = [
        .init("k", .bigInt), .init("v", .bigInt), .init("d", .double), .init("s", .varchar), .init("b", .boolean),
    ]

    /// Rows with the moments at which they came and went.
    private func tables(_ seed: Int) throws -> Connection {
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        for (table, rows) in [("a", 500), ("b", 200)] {
            let random = { (salt: Int, modulus: Int) in "(hash(n * 64 + \(salt) + \(seed) * 7919 + \(table == "a" ? 0 : 55)) % \(modulus))::BIGINT" }
            try connection.execute(
                """
                CREATE TABLE all_\(table) AS SELECT n * \(1_000 / rows) AS born, CASE WHEN \(random(1, 4)) = 0 THEN 1000000 ELSE n * \(1_000 / rows) + 1 + \(random(2, 220)) END AS died,
                  CASE WHEN \(random(3, 15)) = 0 THEN NULL ELSE \(random(4, 7)) END AS k,
                  CASE WHEN \(random(5, 9)) = 0 THEN NULL ELSE \(random(6, 12)) END AS v,
                  CASE WHEN \(random(7, 9)) = 0 THEN NULL ELSE (\(random(8, 64)) - 32) / 8 END AS d,
                  CASE \(random(9, 5)) WHEN 0 THEN NULL WHEN 1 THEN 'x' WHEN 2 THEN 'Abc' WHEN 3 THEN 'a text of more than twelve bytes' ELSE '' END AS s,
                  CASE WHEN \(random(10, 8)) = 0 THEN NULL ELSE \(random(11, 2)) = 0 END AS b
                FROM range(\(rows)) t(n)
                """)
        }
        return connection
    }

    /// Everything that happened to a table after `from` and up to `to`.
    private func changes(_ connection: Connection, _ table: String, _ from: Int, _ to: Int) throws -> [(Batch, [Int8])] {
        let list = "k, v, d, s, b"
        var result = try connection.query(
            """
            SELECT w, \(list) FROM (SELECT born AS t, 1::BIGINT AS w, \(list) FROM all_\(table) UNION ALL SELECT died, -1::BIGINT, \(list) FROM all_\(table))
            WHERE t > \(from) AND t <= \(to) ORDER BY t, w
            """)
        var batches: [(Batch, [Int8])] = []
        while let batch = try result.next() {
            let weights = (0..<batch.rowCount).map { Int8(batch.columns[0].load($0, as: Int64.self)) }
            batches.append((Batch(rowCount: batch.rowCount, columns: Array(batch.columns.dropFirst()), owner: batch), weights))
        }
        return batches
    }

    private final class Held {
        var rows: [String: Int] = [:]

        func add(_ chunk: borrowing StreamRows) {
            for row in 0..<chunk.count {
                let key = ChangesOracleTests.text((0..<chunk.columnCount).map { chunk.value($0, row) })
                rows[key, default: 0] += chunk.weight(row)
                if rows[key] == 0 { rows[key] = nil }
            }
        }
    }

    fileprivate static func text(_ row: [Value]) -> String {
        row.map { value in
            if case .double(let number) = value { return String(format: "%.9g", number == 0 ? 0 : number) }
            return "\(value)"
        }.joined(separator: "|")
    }

    private func expected(_ connection: Connection, _ sql: String) throws -> [String: Int] {
        var rows: [String: Int] = [:]
        var result = try connection.query(sql)
        while let batch = try result.next() {
            for row in 0..<batch.rowCount { rows[Self.text(batch.columns.map { $0.value(at: row) }), default: 0] += 1 }
        }
        return rows
    }

    private func parse(_ connection: Connection, _ sql: String) throws -> Query {
        var result = try connection.query("SELECT json_serialize_sql('\(sql.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'::VARCHAR)")
        let batch = try #require(try result.next())
        return try Query.decode(serialized: batch.columns[0].text(at: 0))[0]
    }

    private func engine(_ query: Query) throws -> (StreamEngine, Held) {
        let engine = StreamEngine()
        for name in ["a", "b"] {
            var definition = SourceDefinition(name, Self.fields)
            definition.isChanges = true
            try engine.createSource(definition)
        }
        try engine.createStream("out", query, StreamOptions(emit: .changes))
        let held = Held()
        _ = try engine.subscribe("out") { held.add($0) }
        return (engine, held)
    }

    @Test(arguments: queries.indices) func followsTheTables(_ number: Int) throws {
        let sql = Self.queries[number]
        var compared = 0
        for seed in 0..<Self.seeds {
            let connection = try tables(seed)
            let query = try parse(connection, sql)
            var (engine, held) = try makeEngine(query)
            var generator = SeededGenerator(seed: UInt64(seed * 100 + number))
            let folder = NSTemporaryDirectory() + "leibrix-changes-\(Random.integer(UInt64.self))"
            defer { try? Files.removeTree(folder) }
            var moment = -1
            while moment < 1_300 {
                let next = moment + 1 + Int(generator.next() % 260)
                for table in ["a", "b"] {
                    let source = try engine.source(table)
                    for (batch, weights) in try changes(connection, table, moment, next) { try source.push(batch, weights: weights) }
                    try connection.execute("CREATE OR REPLACE VIEW \(table) AS SELECT k, v, d, s, b FROM all_\(table) WHERE born <= \(next) AND died > \(next)")
                }
                moment = next
                let expected = try expected(connection, sql)
                #expect(held.rows == expected, "seed \(seed), moment \(moment): \(sql)\n\(held.rows.count) and \(expected.count) rows")
                compared += expected.count
                let isSound = engine.operators.allSatisfy { $0.isConserved && $0.failed == 0 }
                #expect(isSound, "seed \(seed): \(engine.operators)")
                if held.rows != expected { return }
                if generator.next() % 4 == 0 {
                    // Another engine goes on from a checkpoint.
                    let store = try CheckpointStore(directory: folder)
                    _ = try engine.checkpoint(store)
                    let rows = held.rows
                    (engine, held) = try makeEngine(query)
                    held.rows = rows
                    _ = try engine.restore(store)
                }
            }
        }
        #expect(compared > 20)
    }

    private func makeEngine(_ query: Query) throws -> (StreamEngine, Held) {
        do {
            return try engine(query)
        } catch {
            // Queries whose rows leave as they come have no EMIT.
            guard (error as? LeibrixError)?.code == .streamEmitMode else { throw error }
            let engine = StreamEngine()
            for name in ["a", "b"] {
                var definition = SourceDefinition(name, Self.fields)
                definition.isChanges = true
                try engine.createSource(definition)
            }
            try engine.createStream("out", query)
            let held = Held()
            _ = try engine.subscribe("out") { held.add($0) }
            return (engine, held)
        }
    }
}
