import Columnar
import DuckDBKit
import Platform
import Testing

@testable import Session

@Suite struct ResultCacheTests {
    func answer(_ connection: Connection, _ sql: String) throws -> CachedResult {
        var result = try connection.query(sql)
        var batches: [Batch] = []
        while let batch = try result.next() { batches.append(batch) }
        return CachedResult(columns: result.columns.map { ResultColumn($0.name, $0.type) }, batches: batches)
    }

    @Test func copiesAreWholeAndSmall() throws {
        let connection = try Database().connect()
        let sql = """
            SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE 'a string that is long ' || i END AS s, i::DECIMAL(30,2) AS d,
              CASE WHEN i % 5 = 0 THEN NULL ELSE range(i % 4) END AS l, {'a': i, 'b': [i::VARCHAR || ' and more bytes']} AS n,
              MAP {i: 'v' || i} AS m, [i, i + 1]::BIGINT[2] AS f, i % 2 = 0 AS b
            FROM range(3000) t(i)
            """
        let expected = try connection.rows(sql)
        let cached = try answer(connection, sql)
        var row = 0
        for batch in cached.batches {
            for index in 0..<batch.rowCount {
                #expect(batch.row(index) == expected[row])
                row += 1
            }
        }
        #expect(row == 3_000)
        let one = try answer(connection, "SELECT 1 AS a, 'x' AS b")
        #expect(one.bytes <= 1_024)
    }

    @Test func leastRecentlyUsedGoesFirst() throws {
        let connection = try Database().connect()
        let cache = ResultCache(bytesMax: 4_096, entryBytesMax: 2_048)
        func key(_ number: Int, version: UInt64 = 1) -> ResultKey {
            ResultKey(sql: "q\(number)", parameters: [.integer(Int64(number))], settings: "", version: version)
        }
        let one = try answer(connection, "SELECT 1")
        for number in 0..<4 { cache.insert(key(number), one) }
        #expect(cache.lookup(key(0)) != nil)
        for number in 4..<9 { cache.insert(key(number), one) }
        #expect(cache.counts.bytes <= 4_096)
        #expect(cache.lookup(key(1)) == nil)
        #expect(cache.lookup(key(8)) != nil)
        #expect(cache.lookup(key(8, version: 2)) == nil)
        let large = try answer(connection, "SELECT * FROM range(2000)")
        cache.insert(key(99), large)
        #expect(cache.lookup(key(99)) == nil)
    }

    /// Against a plain model: a list in order of use.
    @Test func behavesAsItsModel() throws {
        let connection = try Database().connect()
        let one = try answer(connection, "SELECT 1")
        let seed = Random.integer(UInt64.self)
        var random = SeededGenerator(seed: seed)
        let cost = one.bytes + 2
        let cache = ResultCache(bytesMax: cost * 5, entryBytesMax: cost)
        var model: [Int] = []
        for _ in 0..<5_000 {
            let number = Int.random(in: 0..<10, using: &random)
            let key = ResultKey(sql: "q\(number)", parameters: [], settings: "", version: 0)
            if Bool.random(using: &random) {
                cache.insert(key, one)
                model.removeAll { $0 == number }
                model.append(number)
                if model.count > 5 { model.removeFirst() }
            } else {
                let found = cache.lookup(key) != nil
                guard found == model.contains(number) else { Issue.record("seed \(seed)"); return }
                if found {
                    model.removeAll { $0 == number }
                    model.append(number)
                }
            }
        }
        #expect(cache.counts.entries == model.count)
    }
}
