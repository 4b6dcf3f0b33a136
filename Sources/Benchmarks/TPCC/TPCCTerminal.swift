// One terminal: a connection, a home warehouse, and the five transactions, each statement prepared and a round trip of its own.
internal import Base
internal import PostgresClient

/// Called on one thread. Random choices come from a seed.
final class TPCCTerminal {
    let connection: PostgresConnection
    let scale: TPCCScale
    let warehouse: Int
    var random: SeededChoices

    init(_ connection: PostgresConnection, _ scale: TPCCScale, warehouse: Int, seed: UInt64) throws {
        self.connection = connection
        self.scale = scale
        self.warehouse = warehouse
        random = SeededChoices(seed: seed)
        for (name, sql) in Self.statements { _ = try connection.prepare(name, sql) }
    }

    static let statements: [(String, String)] = [
        ("begin", "BEGIN"), ("commit", "COMMIT"), ("rollback", "ROLLBACK"),
        ("w_tax", "SELECT w_tax FROM warehouse WHERE w_id = $1"),
        ("c_terms", "SELECT c_discount, c_last, c_credit FROM customer WHERE c_w_id = $1 AND c_d_id = $2 AND c_id = $3"),
        ("d_next", "UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = $1 AND d_id = $2 RETURNING d_next_o_id, d_tax"),
        ("o_insert", "INSERT INTO orders VALUES ($1, $2, $3, $4, $5, NULL, $6, $7)"),
        ("no_insert", "INSERT INTO new_order VALUES ($1, $2, $3)"),
        ("i_price", "SELECT i_price, i_name, i_data FROM item WHERE i_id = $1"),
        ("s_take", "UPDATE stock SET s_quantity = CASE WHEN s_quantity >= $3 + 10 THEN s_quantity - $3 ELSE s_quantity - $3 + 91 END, "
            + "s_ytd = s_ytd + $3, s_order_cnt = s_order_cnt + 1, s_remote_cnt = s_remote_cnt + $4 WHERE s_w_id = $1 AND s_i_id = $2 RETURNING s_quantity, s_dist"),
        ("ol_insert", "INSERT INTO order_line VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, $9)"),
        ("w_pay", "UPDATE warehouse SET w_ytd = w_ytd + $2::numeric(12,2) WHERE w_id = $1 RETURNING w_name"),
        ("d_pay", "UPDATE district SET d_ytd = d_ytd + $3::numeric(12,2) WHERE d_w_id = $1 AND d_id = $2 RETURNING d_name"),
        ("c_named", "SELECT c_id FROM customer WHERE c_w_id = $1 AND c_d_id = $2 AND c_last = $3 ORDER BY c_first"),
        ("c_pay", "UPDATE customer SET c_balance = c_balance - $4::numeric(12,2), c_ytd_payment = c_ytd_payment + $4::numeric(12,2), c_payment_cnt = c_payment_cnt + 1 "
            + "WHERE c_w_id = $1 AND c_d_id = $2 AND c_id = $3 RETURNING c_balance, c_credit, c_data"),
        ("c_note", "UPDATE customer SET c_data = $4 WHERE c_w_id = $1 AND c_d_id = $2 AND c_id = $3"),
        ("h_insert", "INSERT INTO history VALUES ($1, $2, $3, $4, $5, $6, $7, 'payment')"),
        ("c_balance", "SELECT c_balance, c_first, c_middle, c_last FROM customer WHERE c_w_id = $1 AND c_d_id = $2 AND c_id = $3"),
        ("o_last", "SELECT o_id, o_entry_d, o_carrier_id FROM orders WHERE o_w_id = $1 AND o_d_id = $2 AND o_c_id = $3 ORDER BY o_id DESC LIMIT 1"),
        ("ol_all", "SELECT ol_i_id, ol_supply_w_id, ol_quantity, ol_amount, ol_delivery_d FROM order_line WHERE ol_w_id = $1 AND ol_d_id = $2 AND ol_o_id = $3"),
        ("no_first", "SELECT no_o_id FROM new_order WHERE no_w_id = $1 AND no_d_id = $2 ORDER BY no_o_id LIMIT 1"),
        ("no_delete", "DELETE FROM new_order WHERE no_w_id = $1 AND no_d_id = $2 AND no_o_id = $3"),
        ("o_carry", "UPDATE orders SET o_carrier_id = $4 WHERE o_w_id = $1 AND o_d_id = $2 AND o_id = $3 RETURNING o_c_id"),
        ("ol_deliver", "UPDATE order_line SET ol_delivery_d = $4 WHERE ol_w_id = $1 AND ol_d_id = $2 AND ol_o_id = $3 RETURNING ol_amount"),
        ("c_deliver", "UPDATE customer SET c_balance = c_balance + $4::numeric(12,2), c_delivery_cnt = c_delivery_cnt + 1 WHERE c_w_id = $1 AND c_d_id = $2 AND c_id = $3"),
        ("d_order", "SELECT d_next_o_id FROM district WHERE d_w_id = $1 AND d_id = $2"),
        ("low_stock", "SELECT count(DISTINCT s_i_id) FROM order_line JOIN stock ON s_i_id = ol_i_id WHERE ol_w_id = $1 AND ol_d_id = $2 "
            + "AND ol_o_id >= $3 AND ol_o_id < $4 AND s_w_id = $1 AND s_quantity < $5"),
    ]

