// Any value of a column as PostgreSQL's text: for nested values and for types whose width is not bounded. Flat columns of
// the common types have loops of their own (ColumnText).
internal import Columnar
internal import Reactor

struct ValueText {
    let context: FormatContext

    /// Appends a value that is not NULL.
    func append(_ column: Column, _ row: Int, to out: ByteBuffer) {
        switch column.type.base {
        case .varchar: out.append(bytes: column.bytes(at: row))
        case .blob: appendBlob(column.bytes(at: row), to: out)
        case .bit: appendBits(column.bytes(at: row), to: out)
        case .enumeration(let labels): out.append(labels[column.code(row)])
        case .list: appendArray(column, row, column.listRange(at: row), to: out)
        case .array(_, let size): appendArray(column, row, row * size..<(row + 1) * size, to: out)
        case .structure: appendRecord(column.children, row, to: out)
        case .map: JSONText(context: context).append(column, row, to: out)
        case .union: appendUnion(column, row, to: out)
        default: unsafe out.withFreeSpace(IntervalText.slot) { space in unsafe fixed(column, row, to: space.assumingMemoryBound(to: UInt8.self)) }
        }
    }

    /// Types of a bounded width.
    private func fixed(_ column: Column, _ row: Int, to out: Bytes) -> Int {
        switch column.type.base {
        case .boolean:
            unsafe out[0] = column.load(row, as: UInt8.self) != 0 ? UInt8(ascii: "t") : UInt8(ascii: "f")
            return 1
        case .real: return unsafe FloatText.real(column.load(row, as: Float.self), to: out)
        case .double: return unsafe FloatText.double(column.load(row, as: Double.self), to: out)
        case .decimal(_, let scale): return unsafe DecimalPoint(scale: scale).text(wide: column.unscaled(row), to: out)
        case .hugeInt: return unsafe Digits.signed(column.load(row, as: Int128.self), to: out)
        case .unsignedHugeInt: return unsafe Digits.unsigned(column.load(row, as: UInt128.self), to: out)
        case .unsignedBigInt: return unsafe Digits.unsigned(column.load(row, as: UInt64.self), to: out)
        case .uuid: return unsafe Packed.uuidText(Packed.uuid(column.load(row, as: UInt128.self)), to: out)
        case .date, .time, .timeNS, .timeTZ, .timestamp, .timestampSeconds, .timestampMillis, .timestampNanos, .timestampTZ, .interval:
            return unsafe temporal(column, row, to: out)
        default: return unsafe Digits.signed(column.smallInteger(row), to: out)
        }
    }

    private func temporal(_ column: Column, _ row: Int, to out: Bytes) -> Int {
        switch column.type.base {
        case .date: return unsafe TemporalText.date(column.load(row, as: Int32.self), to: out)
        case .time: return unsafe TemporalText.time(column.load(row, as: Int64.self), to: out)
        case .timeNS: return unsafe TemporalText.time(column.load(row, as: Int64.self) / 1_000, to: out)
        case .timeTZ:
            let (micros, offset) = Packed.timeTZ(column.load(row, as: UInt64.self))
            return unsafe TemporalText.timeTZ(micros, offset: offset, to: out)
        case .timestampTZ:
            let micros = column.load(row, as: Int64.self)
            return unsafe TemporalText.timestamp(micros, offset: context.zone.offset(atMicros: micros), to: out)
        case .interval:
            let (months, days, micros) = Packed.interval(column.load(row, as: UInt128.self))
            return unsafe IntervalText.write(months: months, days: days, micros: micros, style: context.intervalStyle, to: out)
        default: return unsafe TemporalText.timestamp(column.timestampMicros(row), to: out)
        }
    }

    private func appendBlob(_ bytes: Span<UInt8>, to out: ByteBuffer) {
        if context.escapesBytea { return appendEscaped(bytes, to: out) }
        let digits: StaticString = "0123456789abcdef"
        unsafe out.withFreeSpace(2 + 2 * bytes.count) { space in
            let space = unsafe space.assumingMemoryBound(to: UInt8.self)
            unsafe space[0] = UInt8(ascii: "\\")
            unsafe space[1] = UInt8(ascii: "x")
            for index in bytes.indices {
                unsafe space[2 + 2 * index] = digits.utf8Start[Int(bytes[index] >> 4)]
                unsafe space[3 + 2 * index] = digits.utf8Start[Int(bytes[index] & 15)]
            }
            return 2 + 2 * bytes.count
        }
    }

