// Trades of a few symbols: their average price over ten seconds, as each window closes, and the last price of each, read by
// SELECT at any time.
import Leibrix

struct Trade: Codable, Sendable {
    var symbol: String
    var price: Double
    var quantity: Int
    var ts: Timestamp
}

struct Average: Codable, Sendable {
    var symbol: String
    var opened: Timestamp
    var trades: Int
    var mean: Double
}

struct Last: Codable, Sendable {
    var symbol: String
    var trades: Int
    var highest: Double
}

@main
struct Trades {
    static func main() async throws {
        let db = try await Leibrix.open()
        let trades = try await db.createSource("trades", of: Trade.self, eventTime: "ts", delay: .seconds(1))
        try await db.execute(
            """
            CREATE STREAM averages AS
              SELECT symbol, tumble(ts, INTERVAL '10 seconds') AS opened, count(*) AS trades, avg(price) AS mean
              FROM trades GROUP BY symbol, tumble(ts, INTERVAL '10 seconds')
              EMIT ON WINDOW CLOSE;
            CREATE MATERIALIZED VIEW totals AS
              SELECT symbol, count(*) AS trades, max(price) AS highest FROM trades GROUP BY symbol
            """)
        let averages = try db.subscribe("averages", as: Average.self)

        // A minute of trades, ten a second.
        let symbols = ["ACME", "GLOBEX", "INITECH"]
        for second in 0..<60 {
            let batch = (0..<10).map { tick in
                let number = second * 10 + tick
                return Trade(
                    symbol: symbols[number % 3], price: 100 + Double(number % 7) + Double(number % 3) * 50, quantity: 1 + number % 5,
                    ts: Timestamp(milliseconds: Int64(number) * 100))
            }
            try await trades.push(batch)
        }

        // The last window is still open: its rows may yet come.
        var windows = 0
        while let change = try averages.poll() {
            let average = change.record
            print("\(average.symbol) from second \(average.opened.micros / 1_000_000): \(average.trades) trades, mean \(average.mean)")
            windows += 1
        }
        print("\nall so far:")
        for total in try await db.query("SELECT * FROM totals ORDER BY symbol", as: Last.self) {
            print("\(total.symbol): \(total.trades) trades, highest \(total.highest)")
        }
        await db.shutdown()
        precondition(windows == 15, "five windows of three symbols were to close, not \(windows)")
    }
}
