internal import Base
internal import Columnar
internal import StreamEngine
internal import Testing

/// One small stream a test: what comes out for what goes in.
@Suite struct StreamQueryTests {
    @Test func passesRowsOn() throws {
        let harness = try Harness()
        try harness.stream("SELECT * FROM trades")
        try harness.push("trades", [["A", .double(1.5), 3, at(1)], [.null, .null, .null, at(2)]], batch: 2)
        #expect(harness.values() == [["A", .double(1.5), 3, time(1)], [.null, .null, .null, time(2)]])
    }

    @Test func filtersAndProjects() throws {
        let harness = try Harness()
        try harness.stream("SELECT symbol, price * 2 AS twice FROM trades WHERE price > 10")
        let rows: [[Value]] = [["A", .double(11), 1, at(1)], ["B", .double(10), 1, at(1)], ["C", .null, 1, at(1)], ["a longer symbol", .double(20.5), 1, at(1)]]
        try harness.push("trades", rows, batch: 3)
        #expect(harness.values() == [["A", .double(22)], ["a longer symbol", .double(41)]])
        let filter = try #require(harness.engine.operators.first)
        #expect(filter.rowsIn == 4 && filter.emitted == 2 && filter.filtered == 2 && filter.isConserved)
    }

    @Test func computesTexts() throws {
        let harness = try Harness()
        try harness.stream("SELECT symbol, upper(symbol) || '!' AS loud, price * qty AS total, ts FROM trades WHERE qty % 2 = 0 AND symbol LIKE 'A%'")
        try harness.push("trades", [["Abc and much more text", .double(2.5), 4, at(1)], ["B", .double(1), 2, at(1)], ["A", .double(1), 3, at(1)]], batch: 3)
        #expect(harness.values() == [["Abc and much more text", "ABC AND MUCH MORE TEXT!", .double(10), time(1)]])
    }

