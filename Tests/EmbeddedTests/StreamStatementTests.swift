internal import Base
internal import Columnar
internal import Foundation
internal import Leibrix
internal import Platform
internal import Testing

/// Statements of streams over restarts: sources that are altered, streams that go back to a checkpoint, variables, EXPLAIN.
@Suite(.serialized) struct StreamStatementTests {
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.path + "/lbx-statements-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func rows(_ db: Leibrix, _ sql: String) async throws -> [[Value]] { try await db.query(sql).collect().map(\.values) }

    /// The first `count` changes of a stream behind an epoch.
    private func changes(_ db: Leibrix, _ name: String, _ count: Int, after epoch: Int64 = 0) async throws -> [[Value]] {
        try await rows(db, "SUBSCRIBE \(name) AS OF EPOCH \(epoch) LIMIT \(count)")
    }

    private struct Sum: Codable { var k: String; var n: Int }

    // MARK: ALTER SOURCE

    /// A stream of all columns keeps those it was made with, over a checkpoint, a crash and a restart; rows of each time keep theirs.
    @Test(arguments: [false, true]) func addedColumnsSurvive(withCheckpoint: Bool) async throws {
        let folder = Folder()
        var db = try await Leibrix.builder().storage(folder.path).checkpoints(every: .seconds(100_000)).build()
        try await db.execute(
            """
            CREATE SOURCE s (k VARCHAR, n INTEGER);
            CREATE MATERIALIZED VIEW old AS SELECT * FROM s;
            INSERT INTO s VALUES ('a', 1)
            """)
        if withCheckpoint { try await db.execute("CHECKPOINT") }
        try await db.execute("ALTER SOURCE s ADD COLUMN x DOUBLE; CREATE MATERIALIZED VIEW new AS SELECT * FROM s; INSERT INTO s VALUES ('b', 2, 2.5)")
        try await db.execute("ALTER SOURCE s ADD y BOOLEAN; INSERT INTO s (y, k) VALUES (true, 'c'); CREATE MATERIALIZED VIEW newest AS SELECT * FROM s")
        try await db.execute("INSERT INTO s VALUES ('d', 4, 4.5, false)")
        for life in 0..<3 {
            #expect(try await rows(db, "SELECT * FROM old ORDER BY k") == [["a", 1], ["b", 2], ["c", .null], ["d", 4]], "life \(life)")
            #expect(try await rows(db, "SELECT * FROM new ORDER BY k") == [["b", 2, .double(2.5)], ["c", .null, .null], ["d", 4, .double(4.5)]], "life \(life)")
            #expect(try await rows(db, "SELECT * FROM newest ORDER BY k") == [["d", 4, .double(4.5), .boolean(false)]], "life \(life)")
            #expect(try await rows(db, "DESCRIBE s").count == 4)
            let made = try #require(try await rows(db, "SHOW CREATE SOURCE s").first?.last)
            #expect("\(made)".contains("CREATE SOURCE") && "\(made)".contains("ADD COLUMN x DOUBLE") && "\(made)".contains("ADD y BOOLEAN"))
            await db.shutdown()
            db = try await Leibrix.builder().storage(folder.path).checkpoints(every: .seconds(100_000)).build()
        }
        await db.shutdown()
    }

    /// Rows with a source's older columns are refused, and leave nothing in the log that would stop the next start.
    @Test func rowsOfOtherColumnsLeaveNoTrace() async throws {
        let folder = Folder()
        var db = try await Leibrix.open(folder.path)
        try await db.execute("CREATE SOURCE s (k VARCHAR, n INTEGER); CREATE MATERIALIZED VIEW v AS SELECT * FROM s")
        struct Pair: Codable { var k: String; var n: Int32 }
        let writer = try db.source("s", of: Pair.self)
        try await writer.push(Pair(k: "a", n: 1))
        try await db.execute("ALTER SOURCE s ADD COLUMN x DOUBLE")
        let error = await #expect(throws: LeibrixError.self) { try await writer.push(Pair(k: "b", n: 2)) }
        #expect(error?.code == .streamSchema)
        try await db.source("s", of: Pair.self).push(Pair(k: "c", n: 3))
        await db.shutdown()
        db = try await Leibrix.open(folder.path)
        #expect(try await rows(db, "SELECT * FROM v ORDER BY k") == [["a", 1], ["c", 3]])
        await db.shutdown()
    }

    // MARK: RESTORE

