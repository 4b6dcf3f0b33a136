internal import Base
internal import Columnar
internal import Session
internal import Testing

@Suite struct TransactionTests {
    @Test func aFailedBlockAcceptsOnlyItsEnd() async throws {
        let session = try Fixture().session()
        try await session.run("BEGIN")
        #expect(session.transactionStatus == .active)
        #expect(await session.failure("SELECT nothing FROM numbers")?.code == .undefinedColumn)
        #expect(session.transactionStatus == .failed)
        #expect(await session.failure("SELECT 1")?.sqlState == "25P02")
        #expect(try await session.tagged("COMMIT").tag == "ROLLBACK")
        #expect(session.transactionStatus == .idle)
        #expect(try await session.run("SELECT 1") == [[1]])
    }

    @Test func savepointsMakeABlockWholeAgain() async throws {
        let session = try Fixture().session()
        try await session.run("BEGIN; SAVEPOINT a; SET LOCAL application_name = 'inside'")
        #expect(await session.failure("SELECT 1/x")?.code == .undefinedColumn)
        try await session.run("ROLLBACK TO SAVEPOINT a")
        #expect(session.transactionStatus == .active)
        #expect(try await session.run("SHOW application_name") == [[""]])
        try await session.run("RELEASE a")
        #expect(await session.failure("ROLLBACK TO a")?.sqlState == "3B001")
        #expect(try await session.tagged("ROLLBACK").tag == "ROLLBACK")
    }

    @Test func repeatableReadKeepsItsSnapshot() async throws {
        let fixture = try Fixture(rows: 10)
        let session = try fixture.session()
        try await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        #expect(try await session.run("SELECT count(*) FROM numbers") == [[10]])
        try fixture.publish(20)
        #expect(try await session.run("SELECT count(*) FROM numbers") == [[10]])
        try await session.run("COMMIT")
        #expect(try await session.run("SELECT count(*) FROM numbers") == [[20]])
    }

    @Test func readCommittedSeesEachPublication() async throws {
        let fixture = try Fixture(rows: 10)
        let session = try fixture.session()
        try await session.run("BEGIN")
        #expect(try await session.run("SELECT count(*) FROM numbers") == [[10]])
        try fixture.publish(20)
        #expect(try await session.run("SELECT count(*) FROM numbers") == [[20]])
    }

    @Test func settingsFollowTheTransaction() async throws {
        let session = try Fixture().session()
        try await session.run("BEGIN; SET application_name = 'a'; SET LOCAL statement_timeout = '5s'")
        #expect(try await session.run("SHOW statement_timeout") == [["5s"]])
        try await session.run("ROLLBACK")
        #expect(try await session.run("SHOW application_name") == [[""]])
        try await session.run("BEGIN; SET application_name = 'b'; SET LOCAL statement_timeout = '5s'; COMMIT")
        #expect(try await session.run("SHOW application_name") == [["b"]])
        #expect(try await session.run("SHOW statement_timeout") == [["0"]])
    }

