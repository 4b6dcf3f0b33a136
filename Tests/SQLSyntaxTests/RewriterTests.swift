internal import Base
internal import SQLSyntax
internal import Testing

@Suite struct RewriterTests {
    private func rewritten(_ sql: String) throws -> String {
        try SQLText(sql).rewritten().assemble(session: { "<\($0)>" }).sql
    }

    @Test(arguments: [
        ("SELECT a FROM leibrix.public.t", "SELECT a FROM public.t"),
        ("SELECT queries.state FROM leibrix.queries", "SELECT queries.state FROM leibrix.queries"),
        ("SELECT pg_catalog.f(1), 'pg_catalog.f(1)'", "SELECT f(1), 'pg_catalog.f(1)'"),
        ("SELECT 1 OPERATOR(pg_catalog.+) 2", "SELECT 1 + 2"),
        ("SELECT a ~ 'x' COLLATE pg_catalog.default", "SELECT a ~ ('(?s).*(?:' || 'x' || ').*') "),
        ("SELECT a !~* b.c AND d", "SELECT a !~ ('(?si).*(?:' || b.c || ').*') AND d"),
        ("SELECT a OPERATOR(pg_catalog.~) '^(x)$'", "SELECT a ~ ('(?s).*(?:' || '^(x)$' || ').*')"),
        ("SELECT $1::oid[], CAST(1 AS pg_catalog.oid), (SELECT 2 AS oid)", "SELECT $1::object_number[], CAST(1 AS object_number), (SELECT 2 AS oid)"),
        ("SELECT ~1", "SELECT ~1"), ("SELECT 0xff, 0b11", "SELECT 255, 3"), ("SELECT X'0aFF'", "SELECT '\\x0a\\xFF'::BLOB"),
        ("SELECT generate_series(1, 3)", "SELECT unnest(generate_series(1, 3)) AS generate_series"),
        ("SELECT * FROM generate_series(1, 3)", "SELECT * FROM generate_series(1, 3)"),
        ("SELECT current_user", "SELECT <currentUser> AS \"current_user\""),
        ("SELECT t.current_user, version() AS v FROM t", "SELECT t.current_user, <version> AS v FROM t"),
        ("SELECT name FROM pg_cursors", "SELECT name FROM <cursors> AS \"pg_cursors\""),
        ("SELECT c.name FROM pg_catalog.pg_cursors c WHERE c.name = 'pg_cursors'", "SELECT c.name FROM <cursors> c WHERE c.name = 'pg_cursors'"),
        ("SELECT 1 FROM t, pg_prepared_statements WHERE 1", "SELECT 1 FROM t, <preparedStatements> AS \"pg_prepared_statements\" WHERE 1"),
        ("SELECT pg_cursors FROM t", "SELECT pg_cursors FROM t"),
        ("SELECT lower(current_user)", "SELECT lower(<currentUser>)"),
        ("SELECT at, max(at)::varchar, t.at, at.x FROM t at WHERE At > 1 AND by = 2 GROUP BY at ORDER BY by", "SELECT \"at\", max(\"at\")::varchar, t.at, \"at\".x FROM t \"at\" WHERE \"at\" > 1 AND \"by\" = 2 GROUP BY \"at\" ORDER BY \"by\""),
        ("SELECT ts AT TIME ZONE 'UTC', now() at time zone at FROM t AT (VERSION => 1)", "SELECT ts AT TIME ZONE 'UTC', now() at time zone at FROM t AT (VERSION => 1)"),
        ("SELECT show, (qualify) FROM semi SEMI JOIN anti USING (pivot) QUALIFY semi > 1", "SELECT \"show\", (\"qualify\") FROM \"semi\" SEMI JOIN \"anti\" USING (\"pivot\") QUALIFY \"semi\" > 1"),
        ("SELECT * FROM (DESCRIBE t), (PIVOT t ON a USING sum(b)), glob('x')", "SELECT * FROM (DESCRIBE t), (PIVOT t ON a USING sum(b)), glob('x')"),
        ("SELECT 1 FROM t WHERE a NOT GLOB 'x' AND glob > 1 AND NOT glob", "SELECT 1 FROM t WHERE a NOT GLOB 'x' AND \"glob\" > 1 AND NOT \"glob\""),
        ("SELECT list_filter(l, lambda x: x > lambda), sum(x) OVER (PARTITION BY by) FROM t", "SELECT list_filter(l, lambda x: x > \"lambda\"), sum(x) OVER (PARTITION BY \"by\") FROM t"),
        ("SELECT at.a FROM t at WHERE b AT TIME ZONE 'x'", "SELECT \"at\".a FROM t \"at\" WHERE b AT TIME ZONE 'x'"),
    ])
    func rewrites(_ sql: String, _ wanted: String) throws {
        #expect(try rewritten(sql) == wanted)
    }

    @Test(arguments: [
        ("SELECT * FROM unnest($1::int[], f(a, b)) AS t(a, b)", "SELECT * FROM (SELECT unnest($1::int[]), unnest( f(a, b))) AS t(a, b)"),
        ("SELECT regexp_split_to_table(a, ',') FROM t", "SELECT unnest(regexp_split_to_array(a, ',')) AS regexp_split_to_table FROM t"),
        ("SELECT 1 FROM (VALUES (1, 2), (3, 4)) v", "SELECT 1 FROM (VALUES (1, 2), (3, 4)) v(column1, column2)"),
    ])
    func rewritesCalls(_ sql: String, _ wanted: String) throws {
        #expect(try rewritten(sql) == wanted)
    }

    @Test func refusesLocks() {
        #expect(throws: LeibrixError.self) { try rewritten("SELECT 1 FROM t FOR NO KEY UPDATE") }
        #expect(throws: Never.self) { try rewritten("SELECT [x for x in l]") }
    }

    @Test func findsTheWayBack() throws {
        let text = try SQLText("SELECT 'ä' ~ 'b', leibrix.public.t.x")
        let assembled = try text.rewritten().assemble(session: { _ in "" })
        let position = assembled.sql.unicodeScalars.distance(
            from: assembled.sql.startIndex, to: assembled.sql.firstRange(of: "t.x")!.lowerBound) + 1
        #expect(assembled.originalPosition(position, in: text) == 34)
        #expect(assembled.originalPosition(8, in: text) == 8)
    }

    @Test func castsParameters() throws {
        let rewritten = try SQLText("SELECT $2 + $1, '$3'").rewritten()
        #expect(rewritten.parameters == [1, 2])
        #expect(rewritten.assemble(session: { _ in "" }, parameter: { "CAST(\($1) AS X)" }).sql == "SELECT CAST($2 AS X) + CAST($1 AS X), '$3'")
    }

    @Test func numbersParametersWithoutGaps() throws {
        let rewritten = try SQLText("SELECT current_setting($1::TEXT), $4, $2, $4").rewritten()
        #expect(rewritten.parameters == [2, 4])
        #expect(rewritten.assemble(session: { _ in "s" }).sql == "SELECT s AS \"current_setting\", $2, $1, $2")
        #expect(rewritten.engineNumber(4) == 2)
    }
}
