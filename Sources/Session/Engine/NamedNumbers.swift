// Columns of type regclass, regtype, regproc .. hold numbers and are read as names. The door knows no catalog, so such a
// column leaves the engine as text: the query is put into another that casts it there.
internal import Columnar
internal import SQLSyntax

struct NamedNumbers {
    let prefix: String
    let suffix = "\n) AS named"

    /// nil when no column is of such a type.
    init?(_ columns: [DataType.Field]) {
        guard columns.contains(where: { Self.isNamed($0.type) }) else { return nil }
        let items = columns.enumerated().map { index, column in
            let cast = Self.isNamed(column.type) ? "::VARCHAR" : ""
            let name = column.name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            return "#\(index + 1)\(cast) AS \"\(name)\""
        }
        prefix = "SELECT \(items.joined(separator: ", ")) FROM (\n"
    }

    private static func isNamed(_ type: DataType) -> Bool {
        guard case .alias(let name, .bigInt) = type else { return false }
        return name.hasPrefix("reg")
    }

    /// The bytes of a query without a semicolon behind it.
    static func body(_ text: SQLText, _ range: Range<Int>?) -> Range<Int> {
        let range = range ?? 0..<text.bytes.count
        let last = text.tokens.last { $0.kind != .end && $0.kind != .semicolon && $0.end <= range.upperBound }
        return range.lowerBound..<max(last?.end ?? range.lowerBound, range.lowerBound)
    }
}