    @Test func isolationIsDecidedByTheFirstQuery() async throws {
        let session = try Fixture().session()
        try await session.run("BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        #expect(try await session.run("SHOW transaction isolation level") == [["serializable"]])
        try await session.run("SELECT 1")
        #expect(await session.failure("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")?.sqlState == "25001")
        try await session.run("ROLLBACK")
        #expect(try await session.run("SHOW transaction_isolation") == [["read committed"]])
    }

    @Test func warnsOfBlocksThatAreNot() async throws {
        let session = try Fixture().session()
        #expect(try await session.tagged("COMMIT").notices.map(\.sqlState) == ["25P01"])
        try await session.run("BEGIN")
        #expect(try await session.tagged("BEGIN").notices.map(\.sqlState) == ["25001"])
    }

    @Test func cursorsReadForward() async throws {
        let session = try Fixture(rows: 5_000).session()
        #expect(await session.failure("DECLARE c CURSOR FOR SELECT n FROM numbers")?.sqlState == "25P01")
        try await session.run("BEGIN; DECLARE c CURSOR FOR SELECT n FROM numbers ORDER BY n")
        #expect(try await session.tagged("FETCH 2 FROM c").tag == "FETCH 2")
        #expect(try await session.run("FETCH c") == [[3]])
        #expect(try await session.tagged("MOVE FORWARD 4000 IN c").tag == "MOVE 4000")
        #expect(try await session.run("FETCH NEXT FROM c") == [[4_004]])
        #expect(try await session.run("FETCH ALL FROM c").count == 996)
        #expect(try await session.run("FETCH c") == [])
        #expect(await session.failure("FETCH BACKWARD 1 FROM c")?.sqlState == "55000")
        try await session.run("ROLLBACK")
        #expect(await session.failure("FETCH c")?.sqlState == "34000")
    }

    @Test func scrollingCursorsGoBothWays() async throws {
        let session = try Fixture(rows: 10).session()
        try await session.run("BEGIN; DECLARE c SCROLL CURSOR FOR SELECT n FROM numbers ORDER BY n")
        #expect(try await session.run("FETCH 3 FROM c") == [[1], [2], [3]])
        #expect(try await session.run("FETCH BACKWARD 2 FROM c") == [[2], [1]])
        #expect(try await session.run("FETCH LAST FROM c") == [[10]])
        #expect(try await session.run("FETCH ABSOLUTE -2 FROM c") == [[9]])
        #expect(try await session.run("FETCH PRIOR FROM c") == [[8]])
        #expect(try await session.run("FETCH BACKWARD ALL FROM c").count == 7)
    }

    @Test func cursorsWithHoldOutliveTheirBlock() async throws {
        let fixture = try Fixture(rows: 3_000)
        let session = try fixture.session()
        try await session.run("BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT n FROM numbers ORDER BY n; COMMIT")
        try fixture.publish(1)
        #expect(try await session.run("FETCH 2 FROM c") == [[1], [2]])
        #expect(try await session.run("FETCH ALL FROM c").count == 2_998)
        try await session.run("CLOSE c")
    }

    @Test func severalCursorsShareOneSnapshot() async throws {
        let session = try Fixture(rows: 10_000).session()
        try await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try await session.run("DECLARE a CURSOR FOR SELECT n FROM numbers; DECLARE b CURSOR FOR SELECT n FROM numbers")
        #expect(try await session.run("FETCH 10 FROM a").count == 10)
        #expect(try await session.run("FETCH ALL FROM b").count == 10_000)
        #expect(try await session.run("FETCH ALL FROM a").count == 9_990)
        try await session.run("COMMIT")
    }

    @Test func closingAnUnreadResultFreesItsExecutor() async throws {
        let fixture = try Fixture(rows: 200_000) { $0.executorsMax = 1 }
        let session = try fixture.session()
        for _ in 0..<5 {
            let statement = try await session.prepare(StatementText(sql: "SELECT n FROM numbers"), parameterTypes: [])
            let execution = try await session.execute(statement, parameters: [])
            #expect(try await execution.next() != nil)
            await execution.close()
            #expect(try await session.run("SELECT random() < 2") == [[true]])
        }
    }

    @Test func namedStatementsTakeExpressions() async throws {
        let session = try Fixture().session()
        try await session.run("PREPARE p (bigint) AS SELECT n FROM numbers WHERE n = $1")
        #expect(try await session.run("EXECUTE p (3 + 4)") == [[7]])
        #expect(await session.failure("EXECUTE p")?.code == .syntax)
        #expect(await session.failure("PREPARE p AS SELECT 1")?.sqlState == "42P05")
        #expect(session.namedStatement("p") != nil)
        try await session.run("DEALLOCATE p")
        #expect(await session.failure("EXECUTE p (1)")?.sqlState == "26000")
    }

    @Test func discardAllForgetsEverything() async throws {
        let session = try Fixture().session()
        try await session.run("PREPARE p AS SELECT 1; SET application_name = 'x'; DISCARD ALL")
        #expect(session.namedStatement("p") == nil)
        #expect(try await session.run("SHOW application_name") == [[""]])
        guard case .everything = session.takeForgotten() else { Issue.record("the door was not told"); return }
    }
}
