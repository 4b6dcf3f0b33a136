// Parameters in PostgreSQL's binary form. A type's width is checked before it is read.
internal import Base
internal import Catalog
internal import Columnar

struct ParameterBinary {
    func value(_ bytes: [UInt8], _ type: DataType, depth: Int) throws(LeibrixError) -> Value {
        let oid = type.postgres.oid
        switch oid {
        case 16: return .boolean(try integer(bytes, 1, "boolean") != 0)
        case 20: return .integer(try integer(bytes, 8, "bigint"))
        case 21: return .integer(try integer(bytes, 2, "smallint"))
        case 23: return .integer(try integer(bytes, 4, "integer"))
        case 700: return .real(Float(bitPattern: UInt32(truncatingIfNeeded: try integer(bytes, 4, "real"))))
        case 701: return .double(Double(bitPattern: UInt64(bitPattern: try integer(bytes, 8, "double precision"))))
        case 1700: return try numeric(bytes, type)
        case 17: return .blob(bytes)
        case 1560, 1562: return .string(try bits(bytes))
        case 1082, 1083, 1114, 1184, 1186, 1266: return try temporal(bytes, oid)
        case 2950:
            guard bytes.count == 16 else { throw .invalidBinary("uuid", "16 bytes are wanted, not \(bytes.count)") }
            return .uuid(bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
        case 3802:
            guard bytes.first == 1 else { throw .invalidBinary("jsonb", "unknown version") }
            return .string(try text(Array(bytes.dropFirst())))
        default: return try others(bytes, type, depth)
        }
    }

    private func others(_ bytes: [UInt8], _ type: DataType, _ depth: Int) throws(LeibrixError) -> Value {
        if let width = type.oidWidth {
            let number = try integer(bytes, width, type.description)
            return .unsigned(width == 4 ? UInt64(UInt32(truncatingIfNeeded: number)) : UInt64(bitPattern: number))
        }
        switch type.base {
        case .list(let element), .array(let element, _): return try array(bytes, element, depth)
        case .structure, .map, .union:
            throw LeibrixError(.notSupported, "parameters of type \(type) are not supported", hint: "Send text, and build the value in SQL.")
        default: return .string(try text(bytes))
        }
    }

    /// Big-endian, signed, of exactly so many bytes.
    private func integer(_ bytes: [UInt8], _ width: Int, _ name: String) throws(LeibrixError) -> Int64 {
        guard bytes.count == width else { throw .invalidBinary(name, "\(width) bytes are wanted, not \(bytes.count)") }
        let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let shift = UInt64(64 - 8 * width)
        return Int64(bitPattern: bits << shift) >> Int64(shift)
    }

    private func text(_ bytes: [UInt8]) throws(LeibrixError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw LeibrixError(.invalidValue, "invalid byte sequence for encoding \"UTF8\"", sqlState: "22021")
        }
        return text
    }

    private func temporal(_ bytes: [UInt8], _ oid: UInt32) throws(LeibrixError) -> Value {
        switch oid {
        case 1082:
            let days = Int32(truncatingIfNeeded: try integer(bytes, 4, "date"))
            return .date(days == .max ? .max : days == .min ? -.max : days &+ PostgresEpoch.days)
        case 1083: return .time(try integer(bytes, 8, "time"))
        case 1114: return .timestamp(fromEpoch(try integer(bytes, 8, "timestamp")))
        case 1184: return .timestampTZ(fromEpoch(try integer(bytes, 8, "timestamp with time zone")))
        case 1266:
            guard bytes.count == 12 else { throw .invalidBinary("time with time zone", "12 bytes are wanted") }
            let west = Int32(truncatingIfNeeded: try integer(Array(bytes[8...]), 4, "time with time zone"))
            return .timeTZ(try integer(Array(bytes[..<8]), 8, "time with time zone"), offset: -west)
        default:
            guard bytes.count == 16 else { throw .invalidBinary("interval", "16 bytes are wanted") }
            return .interval(
                months: Int32(truncatingIfNeeded: try integer(Array(bytes[12...]), 4, "interval")),
                days: Int32(truncatingIfNeeded: try integer(Array(bytes[8..<12]), 4, "interval")),
                micros: try integer(Array(bytes[..<8]), 8, "interval"))
        }
    }

    private func fromEpoch(_ micros: Int64) -> Int64 {
        if micros == .max { return .max }
        if micros == .min { return -.max }
        return micros.addingReportingOverflow(PostgresEpoch.micros).overflow ? .max : micros + PostgresEpoch.micros
    }

