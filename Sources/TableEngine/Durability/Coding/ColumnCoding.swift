// Rows as bytes, a column after the other. A column of n values:
//
//   u8 1 when some value is NULL, else 0; then, with 1, (n + 7) / 8 bytes, one bit a value, 1 = valid, lowest first
//   fixed width     n * width bytes
//   text, blob      n u32 lengths, then the bytes
//   list, map       n u32 lengths, then the child's column of as many values as they sum to
//   structure       the children's columns, n values each
//   array           the child's column, n * size values
internal import Base
internal import Columnar
internal import ColumnStore

extension CellLayout {
    /// Appends the values of `rows`, which are there and stay as they are.
    func encode(_ rows: Range<Int>, _ type: DataType, into out: inout [UInt8]) {
        guard let form = type.physicalForm else { return }
        if encoding == .allNull { return Self.encodeNulls(rows.count, type, form, into: &out) }
        encodeValidity(rows, into: &out)
        switch form {
        case .integer, .real, .double, .interval: encodeFixed(rows, form.width, into: &out)
        case .bytes: encodeBytes(rows, into: &out)
        case .list: encodeLists(rows, type.childTypes[0], into: &out)
        case .structure:
            for (place, child) in type.childTypes.enumerated() { unsafe children![place].encode(rows, child, into: &out) }
        case .array(let size):
            unsafe children![0].encode(rows.lowerBound * size..<rows.upperBound * size, type.childTypes[0], into: &out)
        case .null: break
        }
    }

    /// NULLs of a column that has nothing below it.
    private static func encodeNulls(_ count: Int, _ type: DataType, _ form: PhysicalForm, into out: inout [UInt8]) {
        out.append(1)
        out.append(contentsOf: repeatElement(0, count: (count + 7) / 8))
        var below = 0
        switch form {
        case .integer, .real, .double, .interval: out.append(contentsOf: repeatElement(0, count: count * form.width))
        case .bytes: out.append(contentsOf: repeatElement(0, count: count * 4))
        case .list: out.append(contentsOf: repeatElement(0, count: count * 4))
        case .structure: below = count
        case .array(let size): below = count * size
        case .null: return
        }
        for child in type.childTypes {
            if let form = child.physicalForm { encodeNulls(below, child, form, into: &out) }
        }
    }

    private func encodeValidity(_ rows: Range<Int>, into out: inout [UInt8]) {
        guard rows.contains(where: { isNull($0) }) else { return out.append(0) }
        out.append(1)
        var byte: UInt8 = 0
        for (index, row) in rows.enumerated() {
            if !isNull(row) { byte |= 1 << UInt8(index & 7) }
            if index & 7 == 7 || index == rows.count - 1 {
                out.append(byte)
                byte = 0
            }
        }
    }

    private func encodeFixed(_ rows: Range<Int>, _ width: Int, into out: inout [UInt8]) {
        if encoding == .plain {
            let start = unsafe data! + rows.lowerBound * width
            return unsafe out.append(contentsOf: UnsafeRawBufferPointer(start: start, count: rows.count * width))
        }
        for row in rows {
            var bits = bits(row, width: width).littleEndian
            unsafe withUnsafeBytes(of: &bits) { unsafe out.append(contentsOf: $0.prefix(width)) }
        }
    }

    private func encodeBytes(_ rows: Range<Int>, into out: inout [UInt8]) {
        for row in rows { out.add(UInt32(unsafe bytes(row).count)) }
        for row in rows { unsafe out.append(contentsOf: bytes(row)) }
    }

    private func encodeLists(_ rows: Range<Int>, _ element: DataType, into out: inout [UInt8]) {
        for row in rows { out.add(UInt32(elements(row).count)) }
        let from = rows.isEmpty ? 0 : elements(rows.lowerBound).lowerBound
        let to = rows.isEmpty ? 0 : elements(rows.upperBound - 1).upperBound
        unsafe children![0].encode(from..<to, element, into: &out)
    }
}