    enum Kind: Int, CaseIterable { case newOrder, payment, orderStatus, delivery, stockLevel }

    /// The standard's mix at its least: 45, 43, 4, 4, 4 of a hundred.
    func next() -> Kind {
        switch random.number(1...100) {
        case ...45: .newOrder
        case ...88: .payment
        case ...92: .orderStatus
        case ...96: .delivery
        default: .stockLevel
        }
    }

    /// Runs one to its end, again where the server asks for that. Returns whether it committed (a new order in a hundred rolls back by the
    /// standard), and how often it was run again.
    func run(_ kind: Kind) throws -> (isCommitted: Bool, retries: Int) {
        let state = random
        var retries = 0
        while true {
            do {
                _ = try connection.execute("begin")
                let isGood = try transaction(kind)
                _ = try connection.execute(isGood ? "commit" : "rollback")
                return (isGood, retries)
            } catch let error where ["40001", "40P01"].contains((error as? ClientError)?.server?.sqlState) {
                _ = try connection.execute("rollback")
                guard retries < 1_000 else { throw error }
                retries += 1
                random = state
            }
        }
    }

    private func transaction(_ kind: Kind) throws -> Bool {
        switch kind {
        case .newOrder: return try newOrder()
        case .payment: try payment()
        case .orderStatus: try orderStatus()
        case .delivery: try delivery()
        case .stockLevel: try stockLevel()
        }
        return true
    }

    func execute(_ statement: String, _ parameters: [Any]) throws -> StatementResult {
        try connection.execute(statement, parameters.map { "\($0)" })
    }

    /// The first cell of a statement that must find a row.
    func one(_ statement: String, _ parameters: [Any], column: Int = 0) throws -> String {
        let result = try execute(statement, parameters)
        guard let text = result.rows.isEmpty ? nil : result.text(0, column) else {
            throw LeibrixError(.internal, "\(statement) of \(parameters) found nothing")
        }
        return text
    }
}

/// The standard's random numbers (clauses 2.1.5, 2.1.6), by a seed.
struct SeededChoices {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func number(_ range: ClosedRange<Int>) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return range.lowerBound + Int(state >> 11) % range.count
    }

    mutating func uneven(_ a: Int, _ range: ClosedRange<Int>, constant: Int) -> Int {
        let mixed = number(0...a) | number(range)
        return (mixed + constant) % range.count + range.lowerBound
    }

    mutating func item(_ scale: TPCCScale) -> Int { uneven(min(8_191, scale.items), 1...scale.items, constant: 7_911) }
    mutating func customer(_ scale: TPCCScale) -> Int { uneven(min(1_023, scale.customers), 1...scale.customers, constant: 259) }
    mutating func lastName(_ scale: TPCCScale) -> String {
        TPCCScale.lastName(uneven(min(255, scale.customers), 0...min(999, scale.customers - 1), constant: 223))
    }
}
