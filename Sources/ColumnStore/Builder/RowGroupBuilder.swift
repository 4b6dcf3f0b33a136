public import Base
public import Columnar

/// Gathers batches into row groups of up to `rowGroupRowsMax` rows and encodes them. Used by one thread at a time.
///
/// Memory: the staged rows (at most about 192 MB, or one row if that is larger) and, while sealing, the encoded copy.
public final class RowGroupBuilder {
    private let columns: [ColumnBuilder]
    public private(set) var rows = 0
    private var stagedBytes = 0

    /// Throws `notSupported` for a type that row groups cannot hold.
    public init(types: [DataType]) throws(LeibrixError) {
        var columns: [ColumnBuilder] = []
        for type in types { columns.append(try ColumnBuilder(type: type)) }
        self.columns = columns
    }

    public var types: [DataType] { columns.map(\.type) }

    /// Whether the row group at hand takes no more: seal it before appending again.
    public var isFull: Bool { rows >= rowGroupRowsMax || stagedBytes >= ColumnStoreLimits.stagedBytesMax }

    /// Appends rows of `batch` from row `start` on until the row group is full, and returns how many it took.
    ///
    /// Throws `typeMismatch` for a batch of another shape, `outOfRange` for a single row of more than 3 GB.
    public func append(_ batch: Batch, from start: Int = 0) throws(LeibrixError) -> Int {
        guard batch.columns.count == columns.count, zip(columns, batch.columns).allSatisfy({ $0.accepts($1) }) else {
            throw LeibrixError(
                .typeMismatch, "a batch of (\(batch.columns.map(\.type.description).joined(separator: ", "))) cannot be "
                    + "appended to a row group of (\(types.map(\.description).joined(separator: ", ")))")
        }
        var done = start
        while done < batch.rowCount, !isFull {
            done = try appendSlice(batch, done..<Swift.min(batch.rowCount, done + rowGroupRowsMax - rows))
        }
        return done - start
    }

    /// Appends the slice, or as much of its beginning as fits one slice's bytes; returns the row after the last one taken.
    private func appendSlice(_ batch: Batch, _ wanted: Range<Int>) throws(LeibrixError) -> Int {
        var slice = wanted
        var bytes = footprint(batch, slice)
        while bytes > ColumnStoreLimits.sliceBytesMax, slice.count > 1 {
            slice = slice.lowerBound..<slice.lowerBound + slice.count / 2
            bytes = footprint(batch, slice)
        }
        guard bytes <= ColumnStoreLimits.rowBytesMax else {
            throw LeibrixError(
                .outOfRange, "a row of \(bytes) bytes is larger than a row group can hold",
                hint: "A row may have \(ColumnStoreLimits.rowBytesMax) bytes.")
        }
        for (builder, column) in zip(columns, batch.columns) { builder.append(column, slice) }
        rows += slice.count
        stagedBytes = columns.reduce(0) { $0 + $1.stagedBytes }
        return slice.upperBound
    }

    private func footprint(_ batch: Batch, _ slice: Range<Int>) -> Int {
        zip(columns, batch.columns).reduce(0) { $0 &+ $1.0.footprint(of: $1.1, slice) }
    }

    /// Forgets what is staged.
    public func reset() {
        rows = 0
        stagedBytes = 0
        for column in columns { column.reset() }
    }

    /// The distinct values of the row group sealed last, a column each.
    var sketches: [DistinctSketch] { columns.map(\.sketch) }

    /// The staged rows as one batch, valid until the builder is used again: how two half-filled builders become one.
    func stagedBatch() -> Batch {
        let owner = ViewMemory()
        return Batch(rowCount: rows, columns: columns.map { $0.view(owner) }, owner: owner)
    }

    /// Encodes the staged rows into `memory` (from its start, grown as needed) and empties the builder.
    func seal(into memory: inout AlignedBuffer) -> RowGroupNode {
        var context = PlanContext()
        var chunks = columns.map { $0.planChunk(&context) }
        let length = context.cursor.offset
        memory.reserve(length, keeping: 0)
        for (index, builder) in columns.enumerated() {
            unsafe builder.encode(chunks[index].root, at: memory.base)
            let span = chunks[index].span
            chunks[index].checksum = unsafe Checksum.xxh3(memory.base + span.offset, span.length)
        }
        let node = RowGroupNode(rows: rows, columns: chunks, length: length)
        reset()
        return node
    }

    /// Encodes the staged rows into memory of their own and empties the builder; nil when nothing is staged.
    public func seal() -> RowGroupImage? {
        guard rows > 0 else { return nil }
        var memory = AlignedBuffer()
        let node = seal(into: &memory)
        return RowGroupImage(node: node, types: types, sketches: sketches, memory: memory)
    }
}
