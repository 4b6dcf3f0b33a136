// Single values out of a batch: for tests, small results and bounds. Doors read the columns themselves.
public import Columnar

extension Batch {
    /// One row, a value a column.
    public func row(_ row: Int) -> [Value] { columns.map { $0.value(at: row) } }

    public func value(row: Int, column: Int) -> Value { columns[column].value(at: row) }
}

extension Column {
    public func value(at row: Int) -> Value {
        guard isValid(row) else { return .null }
        switch type.base {
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
        case .real: return .real(load(row, as: Float.self))
        case .double: return .double(load(row, as: Double.self))
        case .varchar: return .string(text(at: row))
        case .blob: return .blob(blob(at: row))
        case .bit: return .string(bits(at: row))
        case .decimal(let width, let scale): return .decimal(digits(at: row), width: width, scale: scale)
        case .uuid: return .uuid(load(row, as: UInt128.self) ^ (1 << 127))
        case .enumeration(let labels): return .string(labels[code(at: row)])
        default: return temporal(at: row) ?? nested(at: row)
        }
    }

    private func temporal(at row: Int) -> Value? {
        switch type.base {
        case .date: .date(load(row, as: Int32.self))
        case .time: .time(load(row, as: Int64.self))
        case .timeNS: .time(load(row, as: Int64.self) / 1_000)
        case .timeTZ: timeTZ(load(row, as: UInt64.self))
        case .timestamp: .timestamp(load(row, as: Int64.self))
        case .timestampSeconds: .timestamp(scaled(load(row, as: Int64.self), by: 1_000_000))
        case .timestampMillis: .timestamp(scaled(load(row, as: Int64.self), by: 1_000))
        case .timestampNanos: .timestampNanos(load(row, as: Int64.self))
        case .timestampTZ: .timestampTZ(load(row, as: Int64.self))
        case .interval: interval(at: row)
        default: nil
        }
    }

    private func nested(at row: Int) -> Value {
        switch type.base {
        case .list: return .list(listRange(at: row).map { children[0].value(at: $0) })
        case .array(_, let size): return .list((row * size..<(row + 1) * size).map { children[0].value(at: $0) })
        case .structure(let fields):
            return .structure(fields.indices.map { Value.Field(fields[$0].name, children[$0].value(at: row)) })
        case .map:
            let pairs = children[0].children
            return .map(listRange(at: row).map { Value.Entry(pairs[0].value(at: $0), pairs[1].value(at: $0)) })
        case .union: return children[1 + Int(children[0].load(row, as: UInt8.self))].value(at: row)
        default: return .null
        }
    }

    /// Infinities stay what they are.
    private func scaled(_ value: Int64, by factor: Int64) -> Int64 {
        if value == .max || value == -.max { return value }
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        return overflow ? (value < 0 ? -.max : .max) : product
    }

    private func interval(at row: Int) -> Value {
        let bits = load(row, as: UInt128.self)
        return .interval(
            months: Int32(truncatingIfNeeded: bits), days: Int32(truncatingIfNeeded: bits >> 32),
            micros: Int64(truncatingIfNeeded: bits >> 64))
    }

    /// 40 bits of microseconds over 24 bits of offset, stored so that it sorts: 57,599 seconds minus the offset.
    private func timeTZ(_ bits: UInt64) -> Value {
        .timeTZ(Int64(bits >> 24), offset: 57_599 - Int32(bits & 0xFF_FFFF))
    }

    /// A DECIMAL's unscaled digits.
    public func digits(at row: Int) -> Int128 {
        switch type.physicalWidth {
        case 2: Int128(load(row, as: Int16.self))
        case 4: Int128(load(row, as: Int32.self))
        case 8: Int128(load(row, as: Int64.self))
        default: load(row, as: Int128.self)
        }
    }

    /// An ENUM's position among its labels.
    public func code(at row: Int) -> Int {
        switch type.physicalWidth {
        case 1: Int(load(row, as: UInt8.self))
        case 2: Int(load(row, as: UInt16.self))
        default: Int(load(row, as: UInt32.self))
        }
    }

    private func blob(at row: Int) -> [UInt8] {
        let bytes = bytes(at: row)
        return unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, filled in
            for index in bytes.indices { unsafe buffer[index] = bytes[index] }
            filled = bytes.count
        }
    }

    /// BIT: the first byte counts padding bits at the front of the second.
    public func bits(at row: Int) -> String {
        let bytes = bytes(at: row)
        guard bytes.count > 1 else { return "" }
        var text = ""
        for position in Int(bytes[0])..<(bytes.count - 1) * 8 {
            text += bytes[1 + position / 8] >> UInt8(7 - position % 8) & 1 == 1 ? "1" : "0"
        }
        return text
    }
}
