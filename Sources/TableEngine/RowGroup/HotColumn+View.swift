// Rows of a hot column as a batch's column: how a full group goes to the encoder. Values stay where they are; entries of text and
// lists are written beside.
internal import Base
internal import Columnar
internal import ColumnStore

/// Entries that a view needs, freed with it.
@safe
final class ViewEntries {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 16), alignment: 16)
        unsafe blocks.append(block)
        return unsafe block
    }

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }
}

extension HotColumn {
    /// All rows so far. Valid while the column and `entries` are. `rows` is the parent's count of them.
    func view(_ entries: ViewEntries) -> Column {
        let validity = unsafe hasValidity ? UnsafePointer(validityWords) : nil
        switch form {
        case .integer, .real, .double, .interval:
            return unsafe Column(type: type, count: rows, validity: validity, data: UnsafeRawPointer(values))
        case .bytes: return unsafe Column(type: type, count: rows, validity: validity, data: textEntries(entries))
        case .list:
            return unsafe Column(
                type: type, count: rows, validity: validity, data: listEntries(entries), children: children.map { $0.view(entries) })
        case .structure, .array:
            return unsafe Column(type: type, count: rows, validity: validity, data: nil, children: children.map { $0.view(entries) })
        case .null:
            let words = unsafe entries.take((rows + 63) / 64 * 8).bindMemory(to: UInt64.self, capacity: (rows + 63) / 64)
            unsafe words.initialize(repeating: 0, count: (rows + 63) / 64)
            return unsafe Column(type: type, count: rows, validity: UnsafePointer(words), data: entries.take(rows))
        }
    }

    /// Length, then twelve bytes, or four bytes and where all of them are.
    private func textEntries(_ entries: ViewEntries) -> UnsafeRawPointer {
        let out = unsafe entries.take(rows * 16)
        for row in 0..<rows {
            let entry = unsafe out + row * 16
            let start = Int(unsafe offsets[row])
            let length = Int(unsafe offsets[row + 1]) - start
            let bytes = unsafe UnsafeRawPointer(heap! + start)
            unsafe entry.initializeMemory(as: UInt64.self, repeating: 0, count: 2)
            unsafe entry.storeBytes(of: UInt32(length), as: UInt32.self)
            unsafe (entry + 4).copyMemory(from: bytes, byteCount: length <= 12 ? length : 4)
            if length > 12 { unsafe entry.storeBytes(of: UInt(bitPattern: bytes), toByteOffset: 8, as: UInt.self) }
        }
        return UnsafeRawPointer(out)
    }

    private func listEntries(_ entries: ViewEntries) -> UnsafeRawPointer {
        let out = unsafe entries.take(rows * 16)
        for row in 0..<rows {
            unsafe (out + row * 16).storeBytes(of: UInt64(offsets[row]), as: UInt64.self)
            unsafe (out + row * 16).storeBytes(of: UInt64(offsets[row + 1] - offsets[row]), toByteOffset: 8, as: UInt64.self)
        }
        return UnsafeRawPointer(out)
    }
}

extension HotRows {
    /// The rows encoded; nil when there are none. Nothing may be appended meanwhile or after.
    func encoded(_ types: [DataType]) throws(LeibrixError) -> FrozenRows? {
        let entries = ViewEntries()
        let rows = columns.first?.rows ?? 0
        guard rows > 0 else { return nil }
        let batch = Batch(rowCount: rows, columns: columns.map { $0.view(entries) }, owner: entries)
        let builder = try RowGroupBuilder(types: types)
        guard try builder.append(batch) == rows, let image = builder.seal() else { return nil }
        return FrozenRows(.memory(image))
    }
}
