// Single values out of cells.
internal import Columnar

extension CellLayout {
    func value(_ row: Int, _ type: DataType) -> Value {
        if isNull(row) { return .null }
        switch type {
        case .alias(_, let base): return value(row, base)
        case .boolean: return .boolean(load(row, as: UInt8.self) != 0)
        case .tinyInt: return .integer(Int64(load(row, as: Int8.self)))
        case .smallInt: return .integer(Int64(load(row, as: Int16.self)))
        case .integer: return .integer(Int64(load(row, as: Int32.self)))
        case .bigInt: return .integer(load(row, as: Int64.self))
        case .unsignedTinyInt: return .unsigned(UInt64(load(row, as: UInt8.self)))
        case .unsignedSmallInt: return .unsigned(UInt64(load(row, as: UInt16.self)))
        case .unsignedInteger: return .unsigned(UInt64(load(row, as: UInt32.self)))
        case .unsignedBigInt: return .unsigned(load(row, as: UInt64.self))
        case .hugeInt: return .hugeInt(load(row, as: Int128.self))
        case .unsignedHugeInt: return .unsignedHugeInt(load(row, as: UInt128.self))
        case .real: return .real(Float(bitPattern: load(row, as: UInt32.self)))
        case .double: return .double(Double(bitPattern: load(row, as: UInt64.self)))
        case .decimal(let width, let scale): return .decimal(digits(row, type.physicalWidth), width: width, scale: scale)
        case .uuid: return .uuid(load(row, as: UInt128.self) ^ (1 << 127))
        case .varchar: return unsafe .string(String(decoding: bytes(row), as: UTF8.self))
        case .blob: return unsafe .blob([UInt8](bytes(row)))
        case .bit: return unsafe .string(Self.bitText(bytes(row)))
        case .enumeration(let labels): return .string(labels[Int(bits(row, width: type.physicalWidth))])
        default: return temporal(row, type) ?? nested(row, type)
        }
    }

    private func digits(_ row: Int, _ width: Int) -> Int128 {
        switch width {
        case 2: Int128(load(row, as: Int16.self))
        case 4: Int128(load(row, as: Int32.self))
        case 8: Int128(load(row, as: Int64.self))
        default: load(row, as: Int128.self)
        }
    }

    private func temporal(_ row: Int, _ type: DataType) -> Value? {
        switch type {
        case .date: return .date(load(row, as: Int32.self))
        case .time: return .time(load(row, as: Int64.self))
        case .timeNS: return .time(load(row, as: Int64.self) / 1_000)
        case .timeTZ:
            let bits = load(row, as: UInt64.self)
            return .timeTZ(Int64(bits >> 24), offset: 57_599 - Int32(bits & 0xFF_FFFF))
        case .timestamp: return .timestamp(load(row, as: Int64.self))
        case .timestampSeconds: return .timestamp(Self.micros(load(row, as: Int64.self), 1_000_000))
        case .timestampMillis: return .timestamp(Self.micros(load(row, as: Int64.self), 1_000))
        case .timestampNanos: return .timestampNanos(load(row, as: Int64.self))
        case .timestampTZ: return .timestampTZ(load(row, as: Int64.self))
        case .interval:
            let bits = load(row, as: UInt128.self)
            return .interval(
                months: Int32(truncatingIfNeeded: bits), days: Int32(truncatingIfNeeded: bits >> 32),
                micros: Int64(truncatingIfNeeded: bits >> 64))
        default: return nil
        }
    }

    private func nested(_ row: Int, _ type: DataType) -> Value {
        switch type {
        case .list(let element):
            return .list(elements(row).map { unsafe children![0].value($0, element) })
        case .array(let element, let size):
            return .list((row * size..<(row + 1) * size).map { unsafe children![0].value($0, element) })
        case .structure(let fields):
            return .structure(fields.indices.map { .init(fields[$0].name, unsafe children![$0].value(row, fields[$0].type)) })
        case .map(let key, let value):
            let pairs = unsafe children![0].children!
            return .map(elements(row).map { unsafe .init(pairs[0].value($0, key), pairs[1].value($0, value)) })
        case .union(let members):
            let tag = Int(unsafe children![0].load(row, as: UInt8.self))
            return unsafe children![1 + tag].value(row, members[tag].type)
        default: return .null
        }
    }

    /// Infinities stay what they are.
    private static func micros(_ ticks: Int64, _ factor: Int64) -> Int64 {
        if ticks == .max || ticks == -.max { return ticks }
        let (product, overflow) = ticks.multipliedReportingOverflow(by: factor)
        return overflow ? (ticks < 0 ? -.max : .max) : product
    }

    /// BIT: the first byte counts padding bits at the front of the second.
    private static func bitText(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count > 1 else { return "" }
        return String((Int(unsafe bytes[0])..<(bytes.count - 1) * 8).map { position in
            unsafe bytes[1 + position / 8] >> UInt8(7 - position % 8) & 1 == 1 ? "1" : "0"
        })
    }
}