    @Test func followsDuckDBInDivision() throws {
        let harness = try Harness()
        try harness.stream("SELECT k / v AS d, v // 2 AS h, CASE WHEN v > 0 THEN 100 // v ELSE -1 END AS c, coalesce(v, 7) AS f FROM numbers")
        try harness.push("numbers", [[1, 2, at(0)], [3, -7, at(0)], [1, .null, at(0)]], batch: 3)
        #expect(harness.values() == [
            [.double(0.5), 1, 50, 2], [.double(3.0 / -7), -3, -1, -7], [.null, .null, -1, 7],
        ])
    }

    @Test func countsRowsThatFail() throws {
        let harness = try Harness()
        try harness.stream("SELECT CAST(v AS TINYINT) AS small, k FROM numbers")
        try harness.push("numbers", [[1, 127, at(0)], [2, 128, at(0)], [3, .null, at(0)]], batch: 3)
        #expect(harness.values() == [[127, 1], [.null, 3]])
        let project = try #require(harness.engine.operators.first)
        #expect(project.failed == 1 && project.filtered == 1 && project.lastError == "LDB-9001" && project.isConserved)
    }

    @Test(arguments: [1, 2, 1_000]) func emitsOnUpdate(_ batch: Int) throws {
        let harness = try Harness()
        try harness.stream("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k")
        try harness.push("numbers", [[1, 10, at(0)], [2, 5, at(0)], [1, .null, at(0)], [1, -3, at(0)]], batch: batch)
        #expect(harness.values() == [[1, 1, .hugeInt(10)], [2, 1, .hugeInt(5)], [1, 2, .hugeInt(10)], [1, 3, .hugeInt(7)]])
    }

    @Test(arguments: [1, 1_000]) func emitsChanges(_ batch: Int) throws {
        let harness = try Harness()
        try harness.stream("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", "out", StreamOptions(emit: .changes))
        try harness.push("numbers", [[1, 10, at(0)], [1, 5, at(0)]], batch: batch)
        #expect(harness.out == [
            .init(weight: 1, values: [1, 1, .hugeInt(10)]), .init(weight: -1, values: [1, 1, .hugeInt(10)]),
            .init(weight: 1, values: [1, 2, .hugeInt(15)]),
        ])
    }

    @Test func emitsAtIntervals() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k", "out", StreamOptions(emit: .every(micros: 1_000_000)))
        harness.advance(seconds: 1)
        try harness.push("numbers", [[1, 10, at(0)], [1, 5, at(0)], [2, 1, at(0)]])
        #expect(harness.out.isEmpty)
        harness.advance(seconds: 1)
        #expect(harness.values().sortedRows == [[1, 2, .hugeInt(15)], [2, 1, .hugeInt(1)]].sortedRows)
        harness.advance(seconds: 1)
        #expect(harness.out.count == 2)
    }

    @Test func emitsFinalResultsAtTheEnd() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, count(DISTINCT v) AS d, count(*) AS n FROM numbers GROUP BY k", "out", StreamOptions(emit: .final))
        try harness.push("numbers", [[1, 10, at(0)], [1, 10, at(0)], [1, .null, at(0)], [2, 1, at(0)]], batch: 3)
        #expect(harness.out.isEmpty)
        harness.engine.finish()
        #expect(harness.values().sortedRows == [[1, 1, 3], [2, 1, 1]].sortedRows)
    }

    @Test func emitsDistinctRowsOnce() throws {
        let harness = try Harness()
        try harness.stream("SELECT DISTINCT k FROM numbers")
        try harness.push("numbers", [[1, 1, at(0)], [2, 1, at(0)], [1, 2, at(0)], [.null, 1, at(0)], [.null, 1, at(0)]], batch: 2)
        #expect(harness.values() == [[1], [2], [.null]])
    }

    @Test func keepsTextsOfGroups() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, count(*) AS n, max(name) AS last_name, min(v) AS low FROM named GROUP BY k")
        let long = "a name of more than twelve bytes"
        try harness.push("named", [[1, .string(long + " 1"), 5], [1, .string(long + " 2"), 3], [1, "short", 9], [2, .string(long), 1]], batch: 4)
        #expect(harness.values() == [
            [1, 1, .string(long + " 1"), 5], [1, 2, .string(long + " 2"), 3], [1, 3, "short", 3], [2, 1, .string(long), 1],
        ])
    }

    @Test func unitesStreams() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, ts, v FROM numbers WHERE v < 3 UNION ALL SELECT k, ts, v FROM others")
        try harness.push("numbers", [[1, 1, at(0)], [1, 5, at(0)]])
        try harness.push("others", [[2, 9, at(0)]])
        #expect(harness.values() == [[1, time(0), 1], [2, time(0), 9]])
    }

    @Test func knowsManyAggregates() throws {
        let harness = try Harness()
        try harness.stream(
            "SELECT stddev(v) AS s, var_pop(v) AS p, corr(v, k) AS c, skewness(v) AS sk, kurtosis(v) AS ku, product(v) AS pr, bool_and(v > 0) AS a, bit_xor(v) AS x, arg_max(k, v) AS am, sum(DISTINCT v) AS sd, count(*) FILTER (WHERE v > 2) AS f FROM numbers",
            "out", StreamOptions(emit: .final))
        try harness.push("numbers", [[1, 1, at(0)], [2, 2, at(0)], [3, 4, at(0)], [4, 7, at(0)], [9, 7, at(0)]], batch: 3)
        harness.engine.finish()
        let row = try #require(harness.values().first)
        #expect(row.count == 11)
        // As DuckDB answers the same query over the same rows.
        let expected: [Double] = [2.7748873851023212, 6.16, 0.8157515117072053, 0.009360389222811356, -2.703659976387261, 392]
        for (value, expected) in zip(row, expected) {
            guard case .double(let number) = value else {
                Issue.record("\(value) is no double")
                continue
            }
            #expect(abs(number - expected) < 1e-9, "\(number) is not \(expected)")
        }
        #expect(Array(row[6...]) == [true, 7, 4, .hugeInt(14), 3])
    }
}
