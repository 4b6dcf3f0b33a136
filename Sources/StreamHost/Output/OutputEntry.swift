internal import Columnar
internal import StreamEngine

/// Rows of a page, one after another: of one record of the log or of several.
struct OutputEntry: Sendable {
    let page: RowPage
    let rows: Range<Int>
    /// The stream's columns.
    let batch: Batch
    /// +1 and -1; empty when all are +1.
    let weights: [Int8]

    init(_ page: RowPage, _ rows: Range<Int>) {
        self.page = page
        self.rows = rows
        batch = page.batch(rows)
        weights = page.isPlain(rows) ? [] : rows.map { Int8(clamping: page.weight($0)) }
    }

    /// The record that made the last of them.
    var position: Int64 { page.epoch(rows.upperBound - 1) }

    /// The rows of each record by themselves.
    var byRecord: [OutputEntry] {
        if page.epoch(rows.lowerBound) == position { return [self] }
        var parts: [OutputEntry] = []
        var first = rows.lowerBound
        for row in rows where row + 1 == rows.upperBound || page.epoch(row + 1) != page.epoch(row) {
            parts.append(OutputEntry(page, first..<row + 1))
            first = row + 1
        }
        return parts
    }

    func weight(_ row: Int) -> Int { weights.isEmpty ? 1 : Int(weights[row]) }
}
