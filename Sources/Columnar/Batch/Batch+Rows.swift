// Batches made from values: for the few answers that are not an engine's (SHOW, EXPLAIN, system state).

extension Batch {
    /// Rows of columns of text or of a fixed width. Nested types, and values that do not fit their column, are a programmer's error.
    /// Linear in rows and their text.
    public static func rows(_ rows: [[Value]], _ columns: [DataType.Field]) -> Batch {
        let memory = RowMemory()
        let made = columns.enumerated().map { index, field in
            memory.column(field.type, rows.map { $0[index] })
        }
        return Batch(rowCount: rows.count, columns: made, owner: memory)
    }
}

/// The allocations behind such a batch.
@safe
private final class RowMemory: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    private func block(_ bytes: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 16), alignment: 16)
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: max(bytes, 16))
        unsafe blocks.append(block)
        return unsafe block
    }

    func column(_ type: DataType, _ values: [Value]) -> Column {
        let width = type.physicalWidth
        let data = unsafe block(values.count * width)
        for (row, value) in values.enumerated() { unsafe store(value, type, data + row * width) }
        return unsafe Column(type: type, count: values.count, validity: validity(values), data: UnsafeRawPointer(data))
    }

    private func validity(_ values: [Value]) -> UnsafePointer<UInt64>? {
        guard values.contains(where: \.isNull) else { return nil }
        let words = unsafe block((values.count + 63) / 64 * 8).bindMemory(to: UInt64.self, capacity: (values.count + 63) / 64)
        for (row, value) in values.enumerated() where !value.isNull { unsafe words[row / 64] |= 1 << UInt64(row % 64) }
        return unsafe UnsafePointer(words)
    }

    private func store(_ value: Value, _ type: DataType, _ place: UnsafeMutableRawPointer) {
        switch value {
        case .null: break
        case .boolean(let flag): unsafe place.storeBytes(of: flag ? 1 : 0, as: UInt8.self)
        case .integer(let number) where type.base == .bigInt: unsafe place.storeBytes(of: number, as: Int64.self)
        case .integer(let number) where type.base == .integer:
            unsafe place.storeBytes(of: Int32(truncatingIfNeeded: number), as: Int32.self)
        case .double(let number) where type.base == .double: unsafe place.storeBytes(of: number, as: Double.self)
        case .timestampTZ(let micros): unsafe place.storeBytes(of: micros, as: Int64.self)
        case .string(let text): unsafe store(text, place)
        default:
            guard let bits = value.physicalBits(type.base) else { preconditionFailure("a batch of values cannot hold \(value) as \(type)") }
            unsafe withUnsafeBytes(of: bits) { unsafe place.copyMemory(from: $0.baseAddress!, byteCount: type.physicalWidth) }
        }
    }

    private func store(_ text: String, _ place: UnsafeMutableRawPointer) {
        let bytes = Array(text.utf8)
        unsafe place.storeBytes(of: UInt32(bytes.count), as: UInt32.self)
        if bytes.count <= 12 {
            unsafe bytes.withUnsafeBytes { unsafe copy($0, to: place + 4) }
            return
        }
        let long = unsafe block(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            unsafe copy(source, to: long)
            unsafe copy(UnsafeRawBufferPointer(rebasing: source[..<4]), to: place + 4)
        }
        unsafe place.storeBytes(of: UInt(bitPattern: long), toByteOffset: 8, as: UInt.self)
    }

    private func copy(_ source: UnsafeRawBufferPointer, to place: UnsafeMutableRawPointer) {
        if let start = source.baseAddress { unsafe place.copyMemory(from: start, byteCount: source.count) }
    }
}
