// COPY FROM STDIN: the client's bytes, cut anywhere, into rows of values. PostgreSQL's text and csv formats are read a line at
// a time, binary a tuple at a time; what is not whole waits for the next piece. Bounds: a line, and so what waits, is at most
// `DoorLimits.copyLineBytesMax`.
//
// Errors name the line, and the column where it is known, as PostgreSQL's context does.
internal import Base
internal import Columnar
internal import Session

struct CopyReader {
    let format: CopyFormat
    let columns: [ResultColumn]
    let context: FormatContext
    private let null: [UInt8]
    /// Bytes of a line that is not whole yet.
    private var rest: [UInt8] = []
    /// Where the search for the end of the line goes on.
    private var searched = 0
    private var inQuotes = false
    private(set) var line = 0
    private var isHeaderPending: Bool
    private var isSignaturePending = true
    /// After `\.` or the binary trailer.
    private var isOver = false

    init(_ format: CopyFormat, columns: [ResultColumn], context: FormatContext) {
        self.format = format
        self.columns = columns
        self.context = context
        null = Array(format.null.utf8)
        isHeaderPending = format.header
    }

    /// Bytes that are not read yet.
    var waiting: Int { rest.count }

    /// Takes a piece, to be read with those that follow at once.
    mutating func gather(_ bytes: [UInt8]) {
        if !isOver { rest += bytes }
    }

    /// Takes a piece and gives the rows that are whole with it.
    mutating func take(_ bytes: [UInt8]) throws(LeibrixError) -> [[Value]] {
        gather(bytes)
        guard !isOver else { return [] }
        var rows: [[Value]] = []
        var start = 0
        if format.kind == .binary {
            while let (values, end) = try tuple(from: start) {
                if let values { rows.append(values) }
                start = end
                if isOver { break }
            }
        } else {
            while !isOver, let end = lineEnd(from: start) {
                try read(start..<end, &rows)
                start = end + 1
                searched = start
            }
        }
        rest.removeFirst(start)
        searched = max(searched - start, 0)
        guard rest.count <= DoorLimits.copyLineBytesMax else {
            throw located(LeibrixError(.limitExceeded, "a line of COPY data is longer than \(DoorLimits.copyLineBytesMax) bytes", hint: "Check delimiters and quotes."))
        }
        return rows
    }

    /// The data is complete: the last line may have no end.
    mutating func finish() throws(LeibrixError) -> [[Value]] {
        var rows: [[Value]] = []
        guard !isOver else { return rows }
        if format.kind == .binary {
            if isSignaturePending { throw LeibrixError(.invalidValue, "COPY file signature not recognized", hint: "Send PGCOPY data.", sqlState: "22P04") }
            guard rest.isEmpty else { throw located(LeibrixError(.invalidValue, "unexpected EOF in COPY data", hint: "Send whole rows.", sqlState: "22P04")) }
            return rows
        }
        if inQuotes {
            line += 1
            throw located(LeibrixError(.invalidValue, "unterminated CSV quoted field", hint: "Close the quote.", sqlState: "22P04"))
        }
        if !rest.isEmpty { try read(0..<rest.count, &rows) }
        rest = []
        return rows
    }

    // MARK: Lines

    /// The end of a line that is whole: outside quotes in csv.
    private mutating func lineEnd(from start: Int) -> Int? {
        var index = max(start, searched)
        let isCSV = format.kind == .csv
        while index < rest.count {
            let byte = rest[index]
            if isCSV {
                if inQuotes, byte == format.escape, format.escape != format.quote, index + 1 < rest.count {
                    index += 2
                    continue
                }
                if byte == format.quote { inQuotes.toggle() }
            } else if byte == 0x5C {
                // An escaped line end is data. The byte behind may be in the next piece.
                guard index + 1 < rest.count else { break }
                index += 2
                continue
            }
            if byte == 0x0A, !inQuotes {
                searched = index
                return index
            }
            index += 1
        }
        searched = index
        return nil
    }

    private mutating func read(_ range: Range<Int>, _ rows: inout [[Value]]) throws(LeibrixError) {
        line += 1
        var end = range.upperBound
        if end > range.lowerBound, rest[end - 1] == 0x0D { end -= 1 }
        let line = rest[range.lowerBound..<end]
        if line.count == 2, line[range.lowerBound] == 0x5C, line[range.lowerBound + 1] == 0x2E {
            isOver = true
            return
        }
        if isHeaderPending {
            isHeaderPending = false
            if format.matchesHeader { try match(header: line) }
            return
        }
        if format.kind == .text, let values = try textRow(range.lowerBound..<end) { return rows.append(values) }
        let fields = try format.kind == .csv ? csv(line) : text(line)
        if fields.count != columns.count {
            let isMissing = fields.count < columns.count
            throw located(
                LeibrixError(
                    .invalidValue, isMissing ? "missing data for column \"\(columns[fields.count].name)\"" : "extra data after last expected column",
                    hint: "Give every line \(columns.count) fields.", sqlState: "22P04"))
        }
        var values: [Value] = []
        values.reserveCapacity(fields.count)
        for (index, field) in fields.enumerated() { values.append(try value(field, index)) }
        rows.append(values)
    }

