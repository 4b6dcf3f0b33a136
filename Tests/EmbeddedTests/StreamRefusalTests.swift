internal import Base
internal import Foundation
internal import Leibrix
internal import Testing

/// Every statement of streams that is refused: its code, a place or the name it is about, and a hint. Nothing is made by it.
@Suite(.serialized) struct StreamRefusalTests {
    /// A statement, the code of its refusal, and a part of the message.
    struct Refusal: Sendable {
        let sql: String
        let code: ErrorCode
        let words: String
        init(_ sql: String, _ code: ErrorCode, _ words: String) { (self.sql, self.code, self.words) = (sql, code, words) }
    }

    static let setup = """
        CREATE SOURCE a (k VARCHAR, n INTEGER, x DOUBLE, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1 second');
        CREATE SOURCE b (k VARCHAR, n INTEGER, ts TIMESTAMP, WATERMARK FOR ts);
        CREATE SOURCE plain (k VARCHAR, n INTEGER);
        CREATE SOURCE millis (k VARCHAR, ms BIGINT, WATERMARK FOR ms);
        CREATE STREAM replacing AS SELECT k, count(*) AS c FROM a GROUP BY k;
        CREATE STREAM changing AS SELECT k, count(*) AS c FROM a GROUP BY k EMIT CHANGES;
        CREATE STREAM whole AS SELECT * FROM a WHERE n > 0;
        CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);
        CREATE TABLE keyless (k VARCHAR, c BIGINT)
        """

