// Rows as bytes, in the log and in saved views. Little-endian, columns one after another; the types are the reader's knowledge.
//
//   u32 rows · u16 columns · per column: u8 has NULLs · [words of validity, if it has]
//                                        fixed width: rows * width bytes
//                                        text:        u32 length a row, then the bytes
internal import Base
internal import Columnar

enum BatchCoding {
    static func append(_ batch: Batch, to bytes: inout [UInt8]) {
        bytes.append(integer: UInt32(batch.rowCount))
        bytes.append(integer: UInt16(batch.columns.count))
        for column in batch.columns { append(column, rows: batch.rowCount, to: &bytes) }
    }

    static func append(_ column: Column, rows: Int, to bytes: inout [UInt8]) {
        bytes.append(column.hasNulls ? 1 : 0)
        if column.hasNulls {
            for word in 0..<(rows + 63) / 64 {
                var bits: UInt64 = 0
                for bit in 0..<min(64, rows - word * 64) where column.isValid(word * 64 + bit) { bits |= 1 << UInt64(bit) }
                bytes.append(integer: bits)
            }
        }
        if column.type.base == .varchar || column.type.base == .blob {
            for row in 0..<rows { bytes.append(integer: UInt32(column.bytes(at: row).count)) }
            for row in 0..<rows {
                let text = column.bytes(at: row)
                unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
            }
        } else if let data = unsafe column.rawData {
            unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: data, count: rows * column.type.physicalWidth))
        }
    }

    /// Reads what `append` wrote; throws for bytes that are something else.
    static func read(_ bytes: [UInt8], at offset: inout Int, types: [DataType]) throws(LeibrixError) -> Batch {
        let rows = Int(try bytes.integer(UInt32.self, at: &offset))
        let count = Int(try bytes.integer(UInt16.self, at: &offset))
        guard count == types.count, rows <= bytes.count else { throw .damagedRows }
        let memory = BatchMemory()
        var columns: [Column] = []
        for type in types { columns.append(try memory.read(bytes, &offset, rows, type)) }
        return Batch(rowCount: rows, columns: columns, owner: memory)
    }
}

/// Columns of a batch, read one by one.
struct ColumnReader {
    private let memory = BatchMemory()
    private let rows: Int
    private var columns: [Column] = []

    init(rows: Int) { self.rows = rows }

    mutating func read(_ bytes: [UInt8], _ start: Int, _ type: DataType) throws(LeibrixError) {
        var offset = start
        columns.append(try memory.read(bytes, &offset, rows, type))
    }

    var batch: Batch { Batch(rowCount: rows, columns: columns, owner: memory) }
}

extension LeibrixError {
    static var damagedRows: LeibrixError {
        LeibrixError(.streamStateCorrupt, "rows that were saved cannot be read", hint: "Restore an older checkpoint, and look after the disk.")
    }
}

/// The memory of a batch that was read.
@safe
private final class BatchMemory: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    private func block(_ bytes: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 16), alignment: 16)
        unsafe blocks.append(block)
        return unsafe block
    }

    func read(_ bytes: [UInt8], _ offset: inout Int, _ rows: Int, _ type: DataType) throws(LeibrixError) -> Column {
        guard offset < bytes.count else { throw .damagedRows }
        let hasNulls = bytes[offset] == 1
        offset += 1
        var validity: UnsafePointer<UInt64>?
        if hasNulls {
            let words = unsafe block((rows + 63) / 64 * 8).bindMemory(to: UInt64.self, capacity: max((rows + 63) / 64, 1))
            for word in 0..<(rows + 63) / 64 { unsafe words[word] = try bytes.integer(UInt64.self, at: &offset) }
            unsafe validity = unsafe UnsafePointer(words)
        }
        let data: UnsafeMutableRawPointer
        if type.base == .varchar || type.base == .blob {
            unsafe data = try unsafe texts(bytes, &offset, rows)
        } else {
            let size = rows * type.physicalWidth
            guard offset + size <= bytes.count else { throw .damagedRows }
            unsafe data = unsafe block(size)
            unsafe copy(bytes, offset, size, to: data)
            offset += size
        }
        return unsafe Column(type: type, count: rows, validity: validity, data: UnsafeRawPointer(data))
    }

    /// Strings as 16-byte entries: up to 12 bytes inside, longer ones with a prefix and a pointer.
    private func texts(_ bytes: [UInt8], _ offset: inout Int, _ rows: Int) throws(LeibrixError) -> UnsafeMutableRawPointer {
        let entries = unsafe block(rows * 16)
        unsafe entries.initializeMemory(as: UInt8.self, repeating: 0, count: rows * 16)
        var lengths: [Int] = []
        for _ in 0..<rows { lengths.append(Int(try bytes.integer(UInt32.self, at: &offset))) }
        let total = lengths.reduce(0, +)
        guard offset + total <= bytes.count else { throw .damagedRows }
        let heap = unsafe block(total)
        unsafe copy(bytes, offset, total, to: heap)
        offset += total
        var place = 0
        for (row, length) in lengths.enumerated() {
            let entry = unsafe entries + row * 16
            unsafe entry.storeBytes(of: UInt32(length), as: UInt32.self)
            unsafe (entry + 4).copyMemory(from: heap + place, byteCount: length <= 12 ? length : 4)
            if length > 12 { unsafe entry.storeBytes(of: UInt(bitPattern: heap + place), toByteOffset: 8, as: UInt.self) }
            place += length
        }
        return unsafe entries
    }

    private func copy(_ bytes: [UInt8], _ offset: Int, _ count: Int, to place: UnsafeMutableRawPointer) {
        if count == 0 { return }
        unsafe bytes.withUnsafeBytes { source in unsafe place.copyMemory(from: source.baseAddress! + offset, byteCount: count) }
    }
}

extension [UInt8] {
    mutating func append<T: FixedWidthInteger>(integer value: T) {
        var left = value
        for _ in 0..<MemoryLayout<T>.size {
            append(UInt8(truncatingIfNeeded: left))
            left = left >> 8
        }
    }

    func integer<T: FixedWidthInteger & UnsignedInteger>(_: T.Type, at offset: inout Int) throws(LeibrixError) -> T {
        guard offset + MemoryLayout<T>.size <= count else { throw .damagedRows }
        var value: T = 0
        for index in (0..<MemoryLayout<T>.size).reversed() { value = value << 8 | T(self[offset + index]) }
        offset += MemoryLayout<T>.size
        return value
    }

    mutating func append(text: String) {
        append(integer: UInt32(text.utf8.count))
        append(contentsOf: Array(text.utf8))
    }

    func text(at offset: inout Int) throws(LeibrixError) -> String {
        let length = Int(try integer(UInt32.self, at: &offset))
        guard offset + length <= count else { throw .damagedRows }
        defer { offset += length }
        return String(decoding: self[offset..<offset + length], as: UTF8.self)
    }
}