    private func appendEscaped(_ bytes: Span<UInt8>, to out: ByteBuffer) {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\") {
                out.append(bytes: [byte, byte])
            } else if byte < 0x20 || byte > 0x7E {
                out.append(bytes: [UInt8(ascii: "\\"), 48 + (byte >> 6), 48 + (byte >> 3 & 7), 48 + (byte & 7)])
            } else {
                out.append(byte)
            }
        }
    }

    /// The first byte counts the padding bits at the front of the second.
    private func appendBits(_ bytes: Span<UInt8>, to out: ByteBuffer) {
        guard bytes.count > 1 else { return }
        for position in Int(bytes[0])..<(bytes.count - 1) * 8 {
            out.append(48 + (bytes[1 + position / 8] >> UInt8(7 - position % 8) & 1))
        }
    }

    private func appendUnion(_ column: Column, _ row: Int, to out: ByteBuffer) {
        let member = column.children[1 + Int(column.children[0].load(row, as: UInt8.self))]
        if member.isValid(row) { append(member, row, to: out) }
    }

    // MARK: - Arrays and records

    private func appendArray(_ column: Column, _ row: Int, _ range: Range<Int>, to out: ByteBuffer) {
        let elements = column.children[0]
        if column.type.isVector { return appendVector(elements, range, to: out) }
        out.append(UInt8(ascii: "{"))
        for index in range {
            if index > range.lowerBound { out.append(UInt8(ascii: ",")) }
            if elements.isValid(index) {
                appendElement(elements, index, to: out)
            } else {
                out.append("NULL")
            }
        }
        out.append(UInt8(ascii: "}"))
    }

    /// int2vector and oidvector: numbers between spaces.
    private func appendVector(_ elements: Column, _ range: Range<Int>, to out: ByteBuffer) {
        for index in range {
            if index > range.lowerBound { out.append(UInt8(ascii: " ")) }
            if elements.isValid(index) { append(elements, index, to: out) }
        }
    }

    private func appendElement(_ elements: Column, _ index: Int, to out: ByteBuffer) {
        let start = out.count
        append(elements, index, to: out)
        switch elements.type.base {
        case .list, .array: return
        default: quoteArrayElement(from: start, in: out)
        }
    }

    /// array_out quotes what is empty, reads as NULL, or holds a brace, comma, quote, backslash or space.
    private func quoteArrayElement(from start: Int, in out: ByteBuffer) {
        let count = out.count - start
        var needed = count == 0
        for offset in start..<out.count where !needed {
            switch out[offset] {
            case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\\"), 32, 9...13: needed = true
            default: break
            }
        }
        if count == 4 && !needed {
            let word = out.bytes(at: start, count: 4).map { $0 | 0x20 }
            needed = word == [UInt8](ascii: "null")
        }
        guard needed else { return }
        requote(from: start, in: out) { byte in byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? UInt8(ascii: "\\") : nil }
    }

    private func appendRecord(_ fields: [Column], _ row: Int, to out: ByteBuffer) {
        out.append(UInt8(ascii: "("))
        for index in fields.indices {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            guard fields[index].isValid(row) else { continue }
            let start = out.count
            append(fields[index], row, to: out)
            quoteRecordField(from: start, in: out)
        }
        out.append(UInt8(ascii: ")"))
    }

    /// record_out quotes what is empty or holds a parenthesis, comma, quote, backslash or space; quotes and backslashes are doubled.
    private func quoteRecordField(from start: Int, in out: ByteBuffer) {
        var needed = out.count == start
        for offset in start..<out.count where !needed {
            switch out[offset] {
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\\"), 32, 9...13: needed = true
            default: break
            }
        }
        guard needed else { return }
        requote(from: start, in: out) { byte in byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? byte : nil }
    }

    private func requote(from start: Int, in out: ByteBuffer, prefix: (UInt8) -> UInt8?) {
        let plain = out.bytes(at: start, count: out.count - start)
        out.truncate(to: start)
        out.append(UInt8(ascii: "\""))
        for byte in plain {
            if let before = prefix(byte) { out.append(before) }
            out.append(byte)
        }
        out.append(UInt8(ascii: "\""))
    }
}

extension Column {
    func code(_ row: Int) -> Int {
        switch type.physicalWidth {
        case 1: Int(load(row, as: UInt8.self))
        case 2: Int(load(row, as: UInt16.self))
        default: Int(load(row, as: UInt32.self))
        }
    }

    func unscaled(_ row: Int) -> Int128 {
        switch type.physicalWidth {
        case 2: Int128(load(row, as: Int16.self))
        case 4: Int128(load(row, as: Int32.self))
        case 8: Int128(load(row, as: Int64.self))
        default: load(row, as: Int128.self)
        }
    }

    /// Integers of at most 64 bits with a sign, and unsigned ones of at most 32.
    func smallInteger(_ row: Int) -> Int64 {
        switch type.base {
        case .tinyInt: Int64(load(row, as: Int8.self))
        case .smallInt: Int64(load(row, as: Int16.self))
        case .integer: Int64(load(row, as: Int32.self))
        case .bigInt: load(row, as: Int64.self)
        case .unsignedTinyInt: Int64(load(row, as: UInt8.self))
        case .unsignedSmallInt: Int64(load(row, as: UInt16.self))
        case .unsignedInteger: Int64(load(row, as: UInt32.self))
        default: 0
        }
    }

    /// A timestamp of any unit as microseconds.
    func timestampMicros(_ row: Int) -> Int64 {
        let value = load(row, as: Int64.self)
        return switch type.base {
        case .timestampSeconds: TemporalText.micros(value, timesEach: 1_000_000)
        case .timestampMillis: TemporalText.micros(value, timesEach: 1_000)
        case .timestampNanos: TemporalText.micros(nanos: value)
        default: value
        }
    }
}

extension DataType {
    /// int2vector or oidvector.
    var isVector: Bool {
        if case .alias(let name, _) = self { return ["int2vector", "oidvector"].contains(name.lowercased()) }
        return false
    }
}
