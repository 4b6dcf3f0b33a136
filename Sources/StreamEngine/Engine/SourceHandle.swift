public import Base
public import Columnar
internal import Platform

/// Pushes rows into a source. Calls of several threads take turns.
public final class SourceHandle: @unchecked Sendable {
    private let engine: StreamEngine
    private let source: StreamSource

    init(_ engine: StreamEngine, _ source: StreamSource) {
        self.engine = engine
        self.source = source
    }

    /// Pushes a batch whose columns are the source's. Results have reached the subscribers when it returns.
    ///
    /// `position` is where the producer stands after these rows, in its own words: a checkpoint holds both or neither, and
    /// after `restore` the producer goes on from there.
    public func push(_ batch: Batch, position: String? = nil) throws(LeibrixError) {
        guard fits(batch) else {
            throw LeibrixError(
                .streamSchema, "rows do not have the columns of source \"\(source.definition.name)\"",
                detail: "It has \(source.types), the rows \(batch.columns.map(\.type)).")
        }
        let now = engine.clock.wallMicros()
        engine.enter {
            var start = 0
            while start < batch.rowCount {
                let end = min(start + StreamLimits.chunkRowsMax, batch.rowCount)
                source.reader.read(batch, start..<end)
                source.take(end - start, now: now)
                start = end
            }
            if let position { source.position = position }
            source.settle()
        }
    }

    private func fits(_ batch: Batch) -> Bool {
        if batch.columns.count != source.types.count { return false }
        for index in 0..<source.types.count where batch.columns[index].type != source.types[index] {
            if batch.columns[index].type.base != source.types[index].base { return false }
        }
        return true
    }

    /// Pushes one row, written by `body`; columns it leaves alone are NULL. Nothing is allocated.
    @inline(__always)
    public func pushRow(_ body: (borrowing RowWriter) -> Void) {
        engine.enter {
            let reader = source.reader
            reader.useOwn()
            source.scratch.reset()
            let writer = RowWriter(columns: reader.columns, count: source.types.count, scratch: source.scratch)
            writer.clear()
            body(writer)
            source.take(1, now: engine.rowTime(source))
            source.settle()
        }
    }

    /// Says that no row before this event time will come.
    public func watermark(_ time: Int64) {
        engine.enter {
            source.tracker.set(time)
            source.advance()
            source.settle()
        }
    }

    /// Rows pushed since the source was made.
    public var offset: Int { engine.enter { source.offset } }

    /// The position of the last push that had one; empty before.
    public var position: String { engine.enter { source.position } }

    /// Moves the position where a producer passed something over that gave no row.
    public func pass(to position: String) { engine.enter { source.position = position } }
}

extension StreamEngine {
    /// The time of a row, read only where somebody asks for it: a source that may be idle.
    @inline(__always)
    func rowTime(_ source: StreamSource) -> Int64 { source.tracker.idleMicros == nil ? 0 : clock.wallMicros() }
}

/// Where one row's values are written.
public struct RowWriter: ~Copyable {
    let columns: Lane<Vector>
    let count: Int
    let scratch: TextScratch

    @inline(__always)
    func clear() {
        for column in 0..<count {
            columns[column].nulls[0] = 1
            columns[column].hasNulls = true
        }
    }

    @inline(__always)
    private func fill(_ column: Int) -> Vector {
        columns[column].hasNulls = false
        return columns[column]
    }

    /// An integer, date (days), time or timestamp (microseconds).
    @inline(__always)
    public func set(_ column: Int, _ value: Int64) { fill(column).ints[0] = value }

    @inline(__always)
    public func set(_ column: Int, _ value: Double) { fill(column).doubles[0] = value }

    public func set(_ column: Int, _ value: Bool) { fill(column).bools[0] = value ? 1 : 0 }

    /// A HUGEINT, or the unscaled digits of a DECIMAL.
    public func set(_ column: Int, _ value: Int128) { fill(column).huges[0] = value }

    @inline(__always)
    public func set(_ column: Int, _ value: String) { fill(column).texts[0] = scratch.text(value) }

    /// Any value of the column's type.
    public func set(_ column: Int, _ value: Value, type: DataType) {
        if value.isNull { return }
        var text = TextRef.empty
        if case .string(let string) = value { text = scratch.text(string) }
        Constants.store(value, type, fill(column), 0, text: text)
    }
}
