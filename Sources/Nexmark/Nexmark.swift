// Nexmark (Tucker et al. 2002, as Flink and Beam have it): rows by seed, and its queries. For tests and benchmarks.
//
// `bid`, `auction` and `person` are streams with event time; `bids`, `auctions` and `persons` the same rows as tables' changes, for
// the joins that have no bound in time.
public import Base
public import Columnar
public import DuckDBKit

public enum Nexmark {
    public static let bid: [DataType.Field] = [
        .init("auction", .bigInt), .init("bidder", .bigInt), .init("price", .bigInt), .init("channel", .varchar), .init("url", .varchar), .init("ts", .timestamp), .init("extra", .varchar),
    ]
    public static let auction: [DataType.Field] = [
        .init("id", .bigInt), .init("item", .varchar), .init("initial", .bigInt), .init("reserve", .bigInt), .init("ts", .timestamp), .init("expires", .timestamp), .init("seller", .bigInt), .init("category", .bigInt),
    ]
    public static let person: [DataType.Field] = [.init("id", .bigInt), .init("name", .varchar), .init("email", .varchar), .init("city", .varchar), .init("state", .varchar), .init("ts", .timestamp)]
    public static let relations: [(name: String, columns: [DataType.Field])] = [("bid", bid), ("auction", auction), ("person", person)]

    /// 50 events make one person, three auctions and 46 bids; an event every 20 ms, each at a microsecond of its own. Hot auctions and bidders come more often.
    public static func generate(_ connection: Connection, seed: Int, events: Int) throws(LeibrixError) {
        let random = { (salt: Int, modulus: String) in "(hash(n * 64 + \(salt) + \(seed) * 7919) % (\(modulus)))::BIGINT" }
        let ts = "TIMESTAMP '2026-02-27 07:59:00' + to_microseconds(n * 20000 + n % 7)"
        let auctions = "(n // 50 * 3 + 1)"
        try connection.execute(
            """
            CREATE TABLE person AS SELECT n // 50 AS id, 'name ' || \(random(1, "40")) || ' of many letters' AS name, 'm' || n || '@example.org' AS email,
              ['Phoenix', 'Portland', 'Boise', 'Kent'][1 + \(random(2, "4"))] AS city, ['OR', 'ID', 'CA', 'WA', 'AZ'][1 + \(random(3, "5"))] AS state, \(ts) AS ts
              FROM range(\(events)) t(n) WHERE n % 50 = 0;
            CREATE TABLE auction AS SELECT n // 50 * 3 + n % 50 - 1 AS id, 'item ' || \(random(4, "900")) AS item, \(random(5, "1000")) AS initial, \(random(6, "5000")) AS reserve, \(ts) AS ts,
              \(ts) + to_milliseconds(2000 + \(random(7, "9000"))) AS expires, greatest(n // 50 - \(random(8, "12")), 0) AS seller, 10 + \(random(9, "5")) AS category
              FROM range(\(events)) t(n) WHERE n % 50 BETWEEN 1 AND 3;
            CREATE TABLE bid AS SELECT CASE WHEN \(random(10, "2")) = 0 THEN \(auctions) // 100 * 100 ELSE greatest(\(auctions) - \(random(11, "60")), 0) END AS auction,
              CASE WHEN \(random(12, "4")) > 0 THEN n // 50 // 20 * 20 ELSE greatest(n // 50 - \(random(13, "50")), 0) END AS bidder, (100 * pow(10, \(random(14, "600")) / 100.0))::BIGINT AS price,
              CASE \(random(15, "6")) WHEN 0 THEN 'Google' WHEN 1 THEN 'Facebook' WHEN 2 THEN 'Baidu' WHEN 3 THEN 'Apple' ELSE 'channel-' || \(random(16, "100")) END AS channel,
              'https://www.nexmark.com/' || \(random(17, "30")) || '/' || \(random(18, "30")) || '/item.htm?query=1' || CASE WHEN \(random(19, "2")) = 0 THEN '&channel_id=' || \(random(20, "1000")) ELSE '' END AS url, \(ts) AS ts, 'c' || \(random(21, "100000000")) || 'cc extra' AS extra
              FROM range(\(events)) t(n) WHERE n % 50 > 3;
            CREATE VIEW bids AS FROM bid; CREATE VIEW auctions AS FROM auction; CREATE VIEW persons AS FROM person;
            CREATE TABLE side AS SELECT n AS key, 'value ' || n AS value FROM range(2000) t(n) WHERE n % 3 > 0
            """)
    }
}
