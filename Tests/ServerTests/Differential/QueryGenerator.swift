// A grammar of SELECTs over the fixture tables, walked at random. Every query has an answer that does not depend on the order
// rows are met in: what is limited is ordered by all its columns, what is aggregated is insensitive to order.

enum ColumnClass: CaseIterable { case int, float, decimal, text, date, timestamp, bool }

struct GeneratedTable {
    let name: String
    let columns: [(name: String, kind: ColumnClass)]

    static let all: [GeneratedTable] = [
        GeneratedTable(name: "nums", columns: [
            ("id", .int), ("t", .int), ("s", .int), ("n", .int), ("big", .int), ("d", .float), ("money", .decimal), ("wide", .decimal), ("flag", .bool), ("maybe", .int),
        ]),
        GeneratedTable(name: "people", columns: [
            ("id", .int), ("name", .text), ("dept_id", .int), ("salary", .decimal), ("hired", .date), ("manager_id", .int), ("colour", .text),
        ]),
        GeneratedTable(name: "depts", columns: [("id", .int), ("name", .text), ("budget", .decimal)]),
        GeneratedTable(name: "orders", columns: [
            ("id", .int), ("person_id", .int), ("amount", .decimal), ("day", .date), ("status", .text), ("year", .int), ("month", .int),
        ]),
        GeneratedTable(name: "events", columns: [
            ("id", .int), ("ts", .timestamp), ("kind", .text), ("value", .float), ("person_id", .int),
        ]),
        GeneratedTable(name: "edge", columns: [("id", .int), ("s", .text)]),
        GeneratedTable(name: "empty", columns: [("a", .int), ("b", .text), ("c", .date), ("d", .decimal)]),
        GeneratedTable(name: "types", columns: [
            ("id", .int), ("c_bool", .bool), ("c_tiny", .int), ("c_small", .int), ("c_utiny", .int), ("c_dec4", .decimal), ("c_text", .text), ("c_date", .date), ("c_ts", .timestamp),
        ]),
    ]
}

struct QueryGenerator {
    private var random: SeededRandom
    private var columns: [(name: String, kind: ColumnClass)] = []

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func query() -> String {
        let from = source()
        let condition = random.chance(70) ? " WHERE \(predicate(depth: 2))" : ""
        switch random.below(10) {
        case 0..<4: return aggregate(from + condition)
        case 4: return "SELECT \(selection(1)) FROM \(from)\(condition) \(setOperator()) SELECT \(selection(1, same: true)) FROM \(from)"
        case 5: return window(from + condition)
        case 6: return "WITH c AS (SELECT \(named(2)) FROM \(from)\(condition)) SELECT count(*), count(c1), min(c1), max(c2) FROM c"
        default: return plain(from + condition)
        }
    }

    // MARK: from

