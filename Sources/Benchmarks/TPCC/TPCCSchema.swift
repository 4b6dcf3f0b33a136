// TPC-C's nine tables and their first rows, made by the same statements on either server. Of a stock's ten texts for districts there is
// one.
internal import Base

enum TPCCSchema {
    static let tables = [
        "CREATE TABLE warehouse (w_id int PRIMARY KEY, w_name varchar(10), w_street varchar(40), w_city varchar(20), w_state char(2), "
            + "w_zip char(9), w_tax numeric(4,4) NOT NULL, w_ytd numeric(12,2) NOT NULL)",
        "CREATE TABLE district (d_w_id int, d_id int, d_name varchar(10), d_street varchar(40), d_city varchar(20), d_state char(2), "
            + "d_zip char(9), d_tax numeric(4,4) NOT NULL, d_ytd numeric(12,2) NOT NULL, d_next_o_id int NOT NULL, PRIMARY KEY (d_w_id, d_id))",
        "CREATE TABLE customer (c_w_id int, c_d_id int, c_id int, c_first varchar(16), c_middle char(2), c_last varchar(16), "
            + "c_street varchar(40), c_phone char(16), c_since timestamp, c_credit char(2), c_credit_lim numeric(12,2), c_discount numeric(4,4), "
            + "c_balance numeric(12,2) NOT NULL, c_ytd_payment numeric(12,2) NOT NULL, c_payment_cnt int NOT NULL, c_delivery_cnt int NOT NULL, "
            + "c_data varchar(500), PRIMARY KEY (c_w_id, c_d_id, c_id))",
        "CREATE TABLE history (h_c_id int, h_c_d_id int, h_c_w_id int, h_d_id int, h_w_id int, h_date timestamp, h_amount numeric(6,2), "
            + "h_data varchar(24))",
        "CREATE TABLE orders (o_w_id int, o_d_id int, o_id int, o_c_id int NOT NULL, o_entry_d timestamp, o_carrier_id int, "
            + "o_ol_cnt int NOT NULL, o_all_local int, PRIMARY KEY (o_w_id, o_d_id, o_id))",
        "CREATE TABLE new_order (no_w_id int, no_d_id int, no_o_id int, PRIMARY KEY (no_w_id, no_d_id, no_o_id))",
        "CREATE TABLE order_line (ol_w_id int, ol_d_id int, ol_o_id int, ol_number int, ol_i_id int NOT NULL, ol_supply_w_id int, "
            + "ol_delivery_d timestamp, ol_quantity int, ol_amount numeric(6,2), ol_dist_info char(24), "
            + "PRIMARY KEY (ol_w_id, ol_d_id, ol_o_id, ol_number))",
        "CREATE TABLE item (i_id int PRIMARY KEY, i_im_id int, i_name varchar(24), i_price numeric(5,2) NOT NULL, i_data varchar(50))",
        "CREATE TABLE stock (s_w_id int, s_i_id int, s_quantity int NOT NULL, s_dist char(24), s_ytd int NOT NULL, s_order_cnt int NOT NULL, "
            + "s_remote_cnt int NOT NULL, s_data varchar(50), PRIMARY KEY (s_w_id, s_i_id))",
    ]

    static let indexes = [
        "CREATE INDEX customer_name ON customer (c_w_id, c_d_id, c_last, c_first)",
        "CREATE INDEX orders_customer ON orders (o_w_id, o_d_id, o_c_id, o_id)",
    ]

    private static let now = "timestamp '2026-01-01 00:00:00'"
    private static let address = "'street', 'city', 'ST', '123456789'"
    private static let orderLines = "(5 + (o * 7 + d) % 11)"

    /// A last name from a number, in SQL.
    private static func lastName(_ number: String) -> String {
        let list = "'\(TPCCScale.syllables.joined(separator: ","))'"
        let digits = ["floor(\(number) / 100.0)", "floor(\(number) / 10.0) % 10", "\(number) % 10"]
        return digits.map { "split_part(\(list), ',', CAST(\($0) AS int) + 1)" }.joined(separator: " || ")
    }

    /// What one warehouse has at first, item apart.
    static func rows(of warehouse: Int, _ scale: TPCCScale) -> [String] {
        let (w, customers, first) = (warehouse, scale.customers, scale.delivered + 1)
        let districts = "generate_series(1, \(TPCCScale.districts)) AS gd(d)"
        let orders = "\(districts), generate_series(1, \(customers)) AS go(o)"
        let name = lastName("(CASE WHEN c <= 1000 THEN c - 1 ELSE (c * 7919) % 1000 END)")
        return [
            "INSERT INTO warehouse VALUES (\(w), 'W\(w)', \(address), 0.1000, \(customers * 10 * TPCCScale.districts).00)",
            "INSERT INTO district SELECT \(w), d, 'D' || d, \(address), 0.0500, \(customers * 10).00, \(customers + 1) FROM \(districts)",
            "INSERT INTO customer SELECT \(w), d, c, 'first' || (c * 31 % 97), 'OE', \(name), 'street', '0123456789012345', \(now), "
                + "CASE WHEN c % 10 = 0 THEN 'BC' ELSE 'GC' END, 50000.00, (c % 50) / 100.0, -10.00, 10.00, 1, 0, repeat('c', 400) "
                + "FROM \(districts), generate_series(1, \(customers)) AS gc(c)",
            "INSERT INTO history SELECT c, d, \(w), d, \(w), \(now), 10.00, 'history' FROM \(districts), generate_series(1, \(customers)) AS gc(c)",
            "INSERT INTO orders SELECT \(w), d, o, (o * 7919) % \(customers) + 1, \(now), CASE WHEN o < \(first) THEN o % 10 + 1 END, "
                + "\(orderLines), 1 FROM \(orders)",
            "INSERT INTO new_order SELECT \(w), d, o FROM \(districts), generate_series(\(first), \(customers)) AS go(o)",
            "INSERT INTO order_line SELECT \(w), d, o, n, (o * 31 + n * 17 + d) % \(scale.items) + 1, \(w), CASE WHEN o < \(first) THEN \(now) END, "
                + "5, CASE WHEN o < \(first) THEN 0.00 ELSE ((o * n) % 999900 + 1) / 100.0 END, repeat('d', 24) "
                + "FROM \(orders), generate_series(1, 15) AS gn(n) WHERE n <= \(orderLines)",
            "INSERT INTO stock SELECT \(w), i, 10 + i % 91, repeat('s', 24), 0, 0, 0, repeat('x', 40) FROM generate_series(1, \(scale.items)) AS gi(i)",
        ]
    }

