// Any value of a column in PostgreSQL's binary form. Dates and times count from 2000-01-01.
internal import Base
internal import Catalog
internal import Columnar
internal import Reactor

enum PostgresEpoch {
    static let days: Int32 = 10_957
    static let micros: Int64 = 946_684_800_000_000

    @inline(__always)
    static func date(_ value: Int32) -> Int32 {
        if value == .max { return .max }
        return value <= -Int32.max ? .min : value &- days
    }

    @inline(__always)
    static func timestamp(_ value: Int64) -> Int64 {
        if value == .max { return .max }
        return value <= -Int64.max ? .min : value &- micros
    }
}

struct ValueBinary {
    let context: FormatContext

    /// Appends a value that is not NULL, without its length. Throws for nested lists of different lengths.
    func append(_ column: Column, _ row: Int, to out: ByteBuffer) throws(LeibrixError) {
        if let width = column.type.oidWidth { return appendNumber(column, row, width: width, to: out) }
        switch column.type.base {
        case .varchar:
            if case .alias(let name, _) = column.type, name.lowercased() == "jsonb" { out.append(UInt8(1)) }
            out.append(bytes: column.bytes(at: row))
        case .blob: out.append(bytes: column.bytes(at: row))
        case .bit: appendBits(column.bytes(at: row), to: out)
        case .list: try appendArray(column, column.listRange(at: row), to: out)
        case .array(_, let size): try appendArray(column, row * size..<(row + 1) * size, to: out)
        case .structure: try appendRecord(column.children, row, to: out)
        case .enumeration, .map, .union: ValueText(context: context).append(column, row, to: out)
        default: appendFixed(column, row, to: out)
        }
    }

    private func appendFixed(_ column: Column, _ row: Int, to out: ByteBuffer) {
        switch column.type.base {
        case .boolean: out.append(column.load(row, as: UInt8.self) != 0 ? 1 as UInt8 : 0)
        case .tinyInt, .smallInt, .unsignedTinyInt: out.append(integer: Int16(truncatingIfNeeded: column.smallInteger(row)))
        case .integer, .unsignedSmallInt: out.append(integer: Int32(truncatingIfNeeded: column.smallInteger(row)))
        case .bigInt, .unsignedInteger: out.append(integer: column.smallInteger(row))
        case .real: out.append(integer: column.load(row, as: Float.self).bitPattern)
        case .double: out.append(integer: column.load(row, as: Double.self).bitPattern)
        case .uuid: out.append(integer: Packed.uuid(column.load(row, as: UInt128.self)))
        case .decimal, .hugeInt, .unsignedHugeInt, .unsignedBigInt: appendNumeric(column, row, to: out)
        default: appendTemporal(column, row, to: out)
        }
    }

    private func appendTemporal(_ column: Column, _ row: Int, to out: ByteBuffer) {
        switch column.type.base {
        case .date: out.append(integer: PostgresEpoch.date(column.load(row, as: Int32.self)))
        case .time: out.append(integer: column.load(row, as: Int64.self))
        case .timeNS: out.append(integer: column.load(row, as: Int64.self) / 1_000)
        case .timeTZ:
            let (micros, offset) = Packed.timeTZ(column.load(row, as: UInt64.self))
            out.append(integer: micros)
            out.append(integer: -offset)
        case .interval:
            let (months, days, micros) = Packed.interval(column.load(row, as: UInt128.self))
            out.append(integer: micros)
            out.append(integer: days)
            out.append(integer: months)
        default: out.append(integer: PostgresEpoch.timestamp(column.timestampMicros(row)))
        }
    }

    private func appendNumeric(_ column: Column, _ row: Int, to out: ByteBuffer) {
        unsafe out.withFreeSpace(NumericBinary.slot) { space in
            let space = unsafe space.assumingMemoryBound(to: UInt8.self)
            let zero = DecimalPoint(scale: 0)
            switch column.type.base {
            case .decimal(_, let scale): return unsafe NumericBinary.write(wide: column.unscaled(row), DecimalPoint(scale: scale), to: space)
            case .hugeInt: return unsafe NumericBinary.write(wide: column.load(row, as: Int128.self), zero, to: space)
            case .unsignedBigInt:
                return unsafe NumericBinary.write(magnitude: UInt128(column.load(row, as: UInt64.self)), isNegative: false, zero, to: space)
            default: return unsafe NumericBinary.write(magnitude: column.load(row, as: UInt128.self), isNegative: false, zero, to: space)
            }
        }
    }

    /// oid, regclass, xid ..: an integer of whatever width in as many bytes as PostgreSQL's type has.
    private func appendNumber(_ column: Column, _ row: Int, width: Int, to out: ByteBuffer) {
        let value = column.type.base == .unsignedBigInt ? Int64(bitPattern: column.load(row, as: UInt64.self)) : column.smallInteger(row)
        if width == 8 { out.append(integer: value) } else { out.append(integer: Int32(truncatingIfNeeded: value)) }
    }