    private func match(header line: ArraySlice<UInt8>) throws(LeibrixError) {
        let names = try (format.kind == .csv ? csv(line) : text(line)).map { $0.map { String(decoding: $0, as: UTF8.self) } }
        for (index, column) in columns.enumerated() where index >= names.count || names[index] != column.name {
            throw located(
                LeibrixError(
                    .invalidValue, "column name mismatch in header line field \(index + 1): got \"\(index < names.count ? names[index] ?? "" : "")\", expected \"\(column.name)\"",
                    hint: "Name the columns in COPY, or leave HEADER MATCH out.", sqlState: "22P04"))
        }
    }

    // MARK: Fields

    /// A line of the text format without escapes, read in place; nil for one with escapes, or with fields missing or too many.
    private func textRow(_ line: Range<Int>) throws(LeibrixError) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(columns.count)
        var start = line.lowerBound
        for index in line.lowerBound...line.upperBound {
            if index < line.upperBound {
                let byte = rest[index]
                if byte == 0x5C, !isNullAhead(index, line.upperBound) { return nil }
                guard byte == format.delimiter else { continue }
            }
            guard values.count < columns.count else { return nil }
            values.append(try plainValue(start..<index, values.count))
            start = index + 1
        }
        return values.count == columns.count ? values : nil
    }

    /// Whether the field that a backslash begins is NULL's mark.
    private func isNullAhead(_ index: Int, _ end: Int) -> Bool {
        let after = index + null.count
        guard !null.isEmpty, after <= end, after == end || rest[after] == format.delimiter, index == 0 || rest[index - 1] == format.delimiter || rest[index - 1] == 0x0A
        else { return false }
        return rest[index..<after].elementsEqual(null)
    }

    private func plainValue(_ field: Range<Int>, _ place: Int) throws(LeibrixError) -> Value {
        if field.count == null.count, rest[field].elementsEqual(null) { return .null }
        let type = columns[place].type
        if case .varchar = type, let text = String(validating: rest[field], as: UTF8.self), !rest[field].contains(0) { return .string(text) }
        if let number = CopyReader.integer(rest[field], type) { return .integer(number) }
        return try value(Array(rest[field]), place)
    }

    /// Fields of a line in the text format; nil is NULL.
    private func text(_ line: ArraySlice<UInt8>) throws(LeibrixError) -> [[UInt8]?] {
        var fields: [[UInt8]?] = []
        fields.reserveCapacity(columns.count)
        var start = line.startIndex
        var index = start
        var isEscaped = false
        while true {
            let atEnd = index >= line.endIndex
            if atEnd || line[index] == format.delimiter {
                let raw = line[start..<index]
                fields.append(raw.elementsEqual(null) ? nil : isEscaped ? unescaped(raw) : Array(raw))
                if atEnd { return fields }
                start = index + 1
                isEscaped = false
            } else if line[index] == 0x5C {
                isEscaped = true
                index += 1
            }
            index = min(index + 1, line.endIndex)
        }
    }

    /// \b \f \n \r \t \v, \ooo, \xhh, and any other byte itself.
    private func unescaped(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var index = raw.startIndex
        func digits(_ radix: Int, _ most: Int) -> UInt8? {
            var value = 0
            var count = 0
            while count < most, index < raw.endIndex, let digit = Character(Unicode.Scalar(raw[index])).hexDigitValue, digit < radix {
                value = value * radix + digit
                index += 1
                count += 1
            }
            return count > 0 ? UInt8(truncatingIfNeeded: value) : nil
        }
        while index < raw.endIndex {
            let byte = raw[index]
            index += 1
            guard byte == 0x5C, index < raw.endIndex else {
                result.append(byte)
                continue
            }
            let escape = raw[index]
            switch escape {
            case 0x30...0x37: result.append(digits(8, 3) ?? escape)
            case 0x78:
                index += 1
                result.append(digits(16, 2) ?? escape)
            default:
                let known: [UInt8: UInt8] = [0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9, 0x76: 11]
                result.append(known[escape] ?? escape)
                index += 1
            }
        }
        return result
    }

    private func csv(_ line: ArraySlice<UInt8>) throws(LeibrixError) -> [[UInt8]?] {
        var fields: [[UInt8]?] = []
        var index = line.startIndex
        while true {
            var field: [UInt8] = []
            var wasQuoted = false
            var inside = false
            while index < line.endIndex {
                let byte = line[index]
                if inside {
                    if byte == format.escape, index + 1 < line.endIndex, line[index + 1] == format.quote || line[index + 1] == format.escape {
                        field.append(line[index + 1])
                        index += 2
                        continue
                    }
                    if byte == format.quote { inside = false } else { field.append(byte) }
                } else if byte == format.quote {
                    inside = true
                    wasQuoted = true
                } else if byte == format.delimiter {
                    break
                } else {
                    field.append(byte)
                }
                index += 1
            }
            let place = fields.count
            let isNull = field == null && (!wasQuoted || format.forceNull.contains(place)) && !(format.forceNotNull.contains(place) && !wasQuoted)
            fields.append(isNull ? nil : field)
            guard index < line.endIndex else { return fields }
            index += 1
        }
    }

    private func value(_ field: [UInt8]?, _ place: Int) throws(LeibrixError) -> Value {
        guard let field else { return .null }
        let type = columns[place].type
        if let number = CopyReader.integer(field, type) { return .integer(number) }
        do throws(LeibrixError) {
            return try ParameterDecoder(context: context).value(field, .text, type)
        } catch {
            throw located(error, column: columns[place].name, text: String(decoding: field.prefix(100), as: UTF8.self))
        }
    }

    /// Plain digits of an integer type that holds them: most of what is copied.
    private static func integer(_ field: some BidirectionalCollection<UInt8>, _ type: DataType) -> Int64? {
        let limit: Int64
        switch type {
        case .smallInt: limit = Int64(Int16.max)
        case .integer: limit = Int64(Int32.max)
        case .bigInt: limit = .max
        default: return nil
        }
        guard let first = field.first, field.count <= 18 else { return nil }
        let isNegative = first == 0x2D
        guard field.count > (isNegative ? 1 : 0) else { return nil }
        var number: Int64 = 0
        for byte in field.dropFirst(isNegative ? 1 : 0) {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number &* 10 &+ Int64(byte &- 0x30)
        }
        return number <= limit ? (isNegative ? -number : number) : nil
    }

    func located(_ error: LeibrixError, column: String? = nil, text: String? = nil) -> LeibrixError {
        error.within("COPY \(format.relation), line \(line)" + (column.map { ", column \($0): \"\(text ?? "")\"" } ?? ""))
    }

    // MARK: Binary

    /// The next tuple and where it ends; nil while it is not whole. The signature and the trailer have no values.
    private mutating func tuple(from start: Int) throws(LeibrixError) -> (values: [Value]?, end: Int)? {
        if isSignaturePending { return try signature(from: start) }
        guard let count: Int16 = integer(at: start) else { return nil }
        line += 1
        if count == -1 {
            isOver = true
            return (nil, start + 2)
        }
        guard Int(count) == columns.count else {
            throw located(LeibrixError(.invalidValue, "row field count is \(count), expected \(columns.count)", hint: "Send one field a column.", sqlState: "22P04"))
        }
        var index = start + 2
        var fields: [Range<Int>?] = []
        for _ in columns {
            guard let length: Int32 = integer(at: index) else {
                line -= 1
                return nil
            }
            index += 4
            guard length >= 0 else {
                fields.append(nil)
                continue
            }
            guard index + Int(length) <= rest.count else {
                line -= 1
                return nil
            }
            fields.append(index..<index + Int(length))
            index += Int(length)
        }
        var values: [Value] = []
        for (place, field) in fields.enumerated() {
            guard let field else {
                values.append(.null)
                continue
            }
            do throws(LeibrixError) {
                values.append(try ParameterDecoder(context: context).value(Array(rest[field]), .binary, columns[place].type))
            } catch {
                throw located(error, column: columns[place].name)
            }
        }
        return (values, index)
    }

    private mutating func signature(from start: Int) throws(LeibrixError) -> (values: [Value]?, end: Int)? {
        let expected = [UInt8](ascii: "PGCOPY\n") + [0xFF] + [UInt8](ascii: "\r\n") + [0]
        guard rest.count - start >= 19 else { return nil }
        guard rest[start..<start + 11].elementsEqual(expected), let flags: Int32 = integer(at: start + 11), flags & 0x7FFF_0000 == 0 || flags == 0,
            let extra: Int32 = integer(at: start + 15), extra >= 0
        else { throw LeibrixError(.invalidValue, "COPY file signature not recognized", hint: "Send PGCOPY data.", sqlState: "22P04") }
        guard rest.count - start >= 19 + Int(extra) else { return nil }
        isSignaturePending = false
        return (nil, start + 19 + Int(extra))
    }

    private func integer<T: FixedWidthInteger>(at index: Int) -> T? {
        let size = MemoryLayout<T>.size
        guard index + size <= rest.count else { return nil }
        return rest[index..<index + size].reduce(T(0)) { $0 << 8 | T(truncatingIfNeeded: $1) }
    }
}