/// Memory of decoded rows.
@safe
final class DecodedRows: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    private func block(_ bytes: Int) -> UnsafeMutableRawPointer {
        let made = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 16), alignment: 16)
        unsafe blocks.append(made)
        return unsafe made
    }

    /// Reads `rows` rows of these types.
    static func batch(_ reader: inout PayloadReader, rows: Int, types: [DataType]) throws(LeibrixError) -> Batch {
        let memory = DecodedRows()
        var columns: [Column] = []
        for type in types { columns.append(try memory.column(&reader, rows, type)) }
        return Batch(rowCount: rows, columns: columns, owner: memory)
    }

    private func column(_ reader: inout PayloadReader, _ count: Int, _ type: DataType) throws(LeibrixError) -> Column {
        guard let form = type.physicalForm else { throw PayloadReader.damaged("a column of type \(type)") }
        let validity = try unsafe validity(&reader, count)
        switch form {
        case .integer, .real, .double, .interval:
            let data = unsafe block(count * form.width)
            try unsafe reader.copy(count * form.width, to: data)
            return unsafe Column(type: type, count: count, validity: validity, data: UnsafeRawPointer(data))
        case .bytes: return try unsafe Column(type: type, count: count, validity: validity, data: texts(&reader, count))
        case .list: return try unsafe list(&reader, count, type, validity)
        case .structure, .array:
            var children: [Column] = []
            var below = count
            if case .array(let size) = form { below = count * size }
            for child in type.childTypes { children.append(try column(&reader, below, child)) }
            return unsafe Column(type: type, count: count, validity: validity, data: nil, children: children)
        case .null: return unsafe Column(type: type, count: count, validity: validity, data: nil)
        }
    }

    private func validity(_ reader: inout PayloadReader, _ count: Int) throws(LeibrixError) -> UnsafePointer<UInt64>? {
        guard try reader.number(UInt8.self) == 1 else { return nil }
        let words = (count + 63) / 64
        let bits = unsafe block(words * 8)
        unsafe bits.initializeMemory(as: UInt8.self, repeating: 0, count: words * 8)
        try unsafe reader.copy((count + 7) / 8, to: bits)
        return unsafe UnsafePointer(bits.assumingMemoryBound(to: UInt64.self))
    }

    private func texts(_ reader: inout PayloadReader, _ count: Int) throws(LeibrixError) -> UnsafeRawPointer {
        var lengths: [Int] = []
        lengths.reserveCapacity(count)
        for _ in 0..<count { lengths.append(Int(try reader.number(UInt32.self))) }
        let total = lengths.reduce(0, +)
        let heap = unsafe block(total)
        try unsafe reader.copy(total, to: heap)
        let entries = unsafe block(count * 16)
        unsafe entries.initializeMemory(as: UInt8.self, repeating: 0, count: count * 16)
        var at = 0
        for (row, length) in lengths.enumerated() {
            let entry = unsafe entries + row * 16
            unsafe entry.storeBytes(of: UInt32(length), as: UInt32.self)
            if length <= 12 {
                unsafe (entry + 4).copyMemory(from: heap + at, byteCount: length)
            } else {
                unsafe (entry + 4).copyMemory(from: heap + at, byteCount: 4)
                unsafe entry.storeBytes(of: UInt(bitPattern: heap + at), toByteOffset: 8, as: UInt.self)
            }
            at += length
        }
        return UnsafeRawPointer(entries)
    }

    private func list(
        _ reader: inout PayloadReader, _ count: Int, _ type: DataType, _ validity: UnsafePointer<UInt64>?
    ) throws(LeibrixError) -> Column {
        let entries = unsafe block(count * 16)
        var total: UInt64 = 0
        for row in 0..<count {
            let length = UInt64(try reader.number(UInt32.self))
            unsafe entries.storeBytes(of: total, toByteOffset: row * 16, as: UInt64.self)
            unsafe entries.storeBytes(of: length, toByteOffset: row * 16 + 8, as: UInt64.self)
            total += length
        }
        let child = try column(&reader, Int(total), type.childTypes[0])
        return unsafe Column(
            type: type, count: count, validity: validity, data: UnsafeRawPointer(entries), children: [child])
    }
}
