internal import Base
internal import Columnar
internal import SQLSyntax

/// A cursor made by DECLARE. Its rows are pulled from the engine as they are fetched, except a SCROLL cursor's, which
/// are all in memory (within a bound), and a WITH HOLD cursor's once its transaction has ended.
final class Cursor {
    let name: String
    /// The DECLARE.
    let text: String
    let createdMicros: Int64
    let columns: [ResultColumn]
    let isHold: Bool
    let isScroll: Bool
    let execution: SQLExecution
    private var current: Batch?
    private var consumed = 0
    /// All rows of a SCROLL cursor.
    private var rows: [Batch] = []
    private var rowCount = 0
    /// 0 before the first row, `rowCount + 1` after the last: PostgreSQL's position.
    private var position = 0

    init(
        name: String, text: String, createdMicros: Int64, columns: [ResultColumn], isHold: Bool, isScroll: Bool, execution: SQLExecution
    ) {
        self.name = name
        self.text = text
        self.createdMicros = createdMicros
        self.columns = columns
        self.isHold = isHold
        self.isScroll = isScroll
        self.execution = execution
    }

    func prepareScrolling(bytesMax: Int) async throws(LeibrixError) {
        guard isScroll else { return }
        try await execution.materialize(bytesMax: bytesMax)
        while let batch = try await execution.next() {
            rows.append(batch)
            rowCount += batch.rowCount
        }
    }

    func fetch(_ direction: CursorDirection) async throws(LeibrixError) -> [Batch] {
        if isScroll { return try scroll(direction) }
        switch direction {
        case .forward(let count): return try await forward(count)
        case .relative(let count) where count > 0:
            _ = try await forward(count - 1)
            return try await forward(1)
        case .absolute(let count) where count > position:
            _ = try await forward(count - position - 1)
            return try await forward(1)
        case .first where position == 0: return try await forward(1)
        default:
            throw LeibrixError(
                .objectInUse, "cursor can only scan forward", hint: "Declare it with SCROLL option to enable backward scan.",
                sqlState: "55000")
        }
    }

    private func forward(_ count: Int?) async throws(LeibrixError) -> [Batch] {
        var wanted = count ?? Int.max
        if wanted < 0 {
            throw LeibrixError(
                .objectInUse, "cursor can only scan forward", hint: "Declare it with SCROLL option to enable backward scan.",
                sqlState: "55000")
        }
        var result: [Batch] = []
        while wanted > 0 {
            if current == nil {
                current = try await execution.next()
                consumed = 0
            }
            guard let batch = current else { break }
            let take = min(wanted, batch.rowCount - consumed)
            result.append(batch.slice(consumed..<consumed + take))
            consumed += take
            wanted -= take
            position += take
            if consumed == batch.rowCount { current = nil }
        }
        return result
    }

    private func scroll(_ direction: CursorDirection) throws(LeibrixError) -> [Batch] {
        switch direction {
        case .forward(let count):
            let end = count.map { min(position + $0, rowCount) } ?? rowCount
            let first = min(position + 1, rowCount + 1)
            position = count.map { position + $0 > rowCount } ?? true ? rowCount + 1 : end
            return slice(first, end)
        case .backward(let count):
            let last = position - 1
            let first = max(count.map { last - $0 + 1 } ?? 1, 1)
            position = count.map { last - $0 < 0 } ?? true ? 0 : first
            return reversed(first, last)
        case .absolute(let number): return single(number >= 0 ? number : rowCount + 1 + number)
        case .relative(let count): return single(position + count)
        case .first: return single(1)
        case .last: return single(rowCount)
        }
    }

    private func single(_ row: Int) -> [Batch] {
        position = min(max(row, 0), rowCount + 1)
        return row >= 1 && row <= rowCount ? slice(row, row) : []
    }

    private func reversed(_ first: Int, _ last: Int) -> [Batch] {
        guard first <= last else { return [] }
        return (first...last).reversed().flatMap { slice($0, $0) }
    }

    /// Rows `first` to `last`, counted from 1.
    private func slice(_ first: Int, _ last: Int) -> [Batch] {
        guard first <= last else { return [] }
        var start = 0
        var result: [Batch] = []
        for batch in rows {
            let low = max(first - 1 - start, 0)
            let high = min(last - start, batch.rowCount)
            if low < high { result.append(batch.slice(low..<high)) }
            start += batch.rowCount
        }
        return result
    }
}
