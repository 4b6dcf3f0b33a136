// Payments by card. Two rules: more than three payments of a card within a minute, and two payments of a card in different
// countries within five minutes. Alerts come by callback; known cards lie in a table beside the streams.
import Leibrix
import Synchronization

struct Payment: Codable, Sendable {
    var card: Int
    var amount: Double
    var country: String
    var ts: Timestamp
}

struct Burst: Codable, Sendable {
    var card: Int
    var payments: Int
    var total: Double
}

struct Journey: Codable, Sendable {
    var card: Int
    var here: String
    var there: String
}

final class Alerts: Sendable {
    let texts = Mutex<[String]>([])
    func add(_ text: String) { texts.withLock { $0.append(text) } }
}

@main
struct FraudDetection {
    static func main() async throws {
        let db = try await Leibrix.open()
        let payments = try await db.createSource("payments", of: Payment.self, eventTime: "ts", delay: .seconds(5))
        try await db.execute(
            """
            CREATE STREAM bursts AS
              SELECT card, count(*) AS payments, sum(amount) AS total
              FROM payments GROUP BY card, tumble(ts, INTERVAL '1 minute')
              HAVING count(*) > 3
              EMIT ON WINDOW CLOSE;
            CREATE STREAM journeys AS
              SELECT a.card, a.country AS here, b.country AS there
              FROM payments a JOIN payments b
                ON a.card = b.card AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '5 minutes' AND a.country <> b.country
            """)
        try await db.execute("CREATE TABLE cards (card bigint PRIMARY KEY, owner varchar); INSERT INTO cards VALUES (1, 'Ada'), (2, 'Bob'), (7, 'Eve')")

        let alerts = Alerts()
        let first = try db.subscribe("bursts", as: Burst.self) { change in
            alerts.add("card \(change.record.card): \(change.record.payments) payments of \(change.record.total) within a minute")
        }
        let second = try db.subscribe("journeys", as: Journey.self) { change in
            alerts.add("card \(change.record.card): in \(change.record.here), then in \(change.record.there)")
        }

        // Eve pays five times in a minute; Bob is in two countries; Ada does nothing of the kind.
        var rows = (0..<5).map { Payment(card: 7, amount: 20, country: "FR", ts: Timestamp(seconds: Int64(10 + $0 * 5))) }
        rows.append(Payment(card: 1, amount: 80, country: "DE", ts: Timestamp(seconds: 40)))
        rows.append(Payment(card: 2, amount: 30, country: "IT", ts: Timestamp(seconds: 70)))
        rows.append(Payment(card: 2, amount: 35, country: "US", ts: Timestamp(seconds: 130)))
        rows.append(Payment(card: 1, amount: 10, country: "DE", ts: Timestamp(seconds: 900)))
        for row in rows { try await payments.push(row) }

        // Callbacks come from other threads: wait for the two that must.
        while alerts.texts.withLock({ $0.count }) < 2 { try await Task.sleep(for: .milliseconds(5)) }
        first.cancel()
        second.cancel()
        for text in alerts.texts.withLock({ $0.sorted() }) { print("ALERT \(text)") }
        struct Owner: Decodable { var owner: String }
        for card in try await db.query("SELECT owner FROM cards WHERE card IN (2, 7) ORDER BY owner", as: Owner.self) { print("ask \(card.owner)") }
        await db.shutdown()
        precondition(alerts.texts.withLock { $0.count } == 2)
    }
}
