// Rows that left a stream, kept: flat columns in the memory of a page, laid out as a batch has them, so that whoever reads
// them gets a batch without a copy. Beside each row: the epoch that made it, and its weight.
internal import Base
public import Columnar

/// One writer at a time. Rows that are there never change, so readers that were told of them need no lock; `reset` and `truncate` are for
/// whoever knows that there are no readers.
public final class RowPage: @unchecked Sendable {
    /// What `batch` adds behind the stream's columns when it is asked to.
    public static let addedColumns: [DataType.Field] = [.init("epoch", .bigInt), .init("weight", .integer)]

    public let types: [DataType]
    public let capacity: Int
    public private(set) var count = 0
    let columns: Lane<PageColumn>
    let epochs: Lane<Int64>
    let weights: Lane<Int32>
    private let columnCount: Int
    private let texts = PageTexts()
    private let arena = Arena()

    /// `types` are those of a stream's columns.
    public init(_ types: [DataType], capacity: Int) {
        self.types = types
        self.capacity = capacity
        columnCount = types.count
        columns = arena.lane(PageColumn.self, count: types.count)
        for (index, type) in types.enumerated() {
            let layout = PageLayout(type)
            columns[index] = PageColumn(
                data: arena.take(bytes: layout.width * capacity), nulls: arena.lane(UInt8.self, count: capacity), layout: layout, hasNulls: false)
        }
        epochs = arena.lane(Int64.self, count: capacity)
        weights = arena.lane(Int32.self, count: capacity)
    }

    public var isFull: Bool { count == capacity }
    /// Bytes it takes, long texts left out.
    public var byteCount: Int { arena.byteCount }

    /// Adds rows from `first` on, as many as there is room for, and returns how many. Allocates nothing, but for long texts now and then.
    public func append(_ rows: borrowing StreamRows, from first: Int, epoch: Int64) -> Int {
        append(rows.chunk, first, epoch)
    }

    private func append(_ chunk: Chunk, _ first: Int, _ epoch: Int64) -> Int {
        let taken = min(capacity - count, chunk.count - first)
        var index = 0
        while index < columnCount {
            append(chunk.columns[index], first, taken, index)
            index += 1
        }
        var row = 0
        while row < taken {
            epochs[count + row] = epoch
            weights[count + row] = Int32(chunk.weight(first + row))
            row += 1
        }
        count += taken
        return taken
    }

    private func append(_ vector: Vector, _ first: Int, _ taken: Int, _ index: Int) {
        let column = columns[index]
        column.store(vector, first, taken, at: count)
        let nulls = column.nulls.advanced(by: count)
        if vector.hasNulls {
            var row = 0
            while row < taken {
                nulls[row] = vector.nulls[first + row]
                if nulls[row] != 0 { columns[index].hasNulls = true }
                row += 1
            }
        } else {
            nulls.fill(0, count: taken)
        }
        guard column.layout == .text else { return }
        let entries = column.data.lane(TextRef.self).advanced(by: count)
        var row = 0
        while row < taken {
            entries[row] = nulls[row] == 0 ? texts.kept(entries[row]) : .empty
            row += 1
        }
    }

    /// Adds a batch's rows from `first` on, as many as there is room for, with an epoch and a weight for each. Returns how many.
    public func append(_ batch: Batch, from first: Int, epoch: (Int) -> Int64, weight: (Int) -> Int) -> Int {
        let taken = min(capacity - count, batch.rowCount - first, StreamLimits.chunkRowsMax)
        let reader = ChunkReader(types)
        reader.read(batch, first..<first + taken)
        let start = count
        _ = append(Chunk(count: taken, columns: reader.columns), 0, 0)
        for row in 0..<taken {
            epochs[start + row] = epoch(first + row)
            weights[start + row] = Int32(weight(first + row))
        }
        return taken
    }

    @inline(__always) public func epoch(_ row: Int) -> Int64 { epochs[row] }
    @inline(__always) public func weight(_ row: Int) -> Int { Int(weights[row]) }

    /// Whether no row is taken back.
    public func isPlain(_ rows: Range<Int>) -> Bool {
        var row = rows.lowerBound
        while row < rows.upperBound {
            if weights[row] != 1 { return false }
            row += 1
        }
        return true
    }

    /// Rows as they lie here; the batch keeps the page. With `added` also the columns `addedColumns`.
    public func batch(_ rows: Range<Int>, added: Bool = false) -> Batch {
        let owner = PageOwner(self)
        var made: [Column] = []
        made.reserveCapacity(types.count + 2)
        for (index, type) in types.enumerated() {
            let column = columns[index]
            let data = column.data.advanced(by: rows.lowerBound * column.layout.width)
            unsafe made.append(
                Column(
                    type: type, count: rows.count, validity: column.hasNulls ? owner.validity(column.nulls, rows) : nil,
                    data: UnsafeRawPointer(data.base)))
        }
        if added {
            unsafe made.append(
                Column(type: .bigInt, count: rows.count, validity: nil, data: UnsafeRawPointer(epochs.advanced(by: rows.lowerBound).base)))
            unsafe made.append(
                Column(type: .integer, count: rows.count, validity: nil, data: UnsafeRawPointer(weights.advanced(by: rows.lowerBound).base)))
        }
        return Batch(rowCount: rows.count, columns: made, owner: owner)
    }

    /// Leaves the first rows.
    public func truncate(to rows: Int) { count = min(count, rows) }

    /// Empty again.
    public func reset() {
        count = 0
        for index in 0..<columnCount { columns[index].hasNulls = false }
        texts.reset()
    }
}

/// Keeps a page, and the bits that say which of its rows are valid.
@safe
private final class PageOwner {
    private let page: RowPage
    private var blocks: [UnsafeMutablePointer<UInt64>] = unsafe []

    init(_ page: RowPage) { self.page = page }

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    /// nil where all are valid.
    func validity(_ nulls: Lane<UInt8>, _ rows: Range<Int>) -> UnsafePointer<UInt64>? {
        let count = (rows.count + 63) / 64
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: max(count, 1))
        unsafe blocks.append(words)
        var isPlain = true
        for word in 0..<count {
            var bits: UInt64 = 0
            for bit in 0..<min(64, rows.count - word * 64) {
                if nulls[rows.lowerBound + word * 64 + bit] == 0 { bits |= 1 << UInt64(bit) } else { isPlain = false }
            }
            unsafe words[word] = bits
        }
        return unsafe isPlain ? nil : UnsafePointer(words)
    }
}