    private func appendBits(_ bytes: Span<UInt8>, to out: ByteBuffer) {
        guard bytes.count > 1 else { return out.append(integer: Int32(0)) }
        let padding = Int(bytes[0])
        let count = (bytes.count - 1) * 8 - padding
        out.append(integer: Int32(count))
        for index in 0..<(count + 7) / 8 {
            var byte: UInt8 = 0
            for bit in 0..<8 {
                let position = padding + index * 8 + bit
                guard position < (bytes.count - 1) * 8 else { break }
                byte |= (bytes[1 + position / 8] >> UInt8(7 - position % 8) & 1) << UInt8(7 - bit)
            }
            out.append(byte)
        }
    }

    private func appendRecord(_ fields: [Column], _ row: Int, to out: ByteBuffer) throws(LeibrixError) {
        out.append(integer: Int32(fields.count))
        for field in fields {
            out.append(integer: field.type.postgres.oid)
            try appendSized(field, row, to: out)
        }
    }

    private func appendSized(_ column: Column, _ row: Int, to out: ByteBuffer) throws(LeibrixError) {
        guard column.isValid(row) else { return out.append(integer: Int32(-1)) }
        let start = out.count
        out.append(integer: Int32(0))
        try append(column, row, to: out)
        out.put(integer: Int32(out.count - start - 4), at: start)
    }

    // MARK: - Arrays

    /// int32 dimensions · int32 has NULLs · oid of elements · (int32 length, int32 lower bound) a dimension · elements
    private func appendArray(_ column: Column, _ range: Range<Int>, to out: ByteBuffer) throws(LeibrixError) {
        var lengths: [Int] = []
        var leaf = column
        try measure(column, range, depth: 0, lengths: &lengths)
        while leaf.isListLike { leaf = leaf.children[0] }
        let isEmpty = lengths.contains(0)
        out.append(integer: Int32(isEmpty ? 0 : lengths.count))
        let flagAt = out.count
        out.append(integer: Int32(0))
        out.append(integer: leaf.type.postgres.oid)
        if isEmpty { return }
        for length in lengths {
            out.append(integer: Int32(length))
            out.append(integer: Int32(column.type.isVector ? 0 : 1))
        }
        let hasNulls = try appendElements(column.children[0], range, to: out)
        if hasNulls { out.put(integer: Int32(1), at: flagAt) }
    }

    private func measure(_ column: Column, _ range: Range<Int>, depth: Int, lengths: inout [Int]) throws(LeibrixError) {
        guard depth < DoorLimits.dimensionsMax else {
            throw LeibrixError(.limitExceeded, "an array has more than \(DoorLimits.dimensionsMax) dimensions", hint: "Ask for the result as text.")
        }
        if lengths.count == depth { lengths.append(range.count) }
        guard lengths[depth] == range.count else { throw Self.ragged }
        let elements = column.children[0]
        guard elements.isListLike else { return }
        for index in range {
            guard elements.isValid(index) else { throw Self.ragged }
            try measure(elements, elements.elementRange(index), depth: depth + 1, lengths: &lengths)
        }
        if range.isEmpty { return }
    }

    private static var ragged: LeibrixError {
        LeibrixError(
            .typeMismatch, "a list of lists of different lengths has no binary form", hint: "Ask for the column as text, or cast it to JSON.",
            sqlState: "2202E")
    }

    private func appendElements(_ elements: Column, _ range: Range<Int>, to out: ByteBuffer) throws(LeibrixError) -> Bool {
        var hasNulls = false
        for index in range {
            if elements.isListLike {
                if try appendElements(elements.children[0], elements.elementRange(index), to: out) { hasNulls = true }
            } else {
                if !elements.isValid(index) { hasNulls = true }
                try appendSized(elements, index, to: out)
            }
        }
        return hasNulls
    }
}

extension Column {
    var isListLike: Bool {
        switch type.base {
        case .list, .array: true
        default: false
        }
    }

    func elementRange(_ row: Int) -> Range<Int> {
        if case .array(_, let size) = type.base { return row * size..<(row + 1) * size }
        return listRange(at: row)
    }
}

extension DataType {
    /// Bytes of an alias that PostgreSQL sends as a plain number (oid, regclass, xid8 ..) and that is stored as one here.
    var oidWidth: Int? {
        guard case .alias = self else { return nil }
        switch base {
        case .integer, .bigInt, .unsignedInteger, .unsignedBigInt, .unsignedSmallInt, .smallInt: break
        default: return nil
        }
        guard let type = PostgresType[postgres.oid], type.length == 4 || type.length == 8 else { return nil }
        switch type.name {
        case "oid", "xid", "cid", "xid8", "pg_lsn": return Int(type.length)
        default: return type.name.hasPrefix("reg") ? Int(type.length) : nil
        }
    }
}
