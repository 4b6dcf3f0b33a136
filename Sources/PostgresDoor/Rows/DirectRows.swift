// A few rows straight into the output buffer, for answers that are too small to be worth slices and cells. The usual types only; the
// texts are those of `ColumnText`, the bytes those of `ColumnBinary`.
internal import Base
internal import Columnar
internal import Reactor

enum DirectRows {
    static let rowsMax = 4

    /// DataRow messages; false, with nothing written, where a column's type is left to the general way.
    static func append(_ batch: Batch, _ formats: [WireFormat], to out: ByteBuffer) -> Bool {
        let before = out.count
        for row in 0..<batch.rowCount {
            let start = out.count
            out.append(UInt8(ascii: "D"))
            out.append(integer: Int32(0))
            out.append(integer: Int16(truncatingIfNeeded: formats.count))
            for place in formats.indices {
                guard append(batch.columns[place], row, formats[place], to: out) else {
                    out.truncate(to: before)
                    return false
                }
            }
            out.put(integer: Int32(truncatingIfNeeded: out.count - start - 1), at: start + 1)
        }
        return true
    }

    private static func append(_ column: Column, _ row: Int, _ format: WireFormat, to out: ByteBuffer) -> Bool {
        if column.hasNulls, !column.isValid(row) {
            out.append(integer: Int32(-1))
            return true
        }
        switch format {
        case .text: return appendText(column, row, to: out)
        case .binary: return column.type.oidWidth == nil && appendBinary(column, row, to: out)
        }
    }

    private static func appendText(_ column: Column, _ row: Int, to out: ByteBuffer) -> Bool {
        switch column.type.base {
        case .boolean:
            let flag = column.load(row, as: UInt8.self) != 0
            out.append(integer: Int32(1))
            out.append(flag ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case .smallInt: number(Int64(column.load(row, as: Int16.self)), to: out)
        case .integer: number(Int64(column.load(row, as: Int32.self)), to: out)
        case .bigInt: number(column.load(row, as: Int64.self), to: out)
        case .varchar: bytes(column.bytes(at: row), to: out)
        case .double:
            let value = column.load(row, as: Double.self)
            unsafe sized(FloatText.slot, to: out) { unsafe FloatText.double(value, to: $0) }
        case .date:
            let day = column.load(row, as: Int32.self)
            unsafe sized(24, to: out) { unsafe TemporalText.date(day, to: $0) }
        case .timestamp:
            let micros = column.load(row, as: Int64.self)
            unsafe sized(TemporalText.slot, to: out) { unsafe TemporalText.timestamp(micros, to: $0) }
        case .decimal(_, let scale):
            let point = DecimalPoint(scale: scale)
            switch column.type.physicalWidth {
            case 2: decimal(Int64(column.load(row, as: Int16.self)), point, to: out)
            case 4: decimal(Int64(column.load(row, as: Int32.self)), point, to: out)
            case 8: decimal(column.load(row, as: Int64.self), point, to: out)
            default: return false
            }
        default: return false
        }
        return true
    }

    private static func appendBinary(_ column: Column, _ row: Int, to out: ByteBuffer) -> Bool {
        switch column.type {
        case .boolean:
            let flag = column.load(row, as: UInt8.self) != 0
            out.append(integer: Int32(1))
            out.append(flag ? UInt8(1) : UInt8(0))
        case .smallInt: word(column.load(row, as: Int16.self), to: out)
        case .integer: word(column.load(row, as: Int32.self), to: out)
        case .bigInt: word(column.load(row, as: Int64.self), to: out)
        case .double: word(column.load(row, as: UInt64.self), to: out)
        case .date: word(PostgresEpoch.date(column.load(row, as: Int32.self)), to: out)
        case .timestamp, .timestampTZ: word(PostgresEpoch.timestamp(column.load(row, as: Int64.self)), to: out)
        case .varchar, .blob: bytes(column.bytes(at: row), to: out)
        default: return false
        }
        return true
    }

    private static func word<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, to out: ByteBuffer) {
        out.append(integer: Int32(MemoryLayout<T>.size))
        out.append(integer: value)
    }

    private static func number(_ value: Int64, to out: ByteBuffer) { unsafe sized(20, to: out) { unsafe Digits.signed(value, to: $0) } }

    private static func decimal(_ value: Int64, _ point: DecimalPoint, to out: ByteBuffer) {
        unsafe sized(24, to: out) { unsafe point.text(value, to: $0) }
    }

    private static func bytes(_ bytes: Span<UInt8>, to out: ByteBuffer) {
        out.append(integer: Int32(truncatingIfNeeded: bytes.count))
        out.append(bytes: bytes)
    }

    /// A value of at most `slot` bytes behind its length.
    private static func sized(_ slot: Int, to out: ByteBuffer, _ write: (Bytes) -> Int) {
        unsafe out.withFreeSpace(slot + 4) { space in
            let length = unsafe write((space + 4).assumingMemoryBound(to: UInt8.self))
            unsafe space.storeBytes(of: UInt32(truncatingIfNeeded: length).bigEndian, as: UInt32.self)
            return length + 4
        }
    }
}
