// The queries. Left out: q12, whose windows follow the wall clock; and q6, whose order (auctions by when they closed) is no event time.

extension Nexmark {
    /// A query as a stream has it, and as a batch where that is written otherwise.
    public struct Case: Sendable {
        public var name: String
        public var stream: String
        public var batch: String?
        /// Whether the stream needs EMIT CHANGES.
        public var emitsChanges = false
        /// Whether it reads `bid`, `auction` and `person` alone: streams with event time, no tables' changes and no lookup.
        public var readsStreams: Bool { !["q3", "q4", "q9", "q13", "q20"].contains(name) }
    }

    private static let tumble = "time_bucket(INTERVAL '10 seconds', ts, TIMESTAMP '1970-01-01')"
    private static let slides = "(SELECT *, unnest(generate_series(time_bucket(INTERVAL '2 seconds', ts, TIMESTAMP '1970-01-01') - INTERVAL '8 seconds', time_bucket(INTERVAL '2 seconds', ts, TIMESTAMP '1970-01-01'), INTERVAL '2 seconds')) AS w FROM bid)"
    private static let hot = "SELECT auction, count(*) AS num, window_start AS w FROM bid GROUP BY auction, hop(ts, INTERVAL '2 seconds', INTERVAL '10 seconds')"
    private static let hotBatch = "SELECT auction, count(*) AS num, w FROM \(slides) GROUP BY auction, w"
    private static let day = "strftime(ts, '%Y-%m-%d')"
    private static let ranks = ["< 10000", ">= 10000 AND price < 1000000", ">= 1000000"]
    private static let counts = ranks.enumerated().map { "count(*) FILTER (WHERE price \($0.element)) AS rank\($0.offset + 1)_bids" }.joined(separator: ", ")
    private static let distincts = ["bidder", "auction"].map { column in
        "count(DISTINCT \(column)) AS \(column)s, " + ranks.enumerated().map { "count(DISTINCT \(column)) FILTER (WHERE price \($0.element)) AS rank\($0.offset + 1)_\(column)s" }.joined(separator: ", ")
    }.joined(separator: ", ")

