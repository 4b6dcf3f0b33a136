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

    /// Pushes a batch whose columns are the source's. Results have reached the subscribers when it returns. Rows that wait in
    /// the source's buffer go first.
    ///
    /// `weights` has +1 or -1 for each row and is for sources of changes; without, all rows are new. `position` is where the
    /// producer stands after these rows, in its own words: a checkpoint holds both or neither, and after `restore` the
    /// producer goes on from there.
    public func push(_ batch: Batch, weights: [Int8]? = nil, position: String? = nil) throws(LeibrixError) {
        let rows = try checked(batch, weights, position)
        let now = engine.clock.wallMicros()
        engine.enter {
            if let pending = source.pending { engine.feed(source, pending, pending.count, now) }
            source.take(rows, now: now)
            source.settle()
        }
    }

    // MARK: the buffer

    /// Puts a batch into the source's buffer; never waits. False where there is no room and the source blocks: nothing is taken
    /// then. A source that rejects throws `streamRejected` instead, one that drops makes room.
    public func offer(_ batch: Batch, weights: [Int8]? = nil, position: String? = nil) throws(LeibrixError) -> Bool {
        let rows = try checked(batch, weights, position)
        let isTaken = try buffer.offer(rows)
        if isTaken { engine.wakeFeeder() }
        return isTaken
    }

    /// As `offer`; where there is no room and the source blocks, it works on what waits until there is.
    public func enqueue(_ batch: Batch, weights: [Int8]? = nil, position: String? = nil) throws(LeibrixError) {
        let rows = try checked(batch, weights, position)
        let pending = try buffer
        while !(try pending.offer(rows)) {
            let now = engine.clock.wallMicros()
            engine.enter {
                engine.feed(source, pending, max(pending.limits.rowsMax / 2, StreamLimits.chunkRowsMax), now)
                source.settle()
            }
        }
        engine.wakeFeeder()
    }

    private var buffer: PendingRows {
        get throws(LeibrixError) {
            if let pending = source.pending { return pending }
            throw LeibrixError(
                .streamConfiguration, "source \"\(source.definition.name)\" has no buffer", hint: "Push rows, or make the source with a buffer.")
        }
    }

    /// Rows in the buffer.
    public var pending: Int { source.pending?.count ?? 0 }

    /// Whether the buffer has room for less than a quarter of its rows: time to slow down.
    public var isBackpressured: Bool { source.pending.map { $0.count > $0.limits.rowsMax - $0.limits.rowsMax / 4 } ?? false }

    private func checked(_ batch: Batch, _ weights: [Int8]?, _ position: String?) throws(LeibrixError) -> PushedRows {
        guard fits(batch) else {
            throw LeibrixError(
                .streamSchema, "rows do not have the columns of source \"\(source.definition.name)\"",
                detail: "It has \(source.types), the rows \(batch.columns.map(\.type)).")
        }
        if let weights {
            guard source.definition.isChanges, weights.count == batch.rowCount, Self.areWeights(weights) else {
                throw LeibrixError(
                    .streamSchema, "weights are +1 or -1 for each row of a source of changes", hint: "Source \"\(source.definition.name)\".")
            }
        }
        return PushedRows(batch: batch, range: 0..<batch.rowCount, weights: weights, position: position)
    }

    private static func areWeights(_ weights: [Int8]) -> Bool {
        var index = 0
        while index < weights.count {
            if weights[index] != 1 && weights[index] != -1 { return false }
            index += 1
        }
        return true
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
            if let pending = source.pending { engine.feed(source, pending, pending.count, engine.clock.wallMicros()) }
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
            if let pending = source.pending { engine.feed(source, pending, pending.count, engine.clock.wallMicros()) }
            source.tracker.set(time)
            source.advance()
            source.settle()
        }
    }

    /// Says that no row will come at all: event time goes to the end of the year 9999, and what waits for it comes out.
    public func end() {
        if source.timeColumn < 0 { return }
        watermark(253_402_300_799_999_999 / source.tracker.microsPerUnit)
    }

    public var definition: SourceDefinition { source.definition }

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
