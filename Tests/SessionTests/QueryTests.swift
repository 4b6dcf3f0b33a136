internal import Base
internal import Columnar
internal import DuckDBKit
internal import Session
internal import Testing

@Suite struct QueryTests {
    @Test func selectsFromRelations() async throws {
        let session = try Fixture().session()
        #expect(try await session.run("SELECT 1") == [[.integer(1)]])
        #expect(try await session.run("SELECT count(*), sum(n)::BIGINT FROM numbers") == [[.integer(5_000), .integer(12_502_500)]])
        #expect(try await session.run("SELECT n FROM leibrix.public.numbers WHERE n = 7") == [[.integer(7)]])
        #expect(try await session.run("SELECT public.numbers.n FROM public.numbers LIMIT 0") == [])
    }

    @Test func streamsLargeResults() async throws {
        let session = try Fixture(rows: 300_000).session()
        let rows = try await session.run("SELECT n FROM numbers")
        #expect(rows.count == 300_000)
        #expect(Set(rows.map { $0[0] }).count == 300_000)
    }

    @Test func takesParametersOfEveryOrigin() async throws {
        let session = try Fixture().session()
        #expect(try await session.run("SELECT n FROM numbers WHERE n = $1", [.integer(5)]) == [[.integer(5)]])
        #expect(try await session.run("SELECT $1 || 'x'", [.string("a")]) == [[.string("ax")]])
        #expect(try await session.run("SELECT $1 + 1", [.integer(41)], types: [.integer]) == [[.integer(42)]])
        #expect(try await session.run("SELECT $1", [.string("text")]) == [[.string("text")]])
        #expect(try await session.run("SELECT sum(range)::BIGINT + $1 FROM range($2)", [.integer(1), .integer(4)], types: [.bigInt, .bigInt]) == [[7]])
        #expect(try await session.run("SELECT count(*) FROM range($1)", [.integer(4)]) == [[4]])
        #expect(try await session.run("SELECT $2::int, $1::int", [.integer(1), .integer(2)]) == [[.integer(2), .integer(1)]])
    }

    @Test func describesWithoutExecuting() async throws {
        let session = try Fixture().session()
        let statement = try await session.prepare(
            StatementText(sql: "SELECT n, n::VARCHAR AS t FROM numbers WHERE n > $1 LIMIT $2"), parameterTypes: [])
        #expect(statement.parameterTypes == [.bigInt, .bigInt])
        guard case .rows(let columns) = statement.outcome else { Issue.record("no rows"); return }
        #expect(columns.map(\.name) == ["n", "t"])
        #expect(columns.map(\.type) == [.bigInt, .varchar])
    }

    @Test func preparedStatementsOutliveAPublication() async throws {
        let fixture = try Fixture(rows: 10)
        let session = try fixture.session()
        let statement = try await session.prepare(StatementText(sql: "SELECT count(*) FROM numbers"), parameterTypes: [])
        for rows in [10, 20, 30] {
            try fixture.publish(rows)
            let execution = try await session.execute(statement, parameters: [])
            #expect(try await execution.next()?.row(0) == [.integer(Int64(rows))])
            await execution.close()
        }
    }

    @Test func answersTheSameFromTheCache() async throws {
        let fixture = try Fixture(rows: 10)
        let session = try fixture.session()
        let sql = "SELECT sum(n)::BIGINT FROM numbers"
        #expect(try await session.run(sql) == [[.integer(55)]])
        #expect(try await session.run("EXPLAIN ROUTE " + sql)[0][1] == .string("cache"))
        #expect(try await session.run(sql) == [[.integer(55)]])
        try fixture.publish(4)
        #expect(try await session.run(sql) == [[.integer(10)]])
    }

    @Test func asksTheSession() async throws {
        let session = try Fixture().session([("application_name", "probe")])
        #expect(try await session.run("SELECT current_user, current_schema(), current_database()") == [["admin", "public", "leibrix"]])
        #expect(try await session.run("SELECT current_setting('application_name')") == [["probe"]])
        #expect(try await session.run("SELECT set_config('application_name', $1, false)", ["other"]) == [["other"]])
        #expect(try await session.run("SHOW application_name") == [["other"]])
        #expect(try await session.run("SELECT (current_schemas(true))[1]") == [["pg_catalog"]])
    }

    @Test func showsWhatRunsAndRan() async throws {
        let session = try Fixture().session()
        try await session.run("SELECT 42")
        let rows = try await session.run("SELECT query, state FROM leibrix.queries ORDER BY query_id")
        #expect(rows.first == ["SELECT 42", "finished"])
        #expect(rows.last?[1] == "running")
        #expect(try await session.run("SELECT \"user\", state FROM leibrix.sessions") == [["admin", "active"]])
    }
}
