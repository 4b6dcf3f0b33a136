internal import Base
internal import Columnar
internal import DuckDBKit
internal import Platform
internal import Session
internal import Testing

/// Sessions that end, and relations that are published, while statements run.
@Suite struct ClosingTests {
    private static let endless = "SELECT count(*) FROM range(100000000000) a(i) WHERE hash(i) % 3 = 0"

    private func running(_ watcher: SQLSession) async throws -> Int64 {
        let rows = try await watcher.run("SELECT count(*) FROM leibrix.queries WHERE state = 'running' AND query LIKE '%100000000000%' AND query NOT LIKE '%leibrix%'")
        guard case .integer(let count)? = rows.first?.first else { return -1 }
        return count
    }

    @Test func closingASessionEndsWhatItRuns() async throws {
        let fixture = try Fixture(rows: 10)
        let (session, watcher) = (try fixture.session(), try fixture.session())
        let statement = Task { await session.failure(Self.endless) }
        while try await running(watcher) == 0 { await Task.yield() }
        await session.close()
        #expect(await statement.value?.code == .cancelled)
        #expect(try await running(watcher) == 0)
        // Its executor serves others.
        #expect(try await watcher.run("SELECT count(*) FROM numbers") == [[10]])
    }

    /// The client may vanish between a statement's planning and its start: then it must not start.
    @Test func anAbandonedSessionStartsNothing() async throws {
        let fixture = try Fixture(rows: 10)
        let (session, watcher) = (try fixture.session(), try fixture.session())
        let statement = try await session.prepare(StatementText(sql: Self.endless), parameterTypes: [])
        fixture.server.abandon(session.cancelKey)
        await #expect(throws: LeibrixError.self) { _ = try await session.execute(statement, parameters: []) }
        #expect(try await running(watcher) == 0)
        await session.close()
    }

    /// A plan may outlive the relations it was made for: the statement is planned again, and its answer is of one publication.
    @Test func publicationsNeverFailStatements() async throws {
        let fixture = try Fixture(rows: 1)
        let rounds = 60
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                let session = try fixture.session()
                group.addTask {
                    // Cached answers would hide the engine: the text is another each time, and so is the plan's first use.
                    for round in 0..<rounds {
                        let statement = try await session.prepare(
                            StatementText(sql: "SELECT count(*), max(n), max(random()) < 2 FROM numbers WHERE n > -\(round)"), parameterTypes: [])
                        for _ in 0..<4 {
                            let execution = try await session.execute(statement, parameters: [])
                            while let batch = try await execution.next() {
                                let row = batch.row(0)
                                // n runs from 1 to the publication's number of rows.
                                #expect(row[0] == row[1] && row[2] == .boolean(true))
                            }
                            try? await session.endImplicitTransaction(failed: false)
                        }
                    }
                    await session.close()
                }
            }
            for rows in 2..<80 {
                try fixture.publish(rows)
                await Task.yield()
            }
            try await group.waitForAll()
        }
    }
}
