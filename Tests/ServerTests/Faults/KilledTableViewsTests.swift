// pgbench changes its tables, views follow them, and the server is killed at random moments and started again. A view is the SELECT over
// the tables, row for row and at one commit: while clients write on, and at the end.
import Foundation
import PostgresClient
import Testing

@Suite(.serialized) struct KilledTableViewsTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] != nil
    private static var kills: Int { isSoak ? 10 : 3 }

    private static let queries: [(view: String, query: String)] = [
        ("accounts_by_branch", "SELECT bid, count(*) AS n, sum(abalance) AS total FROM pgbench_accounts GROUP BY bid"),
        ("history_by_teller", "SELECT tid, count(*) AS n, sum(delta) AS total, min(delta) AS least FROM pgbench_history GROUP BY tid"),
        ("tellers_of_branches",
            "SELECT b.bid, b.bbalance, count(*) AS n, sum(t.tbalance) AS total FROM pgbench_branches b JOIN pgbench_tellers t ON t.bid = b.bid GROUP BY b.bid, b.bbalance"),
        ("delta_of_branches", "SELECT b.bid, sum(h.delta) AS total FROM pgbench_history h JOIN pgbench_branches b ON h.bid = b.bid GROUP BY b.bid"),
        ("rich", "SELECT aid, abalance FROM pgbench_accounts WHERE abalance > 1000"),
    ]

    private static func arguments(_ server: ServerProcess, _ more: [String]) -> [String] {
        ["-h", "127.0.0.1", "-p", "\(server.pgPort)", "-U", "admin"] + more + ["leibrix"]
    }

    /// Rows that one side has and the other has not, in one statement and then in two of one transaction.
    private func compare(_ connection: PostgresConnection, _ note: String) throws {
        for (view, query) in Self.queries {
            let both = "((SELECT * FROM \(view) EXCEPT ALL (\(query))) UNION ALL ((\(query)) EXCEPT ALL SELECT * FROM \(view)))"
            let differing = try connection.query("SELECT count(*) FROM \(both) d")[0].textRows[0][0]
            #expect(differing == "0", "\(view), \(note)")
        }
        _ = try connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
        let tables = try Self.queries.map { try connection.query("SELECT * FROM (\($0.query)) q ORDER BY ALL")[0].textRows }
        usleep(50_000)
        for (place, (view, _)) in Self.queries.enumerated() {
            let rows = try connection.query("SELECT * FROM \(view) ORDER BY ALL")[0].textRows
            #expect(rows == tables[place], "\(view) in a transaction, \(note)")
        }
        _ = try connection.query("COMMIT")
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/pgbench"), "pgbench is not installed")) func viewsAreTheirQueries() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("killed views over tables, seed \(seed)")
        var random = SeededRandom(seed: seed)
        let folder = TemporaryFolder("killed-views")
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let made = try CommandResult.run("/usr/bin/pgbench", Self.arguments(server, ["-i", "-s", "1", "-q"]), seconds: 600)
        #expect(made.status == 0, "\(made.output)")
        for (view, query) in Self.queries { _ = try server.connect().query("CREATE MATERIALIZED VIEW \(view) AS \(query)") }
        for round in 0...Self.kills {
            let done = DispatchGroup()
            done.enter()
            let arguments = Self.arguments(server, ["-n", "-c", "4", "-j", "2"] + (round == Self.kills ? ["-t", "100"] : ["-T", "600"]))
            Thread.detachNewThread {
                _ = try? CommandResult.run("/usr/bin/pgbench", arguments, seconds: 900)
                done.leave()
            }
            usleep(UInt32(100_000 + random.next() % 900_000))
            try compare(try server.connect(), "seed \(seed) round \(round), while pgbench runs")
            if round == Self.kills {
                done.wait()
                break
            }
            if round == 1 { _ = try server.connect().query("CHECKPOINT") }
            server.kill()
            done.wait()
            try server.start()
            try compare(try server.connect(), "seed \(seed) round \(round)")
        }
        let connection = try server.connect()
        try compare(connection, "seed \(seed), at the end")
        // What a client has committed it sees.
        _ = try connection.query("UPDATE pgbench_accounts SET abalance = 123456 WHERE aid = 7")
        #expect(try connection.query("SELECT abalance FROM rich WHERE aid = 7")[0].textRows == [["123456"]])
        #expect(throws: (any Error).self) { try connection.query("DROP TABLE pgbench_accounts") }
        let states = try connection.query("SELECT DISTINCT state, error FROM leibrix.streams")[0].textRows
        #expect(states == [["RUNNING", nil]])
        #expect(server.stop() == 0)
    }

    /// The server ends while a view is made: nothing of it is there, the others go on, and it can be made again.
    @Test func endsWhileAViewIsMade() throws {
        let folder = TemporaryFolder("killed-making")
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let first = try server.connect()
        _ = try first.query("CREATE TABLE t (id BIGINT PRIMARY KEY, n INTEGER)")
        _ = try first.query("INSERT INTO t SELECT i, i % 10 FROM range(5000) r(i)")
        _ = try first.query("CREATE MATERIALIZED VIEW kept AS SELECT n, count(*) AS rows FROM t GROUP BY n")
        for (round, step) in ["tables-snapshot", "tables-caught-up"].enumerated() {
            server.kill()
            try server.start(environment: ["LEIBRIX_FAULT": step])
            let doomed = try server.connect()
            #expect(throws: (any Error).self) { try doomed.query("CREATE MATERIALIZED VIEW made AS SELECT count(*) AS rows, sum(id) AS total FROM t") }
            server.waitUntilExit()
            try server.start()
            let connection = try server.connect()
            #expect(try connection.query("SELECT stream FROM leibrix.streams")[0].textRows == [["kept"]])
            _ = try connection.query("INSERT INTO t VALUES (\(10_000 + round), 3)")
            #expect(try connection.query("SELECT rows FROM kept WHERE n = 3")[0].textRows == [["\(501 + round)"]])
        }
        let connection = try server.connect()
        _ = try connection.query("CREATE MATERIALIZED VIEW made AS SELECT count(*) AS rows, sum(id) AS total FROM t")
        #expect(try connection.query("SELECT (SELECT rows FROM made) = (SELECT count(*) FROM t), (SELECT total FROM made) = (SELECT sum(id) FROM t)")[0].textRows == [["t", "t"]])
        #expect(server.stop() == 0)
    }
}