    @Test func goesBackToACheckpoint() async throws {
        let folder = Folder()
        var db = try await Leibrix.builder().storage(folder.path).checkpoints(every: .seconds(100_000)).build()
        try await db.execute(
            """
            CREATE SOURCE s (k VARCHAR, n INTEGER, ts TIMESTAMP, WATERMARK FOR ts);
            CREATE MATERIALIZED VIEW sums AS SELECT k, sum(n)::BIGINT AS n FROM s GROUP BY k;
            CREATE STREAM w AS SELECT k, sum(n)::BIGINT AS n FROM s GROUP BY k, tumble(ts, INTERVAL '10 seconds') EMIT ON WINDOW CLOSE;
            INSERT INTO s VALUES ('a', 1, '2026-01-01 00:00:01'), ('a', 2, '2026-01-01 00:00:12')
            """)
        try await db.execute("CHECKPOINT")
        let number = try #require(try await rows(db, "SELECT max(checkpoint) FROM leibrix.checkpoints").first?.first?.integer)
        let epoch = try #require(try await rows(db, "SELECT max(epoch) FROM leibrix.checkpoints").first?.first?.integer)
        try await db.execute("INSERT INTO s VALUES ('b', 10, '2026-01-01 00:00:21'); INSERT INTO s VALUES ('b', 20, '2026-01-01 00:00:41')")
        try await db.execute("CREATE MATERIALIZED VIEW later AS SELECT count(*) AS n FROM s; INSERT INTO s VALUES ('c', 1, '2026-01-01 00:00:42'); CHECKPOINT")
        let ended = try db.subscribe("w", as: Sum.self)
        #expect(try await rows(db, "SELECT * FROM sums ORDER BY k") == [["a", 3], ["b", 30], ["c", 1]])
        let before = try #require(try await rows(db, "SELECT max(epoch) FROM leibrix.streams").first?.first?.integer)
        try await db.execute("RESTORE FROM CHECKPOINT \(number)")
        #expect(try await rows(db, "SELECT * FROM sums ORDER BY k") == [["a", 3]])
        #expect(try await rows(db, "SELECT * FROM later").isEmpty)
        await #expect(throws: Never.self) { while try await ended.next() != nil {} }
        // The rows of another past: the windows that had closed close with other rows.
        try await db.execute("INSERT INTO s VALUES ('a', 5, '2026-01-01 00:00:13'), ('d', 7, '2026-01-01 00:00:30')")
        for life in 0..<2 {
            #expect(try await rows(db, "SELECT * FROM sums ORDER BY k") == [["a", 8], ["d", 7]], "life \(life)")
            #expect(try await rows(db, "SELECT * FROM later") == [[2]], "life \(life)")
            let seen = try await changes(db, "w", 2)
            #expect(seen.map { Array($0.prefix(2)) } == [["a", 1], ["a", 7]], "life \(life)")
            #expect(seen[0][2].integer ?? 0 <= epoch && seen[1][2].integer ?? 0 > before)
            let error = await #expect(throws: LeibrixError.self) { try await rows(db, "SUBSCRIBE w AS OF EPOCH \(before - 1) LIMIT 0") }
            #expect(error?.code == .streamRejected)
            await db.shutdown()
            db = try await Leibrix.builder().storage(folder.path).checkpoints(every: .seconds(100_000)).build()
        }
        let gone = await #expect(throws: LeibrixError.self) { try await db.execute("RESTORE FROM CHECKPOINT \(number)") }
        #expect(gone?.code == .streamNoCheckpoint)
        await db.shutdown()
    }

    /// A sink does not take back what it has written: it must be said that this is meant.
    @Test func sinksKeepWhatTheyHave() async throws {
        let folder = Folder()
        let db = try await Leibrix.builder().storage(folder.path).checkpoints(every: .seconds(100_000)).build()
        try await db.execute(
            """
            CREATE SOURCE s (k VARCHAR, n INTEGER); CREATE TABLE t (k VARCHAR, n INTEGER);
            CREATE STREAM copy AS SELECT k, n FROM s; CREATE SINK out FROM copy INTO TABLE t;
            INSERT INTO s VALUES ('a', 1)
            """)
        try await db.execute("CHECKPOINT")
        try await db.execute("INSERT INTO s VALUES ('b', 2)")
        try await db.execute("CHECKPOINT")
        let first = try #require(try await rows(db, "SELECT min(checkpoint) FROM leibrix.checkpoints").first?.first?.integer)
        let error = await #expect(throws: LeibrixError.self) { try await db.execute("RESTORE FROM CHECKPOINT \(first)") }
        #expect(error?.code == .streamInUse)
        try await db.execute("RESTORE FROM CHECKPOINT \(first) FORCE")
        try await db.execute("INSERT INTO s VALUES ('c', 3)")
        try await db.execute("CHECKPOINT")
        #expect(try await rows(db, "SELECT * FROM t ORDER BY k") == [["a", 1], ["b", 2], ["c", 3]])
        await db.shutdown()
    }