    private mutating func source() -> String {
        let first = random.pick(GeneratedTable.all)
        columns = first.columns.map { ("a.\($0.name)", $0.kind) }
        guard random.chance(35) else { return "\(first.name) a" }
        let second = random.pick(GeneratedTable.all.filter { $0.name != "nums" || first.name != "orders" })
        let join = random.pick(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        let left = random.pick(first.columns.filter { $0.kind == .int })
        let right = random.pick(second.columns.filter { $0.kind == .int })
        if random.chance(25) { return "\(first.name) a \(random.pick(["SEMI", "ANTI"])) JOIN \(second.name) b ON a.\(left.name) = b.\(right.name)" }
        columns += second.columns.map { ("b.\($0.name)", $0.kind) }
        return "(SELECT * FROM \(first.name) WHERE \(left.name) % 3 = 0) a \(join) (SELECT * FROM \(second.name) WHERE \(right.name) < 60) b ON a.\(left.name) = b.\(right.name)"
    }

    private mutating func column(_ kind: ColumnClass) -> String? {
        let fitting = columns.filter { $0.kind == kind }
        return fitting.isEmpty ? nil : random.pick(fitting).name
    }

    // MARK: expressions

    private mutating func literal(_ kind: ColumnClass) -> String {
        switch kind {
        case .int: String(random.pick([0, 1, 2, 3, 5, 7, 10, 50, 100, 500, -1]))
        case .float: random.pick(["0.0::DOUBLE", "1.5::DOUBLE", "50.25::DOUBLE", "1000::DOUBLE"])
        case .decimal: random.pick(["0.00", "1.50", "99.99", "500.00", "50000.00"])
        case .text: random.pick(["''", "'sales'", "'paid'", "'click'", "'blue'", "'m'", "'Z'"])
        case .date: random.pick(["DATE '2023-01-01'", "DATE '2023-06-15'", "DATE '2024-01-01'", "DATE '2018-03-04'"])
        case .timestamp: random.pick(["TIMESTAMP '2024-01-01 00:00:00'", "TIMESTAMP '2024-01-20 12:30:00'", "TIMESTAMP '2024-02-29 00:00:01'"])
        case .bool: random.pick(["true", "false"])
        }
    }

    private mutating func expression(_ kind: ColumnClass, depth: Int) -> String {
        guard depth > 0, random.chance(60) else {
            return random.chance(80) ? column(kind) ?? literal(kind) : random.chance(10) ? "NULL" : literal(kind)
        }
        let inner = depth - 1
        func call(_ name: String, _ arguments: String...) -> String { "\(name)(\(arguments.joined(separator: ", ")))" }
        switch kind {
        case .int:
            let (left, right) = (expression(.int, depth: inner), literal(.int))
            return random.pick(["(\(left) % 7)", "(\(left)::BIGINT % 1000 + \(right))", "coalesce(\(left), \(right))", "abs(\(left)::BIGINT % 100)", "(CASE WHEN \(left) > \(right) THEN 1 ELSE 0 END)"])
        case .float: return random.pick(["(\(expression(.float, depth: inner)) * 2)", "coalesce(\(expression(.float, depth: inner)), 0.5::DOUBLE)"])
        case .decimal: return random.pick(["coalesce(\(expression(.decimal, depth: inner)), 0.00)", "-\(expression(.decimal, depth: 0))"])
        case .text:
            let text = expression(.text, depth: inner)
            return random.pick([call("upper", text), call("lower", text), "substr(\(text), 1, 3)", "(\(text) || 'x')", call("coalesce", text, "'none'"), "reverse(\(text))"])
        case .date: return random.pick(["(\(expression(.date, depth: 0)) + 1)", "date_trunc('month', \(column(.date) ?? literal(.date)))::DATE", "coalesce(\(expression(.date, depth: inner)), \(literal(.date)))"])
        case .timestamp: return random.pick(["date_trunc('hour', \(column(.timestamp) ?? literal(.timestamp)))", "coalesce(\(expression(.timestamp, depth: inner)), \(literal(.timestamp)))"])
        case .bool: return predicate(depth: inner)
        }
    }

    private mutating func predicate(depth: Int) -> String {
        if depth > 0 && random.chance(40) {
            let (left, right) = (predicate(depth: depth - 1), predicate(depth: depth - 1))
            return random.pick(["(\(left) AND \(right))", "(\(left) OR \(right))", "NOT (\(left))"])
        }
        let kind = random.pick(columns).kind
        let value = column(kind) ?? literal(kind)
        switch random.below(8) {
        case 0: return "\(value) IS NULL"
        case 1: return "\(value) IS NOT NULL"
        case 2: return "\(value) IN (\(literal(kind)), \(literal(kind)), \(literal(kind)))"
        case 3: return "\(value) BETWEEN \(literal(kind)) AND \(literal(kind))"
        case 4 where kind == .text: return "\(value) LIKE '\(random.pick(["%a%", "s%", "%-1_", "_o%", "%"]))'"
        case 5: return "\(value) IN (SELECT \(kind == .int ? "id" : "NULL") FROM depts)"
        default: return "\(value) \(random.pick(["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"])) \(literal(kind))"
        }
    }

    // MARK: shapes

    private var lastKinds: [ColumnClass] = []

    private mutating func selection(_ count: Int, same: Bool = false) -> String {
        if !same { lastKinds = (0..<count).map { _ in random.pick(columns).kind } }
        var parts: [String] = []
        for kind in lastKinds { parts.append(expression(kind, depth: 2)) }
        return parts.joined(separator: ", ")
    }

    private mutating func named(_ count: Int) -> String {
        var parts: [String] = []
        for index in 1...count { parts.append("\(expression(random.pick(columns).kind, depth: 1)) AS c\(index)") }
        return parts.joined(separator: ", ")
    }

    private mutating func setOperator() -> String { random.pick(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]) }

    private mutating func plain(_ from: String) -> String {
        let distinct = random.chance(25) ? "DISTINCT " : ""
        let limit = random.chance(30) ? " ORDER BY ALL LIMIT \(1 + random.below(20))" : ""
        return "SELECT \(distinct)\(selection(1 + random.below(4))) FROM \(from)\(limit)"
    }

    private mutating func aggregate(_ from: String) -> String {
        var parts: [String] = []
        for _ in 0...random.below(3) {
            let kind = random.pick(columns).kind
            let argument = expression(kind, depth: 1)
            var calls = ["count(\(argument))", "min(\(argument))", "max(\(argument))", "count(DISTINCT \(argument))"]
            if kind == .int { calls += ["sum(\(argument)::HUGEINT)", "avg(\(argument))", "bit_or(\(argument)::BIGINT)"] }
            if kind == .decimal { calls += ["sum(\(argument))", "avg(\(argument))"] }
            if kind == .bool { calls += ["bool_and(\(argument))", "bool_or(\(argument))"] }
            parts.append(random.pick(calls))
        }
        let keys = random.chance(70) ? selection(1 + random.below(2)) : ""
        guard !keys.isEmpty else { return "SELECT \(parts.joined(separator: ", ")) FROM \(from)" }
        let having = random.chance(25) ? " HAVING count(*) > \(random.below(5))" : ""
        return "SELECT \(keys), \(parts.joined(separator: ", ")) FROM \(from) GROUP BY ALL\(having)"
    }

    private mutating func window(_ from: String) -> String {
        let key = random.pick(columns).name
        let value = column(.int) ?? "1"
        let call = random.pick(["rank()", "dense_rank()", "count(*)", "max(\(value))", "sum(\(value)::HUGEINT)"])
        return "SELECT \(key), \(value), \(call) OVER (PARTITION BY \(key) ORDER BY \(value)) FROM \(from)"
    }
}
