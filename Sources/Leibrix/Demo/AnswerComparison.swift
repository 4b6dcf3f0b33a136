internal import Base
internal import Columnar
internal import DuckDBKit

/// Whether an answer as values and one as PostgreSQL's text are the same rows, whatever their order. Doubles may differ in
/// the last digits: sums of them depend on the order of their threads.
enum AnswerComparison {
    private static let tolerance = 1e-9

    static func areEqual(_ there: [[Value]], _ here: [[String?]]) -> Bool {
        guard there.count == here.count else { return false }
        let left = there.map { $0.map(text) }.sorted { key($0) < key($1) }
        let right = here.sorted { key($0) < key($1) }
        return zip(left, right).allSatisfy { a, b in a.count == b.count && zip(a, b).allSatisfy(sameCell) }
    }

    /// Sorts rows by what surely is written the same: numbers by six digits.
    private static func key(_ row: [String?]) -> String {
        row.map { cell in
            guard let cell else { return "\u{0}" }
            guard cell.contains("."), let number = Double(cell) else { return cell }
            return String((number * 1_000).rounded() / 1_000)
        }.joined(separator: "\u{1}")
    }

    private static func sameCell(_ a: String?, _ b: String?) -> Bool {
        guard a != b else { return true }
        guard let a, let b, let x = Double(a), let y = Double(b) else { return false }
        return abs(x - y) <= tolerance * max(1, abs(x), abs(y))
    }

    private static func text(_ value: Value) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .hugeInt(let number): String(number)
        case .double(let number): String(number)
        case .boolean(let flag): flag ? "t" : "f"
        case .decimal(let digits, _, let scale): Value.decimalText(digits, scale: scale)
        case .date(let days): CivilDate(daysSinceEpoch: Int(days)).iso
        default: value.duckDBLiteral
        }
    }
}