    static let queries: [Refusal] = [
        Refusal("SELEC k FROM a", .syntax, "SELEC"),
        Refusal("SELECT k, FROM FROM a", .syntax, "FROM"),
        Refusal("SELECT k FROM a WHERE", .syntax, "syntax error"),
        Refusal("SELECT nope FROM a", .undefinedColumn, "nope"),
        Refusal("SELECT a.nope FROM a", .undefinedColumn, "nope"),
        Refusal("SELECT k FROM nowhere", .streamUndefined, "nowhere"),
        Refusal("SELECT frob(k) FROM a", .streamNotSupported, "frob"),
        Refusal("SELECT k FROM a, b WHERE k = 'x'", .streamJoin, "equality"),
        Refusal("SELECT k, count(*) FROM a", .grouping, "k"),
        Refusal("SELECT k, count(*) FROM a GROUP BY 7", .syntax, "position 7"),
        Refusal("SELECT k FROM a WHERE $1 = k", .streamNotSupported, "parameters"),
        Refusal("SELECT k FROM a ORDER BY k", .streamNotSupported, "ORDER BY"),
        Refusal("SELECT k, ts FROM a ORDER BY ts LIMIT 0", .streamUnbounded, "first rows"),
        Refusal("SELECT k, ts FROM a ORDER BY ts LIMIT 5 OFFSET 2", .streamNotSupported, ""),
        Refusal("SELECT list(n) FROM a GROUP BY k", .streamNotSupported, "list"),
        Refusal("SELECT k, count(*) FROM a GROUP BY GROUPING SETS ((k), ())", .streamNotSupported, ""),
        Refusal("SELECT k, rank() OVER (ORDER BY n) FROM a", .streamNotSupported, ""),
        Refusal("SELECT k FROM a WHERE n IN (SELECT n FROM b)", .streamNotSupported, ""),
        Refusal("SELECT k FROM a EXCEPT SELECT k FROM b", .streamUnbounded, ""),
        Refusal("SELECT k FROM a UNION ALL SELECT k, n FROM b", .syntax, "UNION"),
        Refusal("WITH RECURSIVE r AS (SELECT k FROM a UNION ALL SELECT k FROM r) SELECT * FROM r", .streamNotSupported, ""),
        // Words that would do nothing.
        Refusal("SELECT k FROM a USING SAMPLE 10%", .streamNotSupported, ""),
        Refusal("SELECT k FROM a TABLESAMPLE 10%", .streamNotSupported, ""),
        Refusal("SELECT DISTINCT ON (k) k, n FROM a", .streamNotSupported, ""),
        Refusal("SELECT k COLLATE NOCASE FROM a", .streamNotSupported, ""),
        Refusal("SELECT k, ts FROM a ORDER BY ts LIMIT 10%", .streamNotSupported, ""),
        Refusal("SELECT max(k ORDER BY n) FROM a GROUP BY n", .streamNotSupported, ""),
        Refusal("SELECT k, lag(n IGNORE NULLS) OVER (PARTITION BY k ORDER BY ts) FROM a", .streamNotSupported, ""),
        Refusal("SELECT k FROM nowhere.a", .streamUndefined, "nowhere"),
        // Windows.
        Refusal("SELECT count(*) FROM plain GROUP BY tumble(k, INTERVAL '1 second')", .streamNoEventTime, "event time"),
        Refusal("SELECT count(*) FROM a GROUP BY tumble(ts)", .streamWindow, "tumble"),
        Refusal("SELECT count(*) FROM a GROUP BY tumble(ts, INTERVAL '1 month')", .streamWindow, "months"),
        Refusal("SELECT count(*) FROM a GROUP BY tumble(ts, INTERVAL '0 seconds')", .streamWindow, "positive"),
        Refusal("SELECT count(*) FROM a GROUP BY tumble(ts, n)", .streamWindow, "constant"),
        Refusal("SELECT count(*) FROM a GROUP BY hop(ts, INTERVAL '10 seconds', INTERVAL '5 seconds')", .streamWindow, "hop"),
        Refusal("SELECT count(*) FROM a GROUP BY hop(ts, INTERVAL '1 ms', INTERVAL '1 day')", .streamWindow, "windows"),
        Refusal("SELECT count(*) FROM a GROUP BY cumulate(ts, INTERVAL '3 seconds', INTERVAL '10 seconds')", .streamWindow, "cumulate"),
        Refusal("SELECT count(DISTINCT n) FROM a GROUP BY session(ts, INTERVAL '1 second')", .streamWindow, "sessions"),
        Refusal("SELECT tumble(ts, INTERVAL '1 second') FROM a", .streamWindow, ""),
        // EMIT and its kin.
        Refusal("SELECT k FROM a EMIT ON WINDOW CLOSE", .streamEmitMode, "EMIT"),
        Refusal("SELECT k FROM a EMIT CHANGES", .streamEmitMode, "EMIT"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k EMIT ON WINDOW CLOSE", .streamEmitMode, "window"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k EMIT ON WATERMARK", .streamEmitMode, "window"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k EMIT EVERY INTERVAL '0 seconds'", .streamEmitMode, "interval"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k, session(ts, INTERVAL '1 second') EMIT CHANGES", .streamEmitMode, "sessions"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k EMIT CHANGES EMIT FINAL", .syntax, "EMIT"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k EMIT SOMETIMES", .syntax, ""),
        Refusal("SELECT k, count(*) FROM a GROUP BY k ALLOW LATENESS INTERVAL '1 second'", .streamWindow, "ALLOW LATENESS"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k, tumble(ts, INTERVAL '1 second') ALLOW LATENESS INTERVAL '1 month'", .invalidOption, "interval"),
        Refusal("SELECT k FROM a LATE DATA TO late_rows", .streamEmitMode, "LATE DATA TO"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k LATE DATA TO late_rows", .streamEmitMode, "LATE DATA TO"),
        Refusal("SELECT k, count(*) FROM a GROUP BY k, tumble(ts, INTERVAL '1 second') LATE DATA TO whole", .streamDuplicate, "whole"),
        // Joins.
        Refusal("SELECT a.k FROM a JOIN b ON a.k = b.k", .streamUnboundedJoin, "bound"),
        Refusal("SELECT a.k FROM a CROSS JOIN b", .streamJoin, "equality"),
        Refusal("SELECT a.k FROM a JOIN b ON b.ts BETWEEN a.ts AND a.ts + INTERVAL '1 second'", .streamJoin, "equality"),
        Refusal("SELECT a.k FROM a JOIN millis m ON a.k = m.k AND m.ms > 5", .streamJoin, "units"),
        Refusal("SELECT a.k FROM a ASOF RIGHT JOIN b ON a.k = b.k AND a.ts >= b.ts", .streamJoin, "ASOF"),
        // Rows that are taken back or replaced.
        Refusal("SELECT c, count(*) FROM replacing GROUP BY c", .streamOverChanges, "ON UPDATE"),
        Refusal("SELECT product(c) FROM changing", .streamOverChanges, "aggregate"),
    ]

    static let statements: [Refusal] = [
        Refusal("CREATE SOURCE a (k VARCHAR)", .streamDuplicate, "a"),
        Refusal("CREATE SOURCE t (k VARCHAR)", .streamDuplicate, "t"),
        Refusal("CREATE SOURCE other.s (k VARCHAR)", .undefinedSchema, "other"),
        Refusal("CREATE SOURCE s ()", .syntax, ""),
        Refusal("CREATE SOURCE s", .streamConfiguration, "column"),
        Refusal("CREATE SOURCE s (k VARCHAR, k INTEGER)", .streamConfiguration, "k"),
        Refusal("CREATE SOURCE s (k BLOB)", .streamNotSupported, "BLOB"),
        Refusal("CREATE SOURCE s (k INTEGER[])", .streamNotSupported, "INTEGER[]"),
        Refusal("CREATE SOURCE s (k VARCHAR(10))", .streamNotSupported, "VARCHAR(10)"),
        Refusal("CREATE SOURCE s (k frobs)", .streamNotSupported, "frobs"),
        Refusal("CREATE SOURCE s (k VARCHAR NOT NULL)", .notSupported, "constraint"),
        Refusal("CREATE SOURCE s (k VARCHAR, WATERMARK FOR ts)", .undefinedColumn, "ts"),
        Refusal("CREATE SOURCE s (k VARCHAR, WATERMARK FOR k)", .streamNoEventTime, "event time"),
        Refusal("CREATE SOURCE s (ts TIMESTAMP, u TIMESTAMP, WATERMARK FOR ts AS u)", .syntax, "u"),
        Refusal("CREATE SOURCE s (ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '1 month')", .invalidOption, "interval"),
        Refusal("CREATE SOURCE s (k VARCHAR) FROM KAFKA (topic = 'x')", .streamConnector, "KAFKA"),
        Refusal("CREATE SOURCE s (k VARCHAR) FROM FILES (path = '/nowhere/*.json', nonsense = 1) FORMAT JSON", .invalidOption, "nonsense"),
        Refusal("CREATE SOURCE s (k VARCHAR) FROM FILES (path = '${LEIBRIX_NOT_SET}') FORMAT JSON", .streamConfiguration, "LEIBRIX_NOT_SET"),
        Refusal("CREATE SOURCE s (k VARCHAR) FROM FILES (path = '/nowhere/*.avro') FORMAT AVRO", .streamConnector, "avro"),
        Refusal("CREATE SOURCE s (k VARCHAR) FROM GENERATOR (rows = 'many')", .invalidOption, "rows"),
        Refusal("CREATE SOURCE s (n BIGINT) FROM GENERATOR (rows = 1) FORMAT JSON", .streamConnector, "format"),
        Refusal("CREATE SOURCE s (k VARCHAR) FORMAT JSON", .streamNotSupported, "FORMAT"),
        Refusal("CREATE SOURCE s (k VARCHAR) WITH (nonsense = 1)", .streamConfiguration, "nonsense"),
        Refusal("CREATE SOURCE s (k VARCHAR) WITH (idle_timeout = '1 s')", .streamNoEventTime, "idle_timeout"),
        Refusal("CREATE SOURCE s (ts TIMESTAMP, WATERMARK FOR ts) WITH (idle_timeout = 'long')", .streamConfiguration, "idle_timeout"),
        Refusal("CREATE SOURCE s (ts TIMESTAMP, WATERMARK FOR ts) WITH (partition = k)", .streamConfiguration, "partition"),
        Refusal("CREATE STREAM whole AS SELECT k FROM a", .streamDuplicate, "whole"),
        Refusal("CREATE STREAM s SELECT k FROM a", .syntax, ""),
        Refusal("CREATE STREAM s AS", .syntax, ""),
        Refusal("CREATE MATERIALIZED VIEW s AS SELECT k FROM a WITH NO DATA", .notSupported, "WITH NO DATA"),
        Refusal("CREATE MATERIALIZED VIEW s AS SELECT k, count(*) FROM a GROUP BY k EMIT EVERY INTERVAL '1 second'", .streamEmitMode, "replace"),
        Refusal("CREATE SINK s FROM nowhere INTO TABLE t", .streamUndefined, "nowhere"),
        Refusal("CREATE SINK s FROM whole", .streamConfiguration, "target"),
        Refusal("CREATE SINK s FROM whole INTO TABLE nowhere", .undefinedRelation, "nowhere"),
        Refusal("CREATE SINK s FROM whole INTO TABLE t", .streamSchema, ""),
        Refusal("CREATE SINK s FROM whole INTO KAFKA (topic = 'x')", .streamConnector, "KAFKA"),
        Refusal("CREATE SINK s FROM whole INTO FILES (path = '/nowhere', nonsense = 1) FORMAT JSON", .invalidOption, "nonsense"),
        Refusal("CREATE SINK s FROM whole INTO FILES (path = '/nowhere') FORMAT XML", .streamConnector, "xml"),
        Refusal("CREATE SINK s FROM whole INTO TABLE keyless FORMAT JSON", .streamConfiguration, "format"),
        Refusal("CREATE SINK s FROM changing INTO TABLE keyless", .streamNotSupported, "keyless"),
        Refusal("CREATE SINK s FROM (SELECT k, count(*) FROM a GROUP BY k, tumble(ts, INTERVAL '1 second') LATE DATA TO l) INTO TABLE keyless", .streamNotSupported, "LATE DATA TO"),
        Refusal("CREATE LOOKUP TABLE s (k INTEGER, PRIMARY KEY (k)) FROM POSTGRES (host = 'x')", .notSupported, "LOOKUP TABLE"),
        Refusal("DROP SOURCE a", .streamInUse, "a"),
        Refusal("DROP SOURCE nowhere", .streamUndefined, "nowhere"),
        Refusal("DROP STREAM a", .streamUndefined, "a"),
        Refusal("DROP SINK whole", .streamUndefined, "whole"),
        Refusal("ALTER SOURCE nowhere ADD COLUMN c INTEGER", .streamUndefined, "nowhere"),
        Refusal("ALTER SOURCE whole ADD COLUMN c INTEGER", .streamUndefined, "whole"),
        Refusal("ALTER SOURCE a ADD COLUMN k INTEGER", .streamConfiguration, "k"),
        Refusal("ALTER SOURCE a ADD COLUMN c BLOB", .streamNotSupported, "BLOB"),
        Refusal("ALTER SOURCE a SET (nonsense = 1)", .streamConfiguration, "nonsense"),
        Refusal("ALTER SOURCE plain SET (idle_timeout = '1 s')", .streamNoEventTime, "idle_timeout"),
        Refusal("ALTER SOURCE a RENAME TO c", .syntax, ""),
        Refusal("SUBSCRIBE nowhere", .streamUndefined, "nowhere"),
        Refusal("SUBSCRIBE a", .streamNotSupported, "source"),
        Refusal("SUBSCRIBE whole AS OF EPOCH 100000", .streamRejected, "100000"),
        Refusal("SUBSCRIBE whole WHERE nope = 1", .streamNotSupported, "condition"),
        Refusal("SUBSCRIBE whole LIMIT -1", .invalidOption, "LIMIT"),
        Refusal("RESTORE FROM CHECKPOINT 4711", .streamNoCheckpoint, "4711"),
        Refusal("RESTORE FROM BACKUP 1", .syntax, ""),
        Refusal("EXPLAIN STATE SELECT k FROM nowhere", .streamUndefined, "nowhere"),
        Refusal("EXPLAIN ANALYZE SELECT k FROM a", .streamNotSupported, "runs"),
        Refusal("SHOW CREATE SINK nowhere", .streamUndefined, "nowhere"),
        Refusal("SELECT * FROM whole", .streamNotSupported, "whole"),
        Refusal("SELECT * FROM a", .streamNotSupported, "a"),
        Refusal("UPDATE a SET n = 1", .streamNotSupported, "a"),
        Refusal("DELETE FROM a", .streamNotSupported, "a"),
        Refusal("INSERT INTO whole VALUES ('k', 1, 1, now())", .streamNotSupported, "whole"),
        Refusal("INSERT INTO a VALUES ('k') ON CONFLICT DO NOTHING", .streamNotSupported, "ON CONFLICT"),
        Refusal("INSERT INTO a VALUES ('k') RETURNING k", .streamNotSupported, "RETURNING"),
        Refusal("INSERT INTO a (nope) VALUES (1)", .undefinedColumn, "nope"),
    ]

    @Test func everyRefusalHasCodePlaceAndHint() async throws {
        let db = try await Leibrix.open()
        try await db.execute(Self.setup)
        let before = try await db.query("SELECT count(*) AS n FROM leibrix.streams").collect().first?["n"]
        var wrong: [String] = []
        let queries = Self.queries.map { Refusal("CREATE STREAM s AS " + $0.sql, $0.code, $0.words) } + Self.queries.filter { $0.code != .syntax }.map { Refusal("EXPLAIN STATE " + $0.sql, $0.code, $0.words) }
        for refusal in queries + Self.statements {
            do throws(LeibrixError) {
                if refusal.sql.hasPrefix("S") || refusal.sql.hasPrefix("EXPLAIN") { _ = try await db.query(refusal.sql).collect() } else { try await db.execute(refusal.sql) }
                wrong.append("\(refusal.sql)\n    is not refused")
                for kind in ["SINK", "STREAM", "MATERIALIZED VIEW", "SOURCE"] where refusal.sql.hasPrefix("CREATE \(kind) s") { try await db.execute("DROP \(kind) s") }
            } catch {
                var faults: [String] = []
                if error.code != refusal.code { faults.append("code \(error.code.rawValue), wanted \(refusal.code.rawValue)") }
                if !refusal.words.isEmpty, !error.message.contains(refusal.words) { faults.append("does not say \"\(refusal.words)\"") }
                if error.hint == nil { faults.append("no hint") }
                if error.position == nil, refusal.words.isEmpty || !error.message.contains(refusal.words) { faults.append("no place") }
                if !faults.isEmpty { wrong.append("\(refusal.sql)\n    \(error.message): \(faults.joined(separator: "; "))") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) refusals differ:\n\(wrong.joined(separator: "\n"))")
        #expect(try await db.query("SELECT count(*) AS n FROM leibrix.streams").collect().first?["n"] == before)
        await db.shutdown()
    }
}
