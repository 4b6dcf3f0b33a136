// The few rows of a point statement as a batch, in one block that is as large as the rows need: per column its cells, from a
// multiple of 16 on, and behind them its validity bits. Texts beyond 12 bytes have blocks of their own. The batch is this
// object's memory: it is built row by row, and not touched after `finish`.
internal import Base
internal import Columnar

/// What rows of certain types look like; made once a statement.
struct PointLayout: Sendable {
    let types: [DataType]
    let widths: [Int]
    /// Texts and blobs.
    let areTexts: [Bool]
    /// Where the columns of a batch of one row lie, and its size behind them.
    let placesOfOne: [Int]

    init(_ types: [DataType]) {
        self.types = types
        widths = types.map(\.physicalWidth)
        areTexts = types.map { type in
            switch type.base {
            case .varchar, .blob, .bit: true
            default: false
            }
        }
        var places = [0]
        for width in widths { places.append(places[places.count - 1] + PointBatch.room(width, 1)) }
        placesOfOne = places
    }

    /// Whether values of the type lie flat, so that a batch of points can hold them.
    static func holds(_ type: DataType) -> Bool {
        switch type.base {
        case .list, .array, .structure, .map, .union, .other, .null: false
        default: true
        }
    }
}

@safe
final class PointBatch: @unchecked Sendable {
    private let layout: PointLayout
    private let capacity: Int
    private let block: UnsafeMutableRawPointer
    private var texts: [UnsafeMutableRawPointer] = unsafe []
    /// Columns that hold a NULL.
    private var nullable: [Int] = []
    private(set) var rows = 0

    /// Room for so many rows.
    init(_ layout: PointLayout, capacity: Int) {
        self.layout = layout
        self.capacity = max(1, capacity)
        let size = capacity <= 1 ? layout.placesOfOne[layout.widths.count] : layout.widths.reduce(0) { $0 + Self.room($1, capacity) }
        unsafe block = UnsafeMutableRawPointer.allocate(byteCount: max(size, 16), alignment: 16)
    }

    deinit {
        unsafe block.deallocate()
        for unsafe text in unsafe texts { unsafe text.deallocate() }
    }

    private static func padded(_ bytes: Int) -> Int { (bytes + 15) & ~15 }
    static func room(_ width: Int, _ capacity: Int) -> Int { padded(width * capacity) + padded((capacity + 63) / 64 * 8) }

    func isText(_ column: Int) -> Bool { layout.areTexts[column] }
    func width(_ column: Int) -> Int { layout.widths[column] }

    private func start(_ column: Int) -> UnsafeMutableRawPointer {
        if capacity == 1 { return unsafe block + layout.placesOfOne[column] }
        var offset = 0
        for place in 0..<column { offset += Self.room(layout.widths[place], capacity) }
        return unsafe block + offset
    }

    func endRow() { rows += 1 }

    func appendNull(_ column: Int) {
        let start = unsafe start(column)
        let width = layout.widths[column]
        unsafe (start + rows * width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
        let bits = unsafe (start + Self.padded(width * capacity)).assumingMemoryBound(to: UInt64.self)
        if !nullable.contains(column) {
            nullable.append(column)
            for word in 0..<(capacity + 63) / 64 { unsafe bits[word] = .max }
        }
        unsafe bits[rows >> 6] &= ~(1 << UInt64(rows & 63))
    }

    /// The stored bits of a fixed-width value.
    func append(_ column: Int, bits: UInt128) {
        let width = layout.widths[column]
        let cell = unsafe start(column) + rows * width
        switch width {
        case 1: unsafe cell.storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
        case 2: unsafe cell.storeBytes(of: UInt16(truncatingIfNeeded: bits), as: UInt16.self)
        case 4: unsafe cell.storeBytes(of: UInt32(truncatingIfNeeded: bits), as: UInt32.self)
        case 8: unsafe cell.storeBytes(of: UInt64(truncatingIfNeeded: bits), as: UInt64.self)
        default: unsafe cell.storeBytes(of: bits, as: UInt128.self)
        }
    }

    /// A text or blob: up to 12 bytes lie in the cell, longer ones behind a pointer with their first four.
    func append(_ column: Int, bytes: Span<UInt8>) {
        let cell = unsafe start(column) + rows * 16
        unsafe cell.initializeMemory(as: UInt8.self, repeating: 0, count: 16)
        unsafe cell.storeBytes(of: UInt32(bytes.count), as: UInt32.self)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            if source.count <= 12 { return unsafe (cell + 4).copyMemory(from: start, byteCount: source.count) }
            let long = UnsafeMutableRawPointer.allocate(byteCount: source.count, alignment: 1)
            unsafe long.copyMemory(from: start, byteCount: source.count)
            unsafe (cell + 4).copyMemory(from: start, byteCount: 4)
            unsafe cell.storeBytes(of: UInt(bitPattern: long), toByteOffset: 8, as: UInt.self)
            unsafe texts.append(long)
        }
    }

    /// The rows so far.
    func finish() -> Batch {
        let columns = layout.types.indices.map { column -> Column in
            let start = unsafe start(column)
            let bits = unsafe (start + Self.padded(layout.widths[column] * capacity)).assumingMemoryBound(to: UInt64.self)
            return unsafe Column(
                type: layout.types[column], count: rows, validity: nullable.contains(column) ? UnsafePointer(bits) : nil, data: UnsafeRawPointer(start))
        }
        return Batch(rowCount: rows, columns: columns, owner: self)
    }
}
