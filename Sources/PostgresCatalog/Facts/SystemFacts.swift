/// PostgreSQL 15's system catalogs as text: shapes, and the numbers that clients have compiled in. Split once, at first use.
enum SystemFacts {
    static let relations = lines(relationRows)
    static let functions = packed(functionRows)
    static let operators = packed(operatorRows)
    static let casts = packed(castRows)
    static let operatorClasses = packed(classRows)
    static let operatorFamilies = packed(familyRows)
    static let ranges = lines(rangeRows)
    static let keywords = packed(keywordRows)

    private static func lines(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 7) }
    }

    /// Several rows a line, between semicolons.
    private static func packed(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").flatMap { $0.split(separator: ";") }.map { $0.split(separator: " ") }
    }
}
