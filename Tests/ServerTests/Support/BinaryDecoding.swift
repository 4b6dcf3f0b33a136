// PostgreSQL's binary formats turned back into its text forms, by type number: what a binary driver would see.
import Columnar
import Foundation

enum BinaryDecoding {
    /// Nil when the type's binary form is not decoded here; the caller then compares the text result alone.
    static func text(_ bytes: [UInt8], _ type: UInt32) -> String? {
        switch type {
        case 16: bytes == [1] ? "t" : bytes == [0] ? "f" : nil
        case 20, 21, 23: String(integer(bytes))
        case 26: String(UInt32(truncatingIfNeeded: integer(bytes)))
        case 700: float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: integer(bytes)))), "\(Float(bitPattern: UInt32(truncatingIfNeeded: integer(bytes))))")
        case 701: float(Double(bitPattern: UInt64(bitPattern: integer(bytes))), "\(Double(bitPattern: UInt64(bitPattern: integer(bytes))))")
        case 19, 25, 114, 1042, 1043: String(decoding: bytes, as: UTF8.self)
        case 17: PostgresText.scalar(.blob(bytes))
        case 1082: date(Int(integer(bytes)))
        case 1083: PostgresText.time(integer(bytes))
        case 1114: timestamp(integer(bytes), zone: false)
        case 1184: timestamp(integer(bytes), zone: true)
        case 1186: PostgresText.interval(Int(integer(Array(bytes[12..<16]))), Int(integer(Array(bytes[8..<12]))), integer(Array(bytes[0..<8])))
        case 1700: numeric(bytes)
        case 2950: PostgresText.scalar(.uuid(bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }))
        default: elements[type].flatMap { array(bytes, element: $0) }
        }
    }

    static let elements: [UInt32: UInt32] = [
        1000: 16, 1016: 20, 1005: 21, 1007: 23, 1021: 700, 1022: 701, 1009: 25, 1015: 1043, 199: 114, 1001: 17, 1182: 1082, 1183: 1083, 1115: 1114,
        1185: 1184, 1187: 1186, 1231: 1700, 2951: 2950,
    ]

    static func integer(_ bytes: [UInt8]) -> Int64 {
        guard let first = bytes.first else { return 0 }
        return bytes.dropFirst().reduce(Int64(Int8(bitPattern: first))) { $0 << 8 | Int64($1) }
    }

    private static func float(_ number: Double, _ text: String) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number > 0 ? "Infinity" : "-Infinity" }
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// PostgreSQL counts from 2000-01-01.
    private static func date(_ days: Int) -> String {
        if days == Int(Int32.max) { return "infinity" }
        if days == Int(Int32.min) { return "-infinity" }
        return PostgresText.date(days + 10_957)
    }

    private static func timestamp(_ micros: Int64, zone: Bool) -> String {
        if micros == Int64.max { return "infinity" }
        if micros == Int64.min { return "-infinity" }
        let unix = micros + 946_684_800_000_000
        return PostgresText.scalar(zone ? .timestampTZ(unix) : .timestamp(unix))
    }

    /// Base-10000 digits: count, weight, sign, display scale.
    private static func numeric(_ bytes: [UInt8]) -> String? {
        let shorts = stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        guard shorts.count >= 4, shorts.count == 4 + shorts[0] else { return nil }
        let weight = Int(Int16(truncatingIfNeeded: shorts[1]))
        if shorts[2] == 0xC000 { return "NaN" }
        var whole = ""
        for index in 0..<max(weight + 1, 0) { whole += PostgresText.padded(index < shorts[0] ? shorts[4 + index] : 0, 4) }
        var fraction = ""
        for index in (weight + 1)..<max(weight + 1, weight + 2 + shorts[3] / 4) {
            fraction += PostgresText.padded(index >= 0 && index < shorts[0] ? shorts[4 + index] : 0, 4)
        }
        whole = String(whole.drop { $0 == "0" })
        fraction = String((fraction + String(repeating: "0", count: shorts[3])).prefix(shorts[3]))
        return (shorts[2] == 0x4000 ? "-" : "") + (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// Dimensions, flags, element type; then bounds; then length-prefixed elements in row order.
    private static func array(_ bytes: [UInt8], element: UInt32) -> String? {
        func int(_ at: Int) -> Int { Int(integer(Array(bytes[at..<at + 4]))) }
        let dimensions = int(0)
        guard dimensions > 0 else { return "{}" }
        let sizes = (0..<dimensions).map { int(12 + 8 * $0) }
        var at = 12 + 8 * dimensions
        func level(_ depth: Int) -> String {
            "{" + (0..<sizes[depth]).map { _ in
                if depth + 1 < dimensions { return level(depth + 1) }
                let length = int(at)
                at += 4
                guard length >= 0 else { return "NULL" }
                defer { at += length }
                return PostgresText.arrayElement(text(Array(bytes[at..<at + length]), element) ?? "?")
            }.joined(separator: ",") + "}"
        }
        return level(0)
    }
}