    /// A damaged checkpoint is passed over, and one can see it.
    @Test func damagedCheckpointsShow() async throws {
        let folder = Folder()
        var db = try await Leibrix.builder().storage(folder.path).checkpoints(every: .seconds(100_000)).build()
        try await db.execute("CREATE SOURCE s (n INTEGER); CREATE MATERIALIZED VIEW v AS SELECT sum(n)::BIGINT AS n FROM s; INSERT INTO s VALUES (1)")
        try await db.execute("CHECKPOINT")
        try await db.execute("INSERT INTO s VALUES (2)")
        await db.shutdown()
        let hosts = folder.path + "/streams/host"
        let newest = try #require(try Files.list(hosts).map(\.name).filter { $0.hasSuffix(".rows") }.compactMap { Int($0.dropLast(5)) }.max())
        var bytes = try Files.read("\(hosts)/\(newest).rows")
        bytes[bytes.count / 2] ^= 0x40
        try Files.replace("\(hosts)/\(newest).rows", with: bytes)
        db = try await Leibrix.builder().storage(folder.path).checkpoints(every: .seconds(100_000)).build()
        #expect(try await rows(db, "SELECT n FROM v") == [[3]])
        #expect(try await rows(db, "SELECT state FROM leibrix.checkpoints WHERE checkpoint = \(newest)") == [["DAMAGED"]])
        #expect(try await rows(db, "SELECT count(*) FROM leibrix.checkpoints WHERE state = 'COMPLETE'") == [[1]])
        await db.shutdown()
    }

    // MARK: variables

    @Test func variablesStandInOptions() async throws {
        let folder = Folder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        struct Number: Codable, Hashable { var n: Int32 }
        let db = try await Leibrix.builder().variable("FOLDER", folder.path).build()
        try await db.execute(
            """
            CREATE SOURCE s (n INTEGER) FROM FILES (path = '${FOLDER}/in*.json') FORMAT JSON;
            CREATE STREAM copy AS SELECT n FROM s; CREATE SINK out FROM copy INTO FILES (path = '${FOLDER}/out') FORMAT JSON
            """)
        let copy = try db.subscribe("copy", as: Number.self)
        try Data("{\"n\": 1}\n{\"n\": 2}\n".utf8).write(to: URL(fileURLWithPath: folder.path + "/in.json"), options: .atomic)
        #expect(try await copy.next()?.record == Number(n: 1))
        #expect(try await copy.next()?.record == Number(n: 2))
        let error = await #expect(throws: LeibrixError.self) { try await db.execute("CREATE SOURCE t (n INTEGER) FROM FILES (path = '${NOWHERE}/x') FORMAT JSON") }
        #expect(error?.code == .streamConfiguration && error?.message.contains("NOWHERE") == true)
        await db.shutdown()
    }

    // MARK: EXPLAIN

    @Test func explainsWhatStateCosts() async throws {
        let db = try await Leibrix.open()
        try await db.execute(
            """
            CREATE SOURCE s (k VARCHAR, n INTEGER, ts TIMESTAMP, WATERMARK FOR ts);
            CREATE STREAM w AS SELECT k, sum(n)::BIGINT AS n FROM s WHERE n > 0 GROUP BY k, tumble(ts, INTERVAL '10 seconds') ALLOW LATENESS INTERVAL '5 seconds'
            """)
        try await db.execute("INSERT INTO s VALUES ('a', 1, '2026-01-01 00:00:01'), ('b', -1, '2026-01-01 00:00:02'), ('c', 2, '2026-01-01 00:00:03')")
        for sql in ["EXPLAIN STATE w", "EXPLAIN STATE SELECT k, sum(n)::BIGINT AS n FROM s GROUP BY k, tumble(ts, INTERVAL '10 seconds') ALLOW LATENESS INTERVAL '5 seconds'"] {
            let bound = try #require(try await db.query(sql).collect().first)
            #expect(bound["operator"].map { "\($0)".contains("window") } == true)
            #expect((bound["bytes"]?.integer ?? 0) > 0)
            #expect(bound["bytes_max"]?.integer == (bound["bytes"]?.integer ?? 0) * (bound["units_max"]?.integer ?? 0))
            #expect((bound["time_to_live_ms"]?.integer ?? 0) >= 15_000)
            #expect(bound["units_now"] == (sql == "EXPLAIN STATE w" ? 2 : .null))
        }
        let lines = try await rows(db, "EXPLAIN ANALYZE w").compactMap { $0[0].text }
        #expect(lines[0] == "Stream w  (EMIT ON WINDOW CLOSE, ALLOW LATENESS 5 s; rows stand)")
        #expect(lines.contains { $0.contains("rows in=3 emitted=2 filtered=1") })
        #expect(lines.contains { $0.contains("buffered=2") })
        let json = try #require(try await rows(db, "EXPLAIN (FORMAT json) w").first?[0].text.flatMap { try? JSON.parse($0) })
        #expect(json["reads"]?.array == [.string("s")])
        #expect(json["operators"]?.array?.last?["state"]?.array?.first?["unit"]?.string == "key and window" || json["operators"]?.array?.count == 3)
        await db.shutdown()
    }
}

extension Value {
    fileprivate var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}
