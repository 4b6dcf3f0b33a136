// Gathers rows out of many batches into one: what a router keeps for each of its targets, so that targets see batches of
// useful size however thinly their rows are spread. Memory is allocated once and used again.

/// Room for some rows of flat columns. Used by one thread at a time.
@safe
public final class BatchStage {
    private let columns: [StagedColumn]
    public let capacity: Int
    public private(set) var rowCount = 0

    /// nil when a column is nested: its rows cannot be staged.
    public init?(types: [DataType], capacity: Int) {
        guard types.allSatisfy({ StagedColumn.holds($0) }) else { return nil }
        self.capacity = capacity
        columns = types.map { StagedColumn(type: $0, capacity: capacity) }
    }

    public var room: Int { capacity - rowCount }

    /// Copies rows of the batch's first columns. At most `room` rows.
    public func append(_ batch: Batch, rows: ArraySlice<Int32>) {
        precondition(rows.count <= room)
        for (staged, column) in zip(columns, batch.columns) { staged.append(column, rows, at: rowCount) }
        rowCount += rows.count
    }

    /// What is staged; valid until the next `append` or `reset`.
    public func batch() -> Batch {
        Batch(rowCount: rowCount, columns: columns.map { $0.view(rowCount) }, owner: self)
    }

    public func reset() {
        rowCount = 0
        for column in columns { column.reset() }
    }
}

@safe
private final class StagedColumn {
    let type: DataType
    private let width: Int
    private let isText: Bool
    private let values: UnsafeMutableRawPointer
    private let validity: UnsafeMutablePointer<UInt64>
    private let words: Int
    private var hasNulls = false
    /// Bytes of strings longer than 12; entries point here once the batch is made.
    private var heap: [UInt8] = []

    static func holds(_ type: DataType) -> Bool {
        switch type.base {
        case .list, .map, .structure, .union, .array, .null, .other: false
        default: true
        }
    }

    init(type: DataType, capacity: Int) {
        self.type = type
        width = type.physicalWidth
        isText = [.varchar, .blob, .bit].contains(type.base)
        words = (capacity + 63) / 64
        unsafe values = .allocate(byteCount: capacity * width, alignment: 16)
        unsafe validity = .allocate(capacity: words)
        unsafe validity.initialize(repeating: .max, count: words)
    }

    deinit {
        unsafe values.deallocate()
        unsafe validity.deallocate()
    }

    func append(_ column: Column, _ rows: ArraySlice<Int32>, at start: Int) {
        if column.hasNulls { copyNulls(column, rows, at: start) }
        guard let data = unsafe column.data else { return }
        let out = unsafe values + start * width
        if isText { return unsafe copyText(column, data, rows, out) }
        switch width {
        case 1: unsafe Self.copy(data, rows, out, UInt8.self)
        case 2: unsafe Self.copy(data, rows, out, UInt16.self)
        case 4: unsafe Self.copy(data, rows, out, UInt32.self)
        case 8: unsafe Self.copy(data, rows, out, UInt64.self)
        default: unsafe Self.copy(data, rows, out, SIMD2<UInt64>.self)
        }
    }

    private static func copy<T: BitwiseCopyable>(
        _ data: UnsafeRawPointer, _ rows: ArraySlice<Int32>, _ out: UnsafeMutableRawPointer, _: T.Type
    ) {
        let from = unsafe data.assumingMemoryBound(to: T.self)
        var to = unsafe out.assumingMemoryBound(to: T.self)
        for row in rows {
            unsafe to.initialize(to: from[Int(row)])
            unsafe to += 1
        }
    }

    private func copyNulls(_ column: Column, _ rows: ArraySlice<Int32>, at start: Int) {
        for (index, row) in rows.enumerated() where !column.isValid(Int(row)) {
            hasNulls = true
            unsafe validity[(start + index) >> 6] &= ~(1 << UInt64((start + index) & 63))
        }
    }

    /// Entries of long strings hold the offset in `heap` until `view` makes it an address: the heap may move while it grows.
    private func copyText(
        _ column: Column, _ data: UnsafeRawPointer, _ rows: ArraySlice<Int32>, _ out: UnsafeMutableRawPointer
    ) {
        var entry = unsafe out
        for row in rows {
            defer { unsafe entry += 16 }
            guard column.isValid(Int(row)) else {
                unsafe entry.storeBytes(of: SIMD2<UInt64>(0, 0), as: SIMD2<UInt64>.self)
                continue
            }
            let source = unsafe data + Int(row) * 16
            unsafe entry.copyMemory(from: source, byteCount: 16)
            let length = Int(unsafe source.load(as: UInt32.self))
            guard length > 12 else { continue }
            unsafe entry.storeBytes(of: UInt64(heap.count), toByteOffset: 8, as: UInt64.self)
            let bytes = unsafe UnsafeRawPointer(bitPattern: source.load(fromByteOffset: 8, as: UInt.self))!
            unsafe heap.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
        }
    }

    func view(_ count: Int) -> Column {
        if isText, !heap.isEmpty { placeText(count) }
        return unsafe Column(
            type: type, count: count, validity: hasNulls ? UnsafePointer(validity) : nil, data: UnsafeRawPointer(values))
    }

    /// The heap does not move between here and the next append, which the batch does not outlive.
    private func placeText(_ count: Int) {
        let base = unsafe heap.withUnsafeBytes { UInt64(UInt(bitPattern: $0.baseAddress!)) }
        for row in 0..<count {
            let entry = unsafe values + row * 16
            guard unsafe entry.load(as: UInt32.self) > 12 else { continue }
            let offset = unsafe entry.load(fromByteOffset: 8, as: UInt64.self)
            unsafe entry.storeBytes(of: base + offset, toByteOffset: 8, as: UInt64.self)
        }
    }

    func reset() {
        heap.removeAll(keepingCapacity: true)
        if hasNulls { unsafe validity.update(repeating: .max, count: words) }
        hasNulls = false
    }
}