    public static let cases: [Case] = [
        Case(name: "q0", stream: "SELECT auction, bidder, price, ts, extra FROM bid"),
        Case(name: "q1", stream: "SELECT auction, bidder, 0.908 * price AS price, ts, extra FROM bid"),
        Case(name: "q2", stream: "SELECT auction, price FROM bid WHERE auction % 123 = 0"),
        Case(name: "q3", stream: "SELECT p.name, p.city, p.state, a.id FROM auctions AS a JOIN persons AS p ON a.seller = p.id WHERE a.category = 10 AND (p.state = 'OR' OR p.state = 'ID' OR p.state = 'CA')"),
        Case(
            name: "q4", stream: "SELECT q.category, avg(q.final) AS mean FROM (SELECT max(b.price) AS final, a.category FROM auctions a, bids b WHERE a.id = b.auction AND b.ts BETWEEN a.ts AND a.expires GROUP BY a.id, a.category) q GROUP BY q.category",
            emitsChanges: true),
        Case(
            name: "q5", stream: "SELECT a.auction, a.num FROM (\(hot)) a JOIN (SELECT max(num) AS maxn, w FROM (\(hot)) GROUP BY w) b ON a.w = b.w AND a.num >= b.maxn",
            batch: "SELECT a.auction, a.num FROM (\(hotBatch)) a JOIN (SELECT max(num) AS maxn, w FROM (\(hotBatch)) GROUP BY w) b ON a.w = b.w AND a.num >= b.maxn"),
        Case(
            name: "q7", stream: "SELECT b.auction, b.price, b.bidder, b.ts FROM bid b JOIN (SELECT max(price) AS maxprice, window_end AS e FROM bid GROUP BY tumble(ts, INTERVAL '10 seconds')) m ON b.price = m.maxprice WHERE b.ts >= m.e - INTERVAL '10 seconds' AND b.ts < m.e",
            batch: "SELECT b.auction, b.price, b.bidder, b.ts FROM bid b JOIN (SELECT max(price) AS maxprice, \(tumble) AS s FROM bid GROUP BY s) m ON b.price = m.maxprice AND time_bucket(INTERVAL '10 seconds', b.ts, TIMESTAMP '1970-01-01') = m.s"),
        Case(
            name: "q8", stream: "SELECT p.id, p.name, p.w FROM (SELECT id, name, window_start AS w FROM person GROUP BY id, name, tumble(ts, INTERVAL '10 seconds')) p JOIN (SELECT seller, window_start AS w FROM auction GROUP BY seller, tumble(ts, INTERVAL '10 seconds')) a ON p.id = a.seller AND p.w = a.w",
            batch: "SELECT p.id, p.name, p.w FROM (SELECT DISTINCT id, name, \(tumble) AS w FROM person) p JOIN (SELECT DISTINCT seller, \(tumble) AS w FROM auction) a ON p.id = a.seller AND p.w = a.w"),
        Case(
            name: "q9", stream: "SELECT id, item, auction, bidder, price, bts FROM (SELECT a.id, a.item, b.auction, b.bidder, b.price, b.ts AS bts FROM auctions a JOIN bids b ON a.id = b.auction AND b.ts BETWEEN a.ts AND a.expires) QUALIFY row_number() OVER (PARTITION BY id ORDER BY price DESC, bts, bidder) <= 1"),
        Case(name: "q10", stream: "SELECT auction, bidder, price, ts, extra, strftime(ts, '%Y-%m-%d') AS day, strftime(ts, '%H:%M') AS minute FROM bid"),
        Case(
            name: "q11", stream: "SELECT bidder, count(*) AS n, window_start AS s FROM bid GROUP BY bidder, session(ts, INTERVAL '2 seconds')",
            batch: "SELECT bidder, count(*) AS n, min(ts) AS s FROM (SELECT *, sum(g) OVER (PARTITION BY bidder ORDER BY ts) AS number FROM (SELECT bidder, ts, CASE WHEN ts - lag(ts) OVER (PARTITION BY bidder ORDER BY ts) >= INTERVAL '2 seconds' THEN 1 ELSE 0 END AS g FROM bid)) GROUP BY bidder, number"),
        Case(name: "q13", stream: "SELECT b.auction, b.bidder, b.price, b.ts, s.value FROM (SELECT *, auction % 10000 AS k FROM bid) b JOIN side AS s AT (TIMESTAMP => now()) ON b.k = s.key", batch: "SELECT b.auction, b.bidder, b.price, b.ts, s.value FROM bid b JOIN side s ON b.auction % 10000 = s.key"),
        Case(
            name: "q14", stream: "SELECT auction, bidder, 0.908 * price AS price, CASE WHEN extract(hour FROM ts) >= 8 AND extract(hour FROM ts) <= 18 THEN 'dayTime' WHEN extract(hour FROM ts) <= 6 OR extract(hour FROM ts) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS kind, ts, extra, length(extra) - length(replace(extra, 'c', '')) AS c_counts FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000"),
        Case(name: "q15", stream: "SELECT \(day) AS day, count(*) AS total_bids, \(counts), \(distincts) FROM bid GROUP BY day"),
        Case(name: "q16", stream: "SELECT channel, \(day) AS day, max(strftime(ts, '%H:%M')) AS minute, count(*) AS total_bids, \(counts), \(distincts) FROM bid GROUP BY channel, day"),
        Case(name: "q17", stream: "SELECT auction, \(day) AS day, count(*) AS total_bids, \(counts), min(price) AS low, max(price) AS high, avg(price) AS mean, sum(price) AS total FROM bid GROUP BY auction, day"),
        Case(name: "q18", stream: "SELECT auction, bidder, price, channel, url, ts, extra FROM bid QUALIFY row_number() OVER (PARTITION BY bidder, auction ORDER BY ts DESC) <= 1"),
        Case(name: "q19", stream: "SELECT auction, bidder, price, ts FROM bid QUALIFY row_number() OVER (PARTITION BY auction ORDER BY price DESC, ts) <= 10"),
        Case(name: "q20", stream: "SELECT b.auction, b.bidder, b.price, b.ts, a.item, a.seller, a.expires FROM bids b JOIN auctions a ON b.auction = a.id WHERE a.category = 10"),
        Case(
            name: "q21", stream: "SELECT auction, bidder, price, channel, CASE WHEN lower(channel) = 'apple' THEN '0' WHEN lower(channel) = 'google' THEN '1' WHEN lower(channel) = 'facebook' THEN '2' WHEN lower(channel) = 'baidu' THEN '3' ELSE split_part(split_part(url, 'channel_id=', 2), '&', 1) END AS channel_id FROM bid WHERE url LIKE '%channel_id=%' OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')"),
        Case(name: "q22", stream: "SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3 FROM bid"),
    ]
}
