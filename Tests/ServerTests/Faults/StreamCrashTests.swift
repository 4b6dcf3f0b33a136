// The trades example over kill -9: a source, averages a window, a sink into a table and one into a file. The server ends at each
// named step of a sink and of a checkpoint, and in between; every window's average is in the table, the file and the
// subscription once.
import Foundation
import PostgresClient
import Testing

@Suite(.serialized) struct StreamCrashTests {
    static let points = [
        "sink-written", "sink-prepared", "sink-decided", "table-written", "table-committed", "checkpoint-begin", "checkpoint-engine",
        "checkpoint-rows", "checkpoint-done",
    ]

    private func make(_ connection: PostgresConnection, file: String) throws {
        for statement in [
            "CREATE SOURCE trades (sym VARCHAR, price DOUBLE, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '0 seconds')",
            "CREATE STREAM averages AS SELECT sym, avg(price) AS price, count(*) AS n FROM trades GROUP BY sym, tumble(ts, INTERVAL '10 seconds') EMIT ON WINDOW CLOSE",
            "CREATE MATERIALIZED VIEW totals AS SELECT sym, count(*) AS n, sum(price) AS total FROM trades GROUP BY sym",
            "CREATE TABLE averages_kept (sym TEXT, price DOUBLE PRECISION, n BIGINT)",
            "CREATE SINK to_table FROM averages INTO TABLE averages_kept",
            "CREATE SINK to_file FROM averages INTO FILES(path = '\(file)') FORMAT JSON",
        ] { _ = try connection.query(statement) }
    }

    /// Trade `number`, ten seconds behind the one before: it closes that one's window.
    private func insert(_ number: Int, _ connection: PostgresConnection) throws {
        _ = try connection.query("INSERT INTO trades VALUES ('A', \(number), TIMESTAMP '2026-01-01 00:00:00' + INTERVAL '\(number * 10) seconds')")
    }

    /// How many trades the server has.
    private func taken(_ connection: PostgresConnection) throws -> Int {
        Int(try connection.query("SELECT rows FROM leibrix.sources WHERE source = 'trades'")[0].textRows[0][0] ?? "") ?? -1
    }

    /// Inserts up to `count` trades; one that was not acknowledged before is inserted again where it is not there.
    private func fill(to count: Int, _ connection: PostgresConnection) throws {
        while true {
            let number = try taken(connection)
            if number >= count { return }
            try insert(number, connection)
        }
    }

    @Test func eachResultOnce() throws {
        let folder = TemporaryFolder("stream-crash")
        let file = folder.path + "/averages.jsonl"
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        try make(try server.connect(), file: file)
        var count = 3
        try fill(to: count, try server.connect())
        var seen: [String] = []
        var epoch = 0
        for point in Self.points {
            server.kill()
            count += 3
            // The process ends at the point, in one of these; where rows wait for a sink already while it starts.
            _ = Result {
                try server.start(environment: ["LEIBRIX_FAULT": point])
                let doomed = try server.connect()
                try fill(to: count, doomed)
                _ = try doomed.query("CHECKPOINT")
            }
            let deadline = Date().addingTimeInterval(600)
            while server.isRunning && Date() < deadline { usleep(10_000) }
            #expect(!server.isRunning, "\(point) was not reached")
            try server.start()
            let connection = try server.connect()
            try fill(to: count, connection)
            // A client that goes on behind the last epoch it has.
            let cursor = "DECLARE c CURSOR FOR SUBSCRIBE averages AS OF EPOCH \(epoch)"
            let rows = try connection.query("BEGIN; \(cursor); FETCH ALL FROM c; COMMIT")[2].textRows
            seen += rows.map { $0[1] ?? "" }
            epoch = rows.last.flatMap { $0[3] }.flatMap { Int($0) } ?? epoch
        }
        let connection = try server.connect()
        _ = try connection.query("CHECKPOINT")
        let expected = (0..<count - 1).map { "\($0)" }
        #expect(seen == expected)
        let kept = try connection.query("SELECT price::BIGINT FROM averages_kept ORDER BY price")[0].textRows.map { $0[0] ?? "" }
        #expect(kept == expected)
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == expected.count)
        #expect(Set(lines).count == lines.count)
        let totals = try connection.query("SELECT n, total::BIGINT FROM totals")[0].textRows[0]
        #expect(totals == ["\(count)", "\((0..<count).reduce(0, +))"])
        #expect(server.stop() == 0)
    }
}