    private func bits(_ bytes: [UInt8]) throws(LeibrixError) -> String {
        guard bytes.count >= 4 else { throw .invalidBinary("bit", "no length") }
        let count = Int(try integer(Array(bytes[..<4]), 4, "bit"))
        guard count >= 0, bytes.count - 4 == (count + 7) / 8 else { throw .invalidBinary("bit", "the length does not fit") }
        var text = ""
        for bit in 0..<count { text += bytes[4 + bit / 8] >> UInt8(7 - bit % 8) & 1 == 1 ? "1" : "0" }
        return text
    }

    private func numeric(_ bytes: [UInt8], _ type: DataType) throws(LeibrixError) -> Value {
        func short(_ index: Int) -> Int { Int(Int16(bitPattern: UInt16(bytes[2 * index]) << 8 | UInt16(bytes[2 * index + 1]))) }
        guard bytes.count >= 8, bytes.count == 8 + 2 * short(0) else { throw .invalidBinary("numeric", "the length does not fit") }
        let (count, weight, sign, shown) = (short(0), short(1), UInt16(truncatingIfNeeded: short(2)), short(3))
        guard sign == 0 || sign == 0x4000 else { throw .outOfRange("numeric", sign == 0xC000 ? "NaN" : "Infinity") }
        guard (0...16_383).contains(shown) else { throw .invalidBinary("numeric", "the scale is out of range") }
        // The last group's digits beyond the scale are filling: they are not counted, or 38 digits would seem too many.
        var scale = count == 0 ? 0 : (count - 1 - weight) * 4
        let filling = (1...3).contains(scale - shown) ? scale - shown : 0
        scale -= filling
        var digits: Int128 = 0
        for index in 0..<count {
            guard (0..<10_000).contains(short(4 + index)) else { throw .invalidBinary("numeric", "a digit is out of range") }
            let dropped = index == count - 1 ? filling : 0
            let (scaled, overflow) = digits.multipliedReportingOverflow(by: Int128(Digits.power(4 - dropped)))
            guard !overflow else { throw .outOfRange("numeric(38)", "numeric of \(count) groups") }
            digits = scaled + Int128(short(4 + index)) / Int128(Digits.power(dropped))
        }
        while scale > shown && digits % 10 == 0 && scale > 0 {
            digits /= 10
            scale -= 1
        }
        // A hugeint has 39 digits, one more than any decimal.
        if scale == 0, type.base == .hugeInt { return .hugeInt(sign == 0x4000 ? -digits : digits) }
        return try DecimalInput.value(sign == 0x4000 ? -digits : digits, scale: scale, "numeric of \(count) groups")
    }

    // MARK: - Arrays

    private func array(_ bytes: [UInt8], _ element: DataType, _ depth: Int) throws(LeibrixError) -> Value {
        guard depth < DoorLimits.dimensionsMax else { throw LeibrixError(.limitExceeded, "an array is nested too deeply") }
        var reader = MessageReader(bytes)
        let dimensions = Int(try reader.unsigned32())
        _ = try reader.unsigned32()
        _ = try reader.unsigned32()
        guard dimensions <= DoorLimits.dimensionsMax else {
            throw LeibrixError(.limitExceeded, "number of array dimensions (\(dimensions)) exceeds the maximum allowed (\(DoorLimits.dimensionsMax))")
        }
        if dimensions == 0 { return .list([]) }
        var lengths: [Int] = []
        for _ in 0..<dimensions {
            lengths.append(Int(try reader.unsigned32()))
            _ = try reader.unsigned32()
        }
        // Each element takes at least the four bytes of its length.
        guard lengths.reduce(1.0, { $0 * Double($1) }) * 4 <= Double(bytes.count) else { throw .invalidBinary("array", "more elements than bytes") }
        if lengths.contains(0) { return .list([]) }
        var leaf = element
        for _ in 1..<max(1, dimensions) { if case .list(let inner) = leaf.base { leaf = inner } }
        let value = try elements(&reader, lengths[...], leaf, depth)
        guard reader.isAtEnd else { throw .invalidBinary("array", "bytes are left over") }
        return value
    }

    private func elements(_ reader: inout MessageReader, _ lengths: ArraySlice<Int>, _ leaf: DataType, _ depth: Int) throws(LeibrixError) -> Value {
        var items: [Value] = []
        for _ in 0..<(lengths.first ?? 0) {
            if lengths.count > 1 {
                items.append(try elements(&reader, lengths.dropFirst(), leaf, depth + 1))
                continue
            }
            let length = Int32(bitPattern: try reader.unsigned32())
            guard length >= 0 else {
                items.append(.null)
                continue
            }
            items.append(try value(try reader.bytes(Int(length)), leaf, depth: depth + 1))
        }
        return .list(items)
    }
}
