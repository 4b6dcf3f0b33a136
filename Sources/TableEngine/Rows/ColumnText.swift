internal import Base
internal import Columnar

/// Values as messages show them, as PostgreSQL writes them.
enum ColumnText {
    static func text(_ column: Column, _ row: Int) -> String {
        // One cell, read as tables read theirs: through the same layout.
        guard column.isValid(row) else { return "null" }
        switch column.type.base {
        case .varchar: return column.text(at: row)
        case .list, .map, .structure, .union, .array, .blob, .bit: return "…"
        default: break
        }
        guard let data = unsafe column.rawData else { return "…" }
        let cell = unsafe CellLayout(
            encoding: .plain, width: UInt8(column.type.physicalWidth), childCount: 0, arraySize: 0, base: 0, validity: nil, data: data,
            dictionaryOffsets: nil, heap: nil, children: nil)
        return text(cell.value(row, column.type))
    }

    static func text(_ value: Value) -> String {
        switch value {
        case .null: return "null"
        case .boolean(let flag): return flag ? "t" : "f"
        case .integer(let number): return String(number)
        case .unsigned(let number): return String(number)
        case .hugeInt(let number): return String(number)
        case .unsignedHugeInt(let number): return String(number)
        case .real(let number): return number == number.rounded() && abs(number) < 1e6 ? String(Int(number)) : String(number)
        case .double(let number): return number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
        case .decimal(let digits, _, let scale): return decimal(digits, Int(scale))
        case .string(let text): return text
        case .blob(let bytes): return "\\x" + bytes.map { hex(UInt64($0), 2) }.joined()
        case .date(let days): return date(Int(days))
        case .time(let micros): return time(micros)
        case .timeTZ(let micros, _): return time(micros)
        case .timestamp(let micros): return timestamp(micros)
        case .timestampTZ(let micros): return timestamp(micros) + "+00"
        case .timestampNanos(let nanos): return timestamp(nanos / 1_000)
        case .interval(let months, let days, let micros): return "\(months) mons \(days) days \(time(micros))"
        case .uuid(let bits): return uuid(bits)
        case .list(let items): return "{" + items.map(text).joined(separator: ",") + "}"
        case .structure(let fields): return "(" + fields.map { text($0.value) }.joined(separator: ",") + ")"
        case .map(let entries): return "{" + entries.map { text($0.key) + "=" + text($0.value) }.joined(separator: ",") + "}"
        }
    }

    private static func decimal(_ digits: Int128, _ scale: Int) -> String {
        guard scale > 0 else { return String(digits) }
        var text = String(digits.magnitude)
        if text.count <= scale { text = String(repeating: "0", count: scale + 1 - text.count) + text }
        return (digits < 0 ? "-" : "") + text.dropLast(scale) + "." + text.suffix(scale)
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let text = String(abs(number))
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func hex(_ value: UInt64, _ width: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func date(_ days: Int) -> String {
        let civil = CivilDate(daysSinceEpoch: days)
        return "\(padded(civil.year, 4))-\(padded(civil.month))-\(padded(civil.day))"
    }

    private static func time(_ micros: Int64) -> String {
        let seconds = Int(micros / 1_000_000)
        let fraction = Int(micros % 1_000_000)
        let text = "\(padded(seconds / 3_600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
        return fraction == 0 ? text : text + "." + padded(fraction, 6)
    }

    private static func timestamp(_ micros: Int64) -> String {
        let day: Int64 = 86_400_000_000
        let days = micros >= 0 ? micros / day : (micros - day + 1) / day
        return date(Int(days)) + " " + time(micros - days * day)
    }

    private static func uuid(_ bits: UInt128) -> String {
        let text = hex(UInt64(truncatingIfNeeded: bits >> 64), 16) + hex(UInt64(truncatingIfNeeded: bits), 16)
        let parts = [8, 4, 4, 4, 12]
        var rest = Substring(text)
        return parts.map { length in
            defer { rest = rest.dropFirst(length) }
            return String(rest.prefix(length))
        }.joined(separator: "-")
    }
}
