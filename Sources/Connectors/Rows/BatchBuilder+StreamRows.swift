public import Base
public import Columnar
public import StreamEngine

extension BatchBuilder {
    /// Copies of rows that leave a stream, into batches of their own: `body` gets each with its weights (none where all are +1).
    public func copy(_ rows: borrowing StreamRows, _ body: (Batch, [Int8]) throws(LeibrixError) -> Void) throws(LeibrixError) {
        var weights: [Int8] = []
        var isPlain = true
        for row in 0..<rows.count {
            if isFull, let batch = take() {
                try body(batch, isPlain ? [] : weights)
                weights.removeAll(keepingCapacity: true)
                isPlain = true
            }
            beginRow()
            for column in types.indices where !rows.isNull(column, row) { copy(rows, column, row) }
            endRow()
            let weight = Int8(clamping: rows.weight(row))
            weights.append(weight)
            if weight != 1 { isPlain = false }
        }
        if let batch = take() { try body(batch, isPlain ? [] : weights) }
    }

    /// A value of the column's own type always fits.
    private func copy(_ rows: borrowing StreamRows, _ column: Int, _ row: Int) {
        switch types[column].base {
        case .bigInt, .integer, .smallInt, .tinyInt, .date, .time, .timestamp, .timestampTZ: try? set(column, rows.integer(column, row))
        case .double: try? set(column, rows.double(column, row))
        case .varchar: try? set(column, rows.text(column, row))
        case .decimal(let width, let scale): try? setDigits(column, rows.hugeInteger(column, row), from: scale, width: width, scale: scale)
        default: try? set(column, rows.value(column, row))
        }
    }
}
