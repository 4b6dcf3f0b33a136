// Nexmark through SQL and the library, one core, beside Flink with one slot in a process of its own, over the same rows in memory. Rows come in batches
// of 1,024, the relations in the order of their times; results leave to a listener that counts them.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Leibrix
internal import Nexmark
internal import Platform
internal import StreamHost

enum NexmarkBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let events = max(20_000, Int(2_000_000 * context.scale))
        let folder = try context.temporaryFolder("nexmark")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var report = BenchReport(name: "nexmark", settings: context.settings + [("events", "\(events)")])
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        try Nexmark.generate(connection, seed: 1, events: events)
        var theirs: [String: Double] = [:]
        if context.scale >= 0.1, let flink = FlinkPeer(context, folder: folder) {
            try write(connection, folder)
            context.progress("Flink")
            theirs = try flink.run(flinkQueries, rounds: 2)
        }
        let pushes = try pushes(connection)
        for query in Nexmark.cases where query.readsStreams {
            context.progress(query.name)
            var best = Double.infinity
            for _ in 0..<max(1, min(context.rounds, 2)) { best = min(best, try seconds(query.stream, pushes)) }
            let peer = theirs[query.name].flatMap { $0 > 0 ? Double(events) / $0 : nil }
            if let failed = theirs[query.name], failed < 0 { context.progress("LEFT OUT: Flink does not run \(query.name)") }
            report.figures.append(
                BenchFigure(query.name, unit: "events/s", ours: Double(events) / best, peer: peer, peerName: peer == nil ? "" : "Flink", atLeast: peer == nil ? nil : 10))
        }
        return report
    }

    /// Batches of all relations by the time of their first row.
    private static func pushes(_ connection: Connection) throws -> [(relation: Int, batch: Batch)] {
        var made: [(relation: Int, batch: Batch, time: Int64)] = []
        for (index, relation) in Nexmark.relations.enumerated() {
            guard let time = relation.columns.firstIndex(where: { $0.name == "ts" }) else { continue }
            var result = try connection.query("SELECT * FROM \(relation.name) ORDER BY ts")
            while let batch = try result.next() {
                for first in stride(from: 0, to: batch.rowCount, by: 1_024) {
                    let part = batch.slice(first..<min(first + 1_024, batch.rowCount)).compacted().batch
                    made.append((index, part, part.columns[time].load(0, as: Int64.self)))
                }
            }
        }
        return made.sorted { ($0.time, $0.relation) < ($1.time, $1.relation) }.map { ($0.relation, $0.batch) }
    }

    private static func seconds(_ query: String, _ pushes: [(relation: Int, batch: Batch)]) throws -> Double {
        let sources = Nexmark.relations.map { relation in
            "CREATE SOURCE \(relation.name) (\(relation.columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")), WATERMARK FOR ts)"
        }
        let statements = sources + ["CREATE STREAM answer AS \(query)"]
        let db = try Waiting.run {
            let db = try await Leibrix.builder().checkpoints(every: .seconds(86_400)).logLevel(.error).build()
            for statement in statements { try await db.execute(statement) }
            return db
        }
        defer { try? Waiting.run { await db.shutdown() } }
        let ports = try Nexmark.relations.map { try db.port($0.name) }
        let seen = SeenRows(sumOf: nil)
        let listener = try db.listen("answer") { seen.add($0) }
        defer { listener.cancel() }
        let seconds = try Timing.seconds {
            for push in pushes { try ports[push.relation].push(push.batch) }
            for (index, port) in ports.enumerated() {
                let time = Nexmark.relations[index].columns.firstIndex { $0.name == "ts" } ?? 0
                try port.push { $0.set(time, StreamData.start + 1_000 * 86_400 * 1_000_000) }
            }
        }.seconds
        guard seen.rows > 0 else { throw LeibrixError(.internal, "no results", detail: query) }
        return seconds
    }

    /// The relations as texts, times in milliseconds.
    private static func write(_ connection: Connection, _ folder: String) throws {
        for relation in Nexmark.relations {
            let columns = relation.columns.map { $0.type == .timestamp ? "epoch_ms(\($0.name))" : $0.name }.joined(separator: ", ")
            try connection.execute("COPY (SELECT \(columns) FROM \(relation.name) ORDER BY ts) TO '\(folder)/\(relation.name).tsv' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '')")
        }
    }

    /// As Flink writes them.
    private static let flinkQueries: [(name: String, sql: String)] = [
        ("q0", "SELECT auction, bidder, price, ts, extra FROM bid"),
        ("q1", "SELECT auction, bidder, 0.908 * price AS price, ts, extra FROM bid"),
        ("q2", "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0"),
        ("q5", "SELECT AuctionBids.auction, AuctionBids.num FROM (SELECT auction, COUNT(*) AS num, window_start AS starttime, window_end AS endtime FROM TABLE(HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end) AS AuctionBids JOIN (SELECT MAX(CountBids.num) AS maxn, CountBids.starttime, CountBids.endtime FROM (SELECT COUNT(*) AS num, window_start AS starttime, window_end AS endtime FROM TABLE(HOP(TABLE bid, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY auction, window_start, window_end) AS CountBids GROUP BY CountBids.starttime, CountBids.endtime) AS MaxBids ON AuctionBids.starttime = MaxBids.starttime AND AuctionBids.endtime = MaxBids.endtime AND AuctionBids.num >= MaxBids.maxn"),
        ("q7", "SELECT B.auction, B.price, B.bidder, B.ts, B.extra FROM bid B JOIN (SELECT MAX(price) AS maxprice, window_end AS ts FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) B1 ON B.price = B1.maxprice WHERE B.ts BETWEEN B1.ts - INTERVAL '10' SECOND AND B1.ts"),
        ("q8", "SELECT P.id, P.name, P.starttime FROM (SELECT id, name, window_start AS starttime, window_end AS endtime FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY id, name, window_start, window_end) P JOIN (SELECT seller, window_start AS starttime, window_end AS endtime FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY seller, window_start, window_end) A ON P.id = A.seller AND P.starttime = A.starttime AND P.endtime = A.endtime"),
        ("q10", "SELECT auction, bidder, price, ts, extra, DATE_FORMAT(ts, 'yyyy-MM-dd') AS `day`, DATE_FORMAT(ts, 'HH:mm') AS `minute` FROM bid"),
        ("q11", "SELECT bidder, COUNT(*) AS n, window_start AS s, window_end AS e FROM TABLE(SESSION(TABLE bid PARTITION BY bidder, DESCRIPTOR(ts), INTERVAL '2' SECOND)) GROUP BY bidder, window_start, window_end"),
        ("q14", "SELECT auction, bidder, 0.908 * price AS price, CASE WHEN HOUR(ts) >= 8 AND HOUR(ts) <= 18 THEN 'dayTime' WHEN HOUR(ts) <= 6 OR HOUR(ts) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS kind, ts, extra, CHAR_LENGTH(extra) - CHAR_LENGTH(REPLACE(extra, 'c', '')) AS c_counts FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000"),
        ("q15", "SELECT DATE_FORMAT(ts, 'yyyy-MM-dd') AS `day`, COUNT(*) AS total_bids, COUNT(*) FILTER (WHERE price < 10000) AS rank1_bids, COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids, COUNT(*) FILTER (WHERE price >= 1000000) AS rank3_bids, COUNT(DISTINCT bidder) AS bidders, COUNT(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders, COUNT(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bidders, COUNT(DISTINCT bidder) FILTER (WHERE price >= 1000000) AS rank3_bidders, COUNT(DISTINCT auction) AS auctions, COUNT(DISTINCT auction) FILTER (WHERE price < 10000) AS rank1_auctions, COUNT(DISTINCT auction) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_auctions, COUNT(DISTINCT auction) FILTER (WHERE price >= 1000000) AS rank3_auctions FROM bid GROUP BY DATE_FORMAT(ts, 'yyyy-MM-dd')"),
        ("q16", "SELECT channel, DATE_FORMAT(ts, 'yyyy-MM-dd') AS `day`, MAX(DATE_FORMAT(ts, 'HH:mm')) AS `minute`, COUNT(*) AS total_bids, COUNT(*) FILTER (WHERE price < 10000) AS rank1_bids, COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids, COUNT(*) FILTER (WHERE price >= 1000000) AS rank3_bids, COUNT(DISTINCT bidder) AS bidders, COUNT(DISTINCT bidder) FILTER (WHERE price < 10000) AS rank1_bidders, COUNT(DISTINCT bidder) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bidders, COUNT(DISTINCT bidder) FILTER (WHERE price >= 1000000) AS rank3_bidders, COUNT(DISTINCT auction) AS auctions, COUNT(DISTINCT auction) FILTER (WHERE price < 10000) AS rank1_auctions, COUNT(DISTINCT auction) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_auctions, COUNT(DISTINCT auction) FILTER (WHERE price >= 1000000) AS rank3_auctions FROM bid GROUP BY channel, DATE_FORMAT(ts, 'yyyy-MM-dd')"),
        ("q17", "SELECT auction, DATE_FORMAT(ts, 'yyyy-MM-dd') AS `day`, COUNT(*) AS total_bids, COUNT(*) FILTER (WHERE price < 10000) AS rank1_bids, COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000) AS rank2_bids, COUNT(*) FILTER (WHERE price >= 1000000) AS rank3_bids, MIN(price) AS low, MAX(price) AS high, AVG(price) AS mean, SUM(price) AS total FROM bid GROUP BY auction, DATE_FORMAT(ts, 'yyyy-MM-dd')"),
        ("q18", "SELECT auction, bidder, price, channel, url, ts, extra FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY bidder, auction ORDER BY ts DESC) AS place FROM bid) WHERE place <= 1"),
        ("q19", "SELECT auction, bidder, price, ts FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY auction ORDER BY price DESC) AS place FROM bid) WHERE place <= 10"),
        ("q21", "SELECT auction, bidder, price, channel, CASE WHEN LOWER(channel) = 'apple' THEN '0' WHEN LOWER(channel) = 'google' THEN '1' WHEN LOWER(channel) = 'facebook' THEN '2' WHEN LOWER(channel) = 'baidu' THEN '3' ELSE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) END AS channel_id FROM bid WHERE REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2) IS NOT NULL OR LOWER(channel) IN ('apple', 'google', 'facebook', 'baidu')"),
        ("q22", "SELECT auction, bidder, price, channel, SPLIT_INDEX(url, '/', 3) AS dir1, SPLIT_INDEX(url, '/', 4) AS dir2, SPLIT_INDEX(url, '/', 5) AS dir3 FROM bid"),
    ]
}
