// What is known of a growing column's values: bounds that only widen, so that they hold for every subset of the rows.
internal import Columnar
internal import ColumnStore

struct HotBounds {
    var integerMin = Int64.max
    var integerMax = Int64.min
    var doubleMin = Double.infinity
    var doubleMax = -Double.infinity
    /// A NaN came, or a value that has no bound here (128 bits).
    var isOpen = false
    var lengthMax: UInt32 = 0

    @inline(__always)
    mutating func add(_ value: Int64) {
        if value < integerMin { integerMin = value }
        if value > integerMax { integerMax = value }
    }

    @inline(__always)
    mutating func add(_ value: Double) {
        if value.isNaN { isOpen = true }
        if value < doubleMin { doubleMin = value }
        if value > doubleMax { doubleMax = value }
    }
}

extension HotColumn {
    /// Takes the values of rows `range` into the bounds. NULLs' slots hold zeros, which must not count.
    func widen(_ range: Range<Int>) {
        switch form {
        case .integer(let kind): widenIntegers(kind, range)
        case .real: for row in range where !isNull(row) { bounds.add(Double(unsafe values.load(fromByteOffset: row &* 4, as: Float.self))) }
        case .double: for row in range where !isNull(row) { bounds.add(unsafe values.load(fromByteOffset: row &* 8, as: Double.self)) }
        case .bytes:
            let ends = unsafe offsets
            for row in range { bounds.lengthMax = max(bounds.lengthMax, unsafe ends[row &+ 1] &- ends[row]) }
        default: break
        }
    }

    private func widenIntegers(_ kind: IntegerKind, _ range: Range<Int>) {
        switch kind {
        case .int8: widen(Int8.self, range)
        case .int16: widen(Int16.self, range)
        case .int32: widen(Int32.self, range)
        case .int64: widen(Int64.self, range)
        case .uint8: widen(UInt8.self, range)
        case .uint16: widen(UInt16.self, range)
        case .uint32: widen(UInt32.self, range)
        case .uint64:
            for row in range where !isNull(row) {
                let value = unsafe values.load(fromByteOffset: row &* 8, as: UInt64.self)
                if let value = Int64(exactly: value) { bounds.add(value) } else { bounds.isOpen = true }
            }
        case .int128, .uint128: bounds.isOpen = true
        }
    }

    @inline(__always)
    private func widen<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ range: Range<Int>) {
        let array = unsafe values.assumingMemoryBound(to: T.self)
        for row in range where !isNull(row) { bounds.add(Int64(truncatingIfNeeded: unsafe array[row])) }
    }

    /// The zone map of the rows so far. Only for types whose stored order is their order.
    var statistics: ColumnStatistics {
        var result = ColumnStatistics(nullCount: UInt64(nulls))
        guard !bounds.isOpen, type.hasIntegerOrder, rows > nulls else {
            if form == .bytes { result.lengthMax = bounds.lengthMax }
            return result
        }
        switch form {
        case .integer:
            result.min = .integer(Int128(bounds.integerMin))
            result.max = .integer(Int128(bounds.integerMax))
        case .real, .double:
            result.min = .double(bounds.doubleMin)
            result.max = .double(bounds.doubleMax)
        case .bytes: result.lengthMax = bounds.lengthMax
        default: break
        }
        return result
    }

    /// The column as the scan takes it, for rows that were appended before this call.
    var columnLayout: ColumnLayout {
        unsafe ColumnLayout(
            encoding: form.hotEncoding, width: UInt8(width), validity: hasValidity ? UnsafePointer(validityWords) : nil,
            data: form.hotEncoding == .structure || form.hotEncoding == .array ? nil : UnsafeRawPointer(values),
            heap: heap.map { unsafe UnsafePointer($0) }, children: children.map(\.columnLayout), statistics: statistics)
    }
}