    static func items(_ scale: TPCCScale) -> String {
        "INSERT INTO item SELECT i, i % 10000, 'item ' || i, (100 + i % 9900) / 100.0, "
            + "CASE WHEN i % 10 = 0 THEN 'ORIGINAL' ELSE repeat('i', 40) END FROM generate_series(1, \(scale.items)) AS gi(i)"
    }
}

/// The consistency conditions (clause 3.3.2), each as a query that counts what breaches it.
enum TPCCConditions {
    private static let orderTotals = "SELECT o_w_id AS w, o_d_id AS d, sum(o_ol_cnt) AS n FROM orders GROUP BY o_w_id, o_d_id"
    private static let delivered =
        "SELECT o_w_id AS w, o_d_id AS d, o_c_id AS c, sum(ol_amount) AS amount FROM orders JOIN order_line "
        + "ON ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id WHERE ol_delivery_d IS NOT NULL GROUP BY o_w_id, o_d_id, o_c_id"
    private static let paid = "SELECT h_c_w_id AS w, h_c_d_id AS d, h_c_id AS c, sum(h_amount) AS amount FROM history GROUP BY h_c_w_id, h_c_d_id, h_c_id"

    static let all: [(number: Int, sql: String)] = [
        (1, "SELECT count(*) FROM warehouse JOIN (SELECT d_w_id AS w, sum(d_ytd) AS y FROM district GROUP BY d_w_id) s ON s.w = w_id WHERE y <> w_ytd"),
        (2, "SELECT count(*) FROM district LEFT JOIN (SELECT o_w_id AS w, o_d_id AS d, max(o_id) AS o FROM orders GROUP BY o_w_id, o_d_id) s "
            + "ON s.w = d_w_id AND s.d = d_id WHERE o IS NULL OR d_next_o_id - 1 <> o"),
        (3, "SELECT count(*) FROM (SELECT max(no_o_id) - min(no_o_id) + 1 AS range, count(*) AS n FROM new_order GROUP BY no_w_id, no_d_id) s WHERE range <> n"),
        (4, "SELECT count(*) FROM (\(orderTotals)) a JOIN (SELECT ol_w_id AS w, ol_d_id AS d, count(*) AS n FROM order_line GROUP BY ol_w_id, ol_d_id) b "
            + "ON a.w = b.w AND a.d = b.d WHERE a.n <> b.n"),
        (5, "SELECT count(*) FROM orders LEFT JOIN new_order ON no_w_id = o_w_id AND no_d_id = o_d_id AND no_o_id = o_id "
            + "WHERE (o_carrier_id IS NULL) <> (no_o_id IS NOT NULL)"),
        (6, "SELECT count(*) FROM orders LEFT JOIN (SELECT ol_w_id AS w, ol_d_id AS d, ol_o_id AS o, count(*) AS n FROM order_line "
            + "GROUP BY ol_w_id, ol_d_id, ol_o_id) s ON s.w = o_w_id AND s.d = o_d_id AND s.o = o_id WHERE n IS NULL OR n <> o_ol_cnt"),
        (7, "SELECT count(*) FROM order_line JOIN orders ON o_w_id = ol_w_id AND o_d_id = ol_d_id AND o_id = ol_o_id "
            + "WHERE (ol_delivery_d IS NULL) <> (o_carrier_id IS NULL)"),
        (8, "SELECT count(*) FROM warehouse JOIN (SELECT h_w_id AS w, sum(h_amount) AS y FROM history GROUP BY h_w_id) s ON s.w = w_id WHERE y <> w_ytd"),
        (9, "SELECT count(*) FROM district JOIN (SELECT h_w_id AS w, h_d_id AS d, sum(h_amount) AS y FROM history GROUP BY h_w_id, h_d_id) s "
            + "ON s.w = d_w_id AND s.d = d_id WHERE y <> d_ytd"),
        (10, "SELECT count(*) FROM customer LEFT JOIN (\(delivered)) a ON a.w = c_w_id AND a.d = c_d_id AND a.c = c_id "
            + "LEFT JOIN (\(paid)) b ON b.w = c_w_id AND b.d = c_d_id AND b.c = c_id "
            + "WHERE c_balance <> coalesce(a.amount, 0) - coalesce(b.amount, 0)"),
        (12, "SELECT count(*) FROM customer LEFT JOIN (\(delivered)) a ON a.w = c_w_id AND a.d = c_d_id AND a.c = c_id "
            + "WHERE c_balance + c_ytd_payment <> coalesce(a.amount, 0)"),
    ]
}
