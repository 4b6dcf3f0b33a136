internal import Base
internal import SQLSyntax
internal import Testing

@Suite struct ParserTests {
    private func parse(_ sql: String) throws -> Statement { try ParsedStatement(sql).statement }

    @Test(arguments: [
        ("SELEC 1", 1, "Did you mean SELECT?"), ("CREATE DATSET d FROM a.b", 8, "Did you mean DATASET?"),
        ("CREATE DATASET d FORM a.b", 18, "FROM was expected here."), ("BEGIN ISOLATION LEVEL SNAPSHOT", 23, nil),
        ("CREATE CATALOG c", 17, "WITH was expected."), ("CREATE CATALOG c WITH (type 'x'", 32, nil), ("SET x", 6, nil),
        ("SELECT 'abc", 8, "Close it with a single quote; write a quote inside as two."), ("SELECT \"abc", 8, nil),
        ("SELECT /* a", 8, nil), ("SELECT $$a", 8, nil), ("SELECT ?", 8, "Number parameters: $1, $2."), ("SELECT $0", 8, nil),
        ("CREATE USER u PASSWORD secret", 24, nil), ("CREATE USER u PASWORD 'x'", 15, "Did you mean PASSWORD?"), ("FETCH 1.5 FROM c", 7, nil),
        ("DROP DATASET a.b.c.d", 19, nil), ("äöü", 1, nil), ("CREATE DATASET d FROM c.t WITH (x = )", 37, nil),
        ("ALTER DATASET d SET ()", 23, nil), ("COPY (SELECT 1 TO STDOUT", 6, "Add a \")\"."), ("ROLLBACK TO", 12, nil), ("COMMIT PREPARED 'x'", 8, nil),
    ] as [(String, Int, String?)])
    func tellsWhereAndWhat(_ sql: String, _ position: Int, _ hint: String?) {
        do throws(LeibrixError) {
            _ = try ParsedStatement(sql)
            Issue.record("\(sql) was accepted")
        } catch {
            #expect(error.position == position, "\(error)")
            #expect(error.hint != nil, "\(error)")
            if let hint { #expect(error.hint == hint) }
        }
    }

    @Test func readsDatasets() throws {
        guard case .administration(.createDataset(let create)) = try parse(
            "CREATE DATASET IF NOT EXISTS Line FROM lake.tpch.\"LineItem\" WITH (time_column = 'l_shipdate', granularity month, keep = -3, on_fly, parts = ['a', 2])")
        else { Issue.record("not a dataset"); return }
        #expect(create.ifNotExists && create.name.text == "line" && create.source.text == "lake.tpch.LineItem")
        #expect(create.options.map(\.name.name) == ["time_column", "granularity", "keep", "on_fly", "parts"])
        #expect(create.options.map(\.value) == [
            .string("l_shipdate"), .word("month"), .integer(-3), .boolean(true), .list([.string("a"), .integer(2)]),
        ])
        #expect(create.options[1].name.position == 95)
    }

    @Test func readsUsersAndGrants() throws {
        guard case .administration(.createUser(let name, false, let attributes, false)) = try parse("CREATE USER ana WITH PASSWORD 'it''s' TENANT acme")
        else { Issue.record("not a user"); return }
        #expect(name.name == "ana" && attributes.password == .some("it's") && attributes.tenant?.name == "acme")
        guard case .administration(.alterUser(_, let altered, _)) = try parse("ALTER USER ana PASSWORD NULL") else { return }
        #expect(altered.password == .some(nil))
        guard case .administration(.grant(let grant)) = try parse("GRANT admin TO ana, bob") else { Issue.record("not a grant"); return }
        #expect(grant.users.map(\.name) == ["ana", "bob"])
    }

    @Test func readsTransactions() throws {
        #expect(try parse("begin transaction isolation level repeatable read, read only") == .transaction(
            .begin(TransactionModes(isolation: .repeatableRead, readOnly: true), isStart: false)))
        #expect(try parse("START TRANSACTION") == .transaction(.begin(TransactionModes(), isStart: true)))
        #expect(try parse("END WORK AND CHAIN;") == .transaction(.commit(chain: true)))
        #expect(try parse("ABORT") == .transaction(.rollback(chain: false)))
        #expect(try parse("ROLLBACK TO SAVEPOINT \"_pg3_1\"") == .transaction(.rollbackTo(Identifier("_pg3_1", position: 23))))
    }

    @Test func readsSettings() throws {
        #expect(try parse("SET SESSION DateStyle TO ISO, MDY") == .setting(
            .set(.session, Identifier("datestyle", position: 13), .values(["iso", "mdy"]))))
        #expect(try parse("SET LOCAL x.y = -1") == .setting(.set(.local, Identifier("x.y", position: 11), .values(["-1"]))))
        #expect(try parse("SET TIME ZONE 'Europe/Paris'") == .setting(
            .set(.session, Identifier("timezone", position: 5), .values(["Europe/Paris"]))))
        #expect(try parse("show transaction isolation level") == .show(.setting(Identifier("transaction_isolation", position: 6))))
        #expect(try parse("SHOW ALL") == .show(.all))
        #expect(try parse("DISCARD TEMPORARY") == .setting(.discard("TEMP")))
    }

    @Test func readsCursorsAndCopies() throws {
        guard case .cursor(.declare(let name, let binary, let scroll, let hold, let query)) = try parse(
            "DECLARE \"srv\" NO SCROLL CURSOR WITH HOLD FOR select 1") else { Issue.record("not a cursor"); return }
        #expect(name.name == "srv" && !binary && !scroll && hold && query == 45..<53)
        #expect(try parse("FETCH FORWARD ALL FROM \"srv\"") == .cursor(.fetch(Identifier("srv", position: 24), .forward(nil))))
        #expect(try parse("FETCH -2 c") == .cursor(.fetch(Identifier("c", position: 10), .backward(2))))
        guard case .copy(let copy) = try parse("COPY public.t (a, b) TO STDOUT CSV HEADER DELIMITER AS ';'") else { Issue.record("not a copy"); return }
        #expect(copy.options.map(\.name.name) == ["format", "header", "delimiter"])
        guard case .copy(let query) = try parse("copy (select (1)) to stdout (FORMAT binary)") else { return }
        #expect(query.source == .query(6..<16))
    }

    @Test(arguments: ["CREATE FUNCTION f() RETURNS int", "PRAGMA x", "LISTEN a", "COPY t FROM '/tmp/x'",
        "COPY t TO '/tmp/x'", "SET ROLE x", "DO $$ $$"])
    func refusesWithAHint(_ sql: String) throws {
        guard case .refused(let refused) = try parse(sql) else { Issue.record("\(sql) was not refused"); return }
        #expect(!refused.hint.isEmpty && refused.position >= 1)
    }

    @Test func boundsDepth() {
        #expect(throws: LeibrixError.self) { try ParsedStatement("SELECT " + String(repeating: "(", count: 100_000)) }
    }
}
