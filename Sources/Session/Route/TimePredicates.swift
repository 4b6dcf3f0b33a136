// Which epochs of a dataset a query's WHERE leaves, as far as its constants tell: comparisons of the time column with a
// constant, joined by AND. What is not understood leaves every epoch.
internal import Base

struct TimePredicates: Equatable {
    struct Bound: Equatable {
        /// =, >, >=, < or <=
        var symbol: String
        var constant: String
    }

    /// By dataset.
    private(set) var bounds: [String: [Bound]] = [:]

    /// `times` are the time columns of the datasets.
    init(_ tree: JSON, times: [String: String]) {
        guard let node = tree["statements"]?.array?.first?["node"], node["type"]?.string == "SELECT_NODE" else { return }
        var names: [String: String] = [:]
        Self.collect(node["from_table"], &names, times)
        if let clause = node["where_clause"] { add(clause, names, times) }
    }

    /// Datasets in FROM by the name they have there, joined in a way that WHERE holds for all rows of the answer.
    private static func collect(_ table: JSON?, _ names: inout [String: String], _ times: [String: String]) {
        switch table?["type"]?.string {
        case "JOIN":
            collect(table?["left"], &names, times)
            collect(table?["right"], &names, times)
        case "BASE_TABLE":
            let name = table?["table_name"]?.string?.lowercased() ?? ""
            let alias = table?["alias"]?.string?.lowercased() ?? ""
            if times[name] != nil { names[alias.isEmpty ? name : alias] = name }
        default: break
        }
    }

    private mutating func add(_ clause: JSON, _ names: [String: String], _ times: [String: String]) {
        switch clause["type"]?.string {
        case "CONJUNCTION_AND": for child in clause["children"]?.array ?? [] { add(child, names, times) }
        case "COMPARE_BETWEEN":
            note(clause["input"], ">=", clause["lower"], names, times)
            note(clause["input"], "<=", clause["upper"], names, times)
        case let type?:
            guard let symbol = Self.symbols[type] else { return }
            note(clause["left"], symbol, clause["right"], names, times)
            note(clause["right"], Self.mirrored[symbol] ?? symbol, clause["left"], names, times)
        default: break
        }
    }

    private static let symbols = [
        "COMPARE_EQUAL": "=", "COMPARE_GREATERTHAN": ">", "COMPARE_GREATERTHANOREQUALTO": ">=", "COMPARE_LESSTHAN": "<",
        "COMPARE_LESSTHANOREQUALTO": "<=",
    ]
    private static let mirrored = [">": "<", ">=": "<=", "<": ">", "<=": ">="]

    private mutating func note(
        _ column: JSON?, _ symbol: String, _ constant: JSON?, _ names: [String: String], _ times: [String: String]
    ) {
        guard column?["class"]?.string == "COLUMN_REF", let parts = column?["column_names"]?.array?.compactMap({ $0.string?.lowercased() }),
            let last = parts.last, parts.count <= 2, let text = Self.text(constant)
        else { return }
        let meant = parts.count == 2 ? names[parts[0]].map { [$0] } ?? [] : Array(names.values)
        let datasets = Set(meant.filter { times[$0]?.lowercased() == last })
        // A dataset that stands twice may be meant by either name.
        guard datasets.count == 1, let dataset = datasets.first, names.values.filter({ $0 == dataset }).count == 1 else { return }
        bounds[dataset, default: []].append(Bound(symbol: symbol, constant: text))
    }

    /// A text constant, perhaps cast.
    private static func text(_ expression: JSON?) -> String? {
        switch expression?["class"]?.string {
        case "CONSTANT": expression?["value"]?["value"]?.string
        case "CAST": text(expression?["child"])
        default: nil
        }
    }

    /// Over leibrix.epochs, whose bounds are those of the rows: true for an epoch that may have rows of the answer.
    func condition(_ dataset: String) -> String {
        let parts = (bounds[dataset] ?? []).flatMap { bound in
            let instant = "TRY_CAST(\(sqlConstant(bound.constant)) AS TIMESTAMP) AT TIME ZONE 'UTC'"
            switch bound.symbol {
            case ">", ">=": return ["max_time \(bound.symbol) \(instant)"]
            case "<", "<=": return ["min_time \(bound.symbol) \(instant)"]
            default: return ["max_time >= \(instant)", "min_time <= \(instant)"]
            }
        }
        return parts.isEmpty ? "true" : parts.map { "coalesce(\($0), true)" }.joined(separator: " AND ")
    }

    private func sqlConstant(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
