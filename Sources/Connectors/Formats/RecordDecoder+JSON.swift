// One JSON object a record (RFC 8259), members straight into columns: no tree is built. Members that are no column are passed
// over, columns without a member are NULL, and of equal names the last holds.
internal import Base
internal import Columnar

extension RecordDecoder {
    func readJSON(_ bytes: [UInt8], _ range: Range<Int>, _ builder: BatchBuilder) throws(RecordFault) {
        var reader = JSONLineReader(bytes, range)
        try reader.expect(UInt8(ascii: "{"), "an object")
        if reader.takes(UInt8(ascii: "}")) { return try reader.finish() }
        var expected = 0
        repeat {
            let column = try column(&reader, bytes, expected)
            try reader.expect(UInt8(ascii: ":"), "':'")
            if let column { expected = column + 1 }
            try value(&reader, bytes, column, builder)
        } while reader.takes(UInt8(ascii: ","))
        try reader.expect(UInt8(ascii: "}"), "'}'")
        try reader.finish()
    }

    private func column(_ reader: inout JSONLineReader, _ bytes: [UInt8], _ expected: Int) throws(RecordFault) -> Int? {
        let (range, hasEscapes) = try reader.string()
        if !hasEscapes { return names.find(bytes, range, expected: expected) }
        try reader.unescape(range, into: &scratch)
        return names.find(scratch, scratch.indices, expected: expected)
    }

    private func value(_ reader: inout JSONLineReader, _ bytes: [UInt8], _ column: Int?, _ builder: BatchBuilder) throws(RecordFault) {
        let (kind, range, hasEscapes) = try reader.value(depth: 0)
        guard let column else { return }
        if kind == .string, hasEscapes {
            try reader.unescape(range, into: &scratch)
        }
        do throws(Misfit) {
            switch kind {
            case .null: builder.setNull(column)
            case .word: try builder.set(column, bytes[range.lowerBound] == UInt8(ascii: "t"))
            case .number: try builder.setNumber(column, bytes, range)
            case .string where hasEscapes: try builder.set(column, text: scratch, scratch.indices)
            case .string: try builder.set(column, text: bytes, range)
            case .nested: try builder.setNested(column, bytes, range)
            }
        } catch {
            throw .misfit(error, fields[column], bytes[range])
        }
    }
}

extension BatchBuilder {
    /// A number is no truth value, date or time.
    fileprivate func setNumber(_ column: Int, _ bytes: [UInt8], _ range: Range<Int>) throws(Misfit) {
        switch types[column].base {
        case .boolean, .date, .time, .timestamp, .timestampTZ: throw .type
        default: try set(column, text: bytes, range)
        }
    }

    /// Objects and arrays stay JSON text.
    fileprivate func setNested(_ column: Int, _ bytes: [UInt8], _ range: Range<Int>) throws(Misfit) {
        guard types[column].base == .varchar else { throw .type }
        try set(column, text: bytes, range)
    }
}

/// Walks over one record's bytes.
private struct JSONLineReader {
    enum Kind { case null, word, number, string, nested }

    private let bytes: [UInt8]
    private let start: Int
    private let end: Int
    private var at: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        start = range.lowerBound
        at = start
        end = range.upperBound
    }

    private mutating func skipSpace() {
        while at < end, bytes[at] == 32 || bytes[at] == 9 || bytes[at] == 13 || bytes[at] == 10 { at += 1 }
    }

    mutating func takes(_ byte: UInt8) -> Bool {
        skipSpace()
        guard at < end, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ what: String) throws(RecordFault) {
        guard takes(byte) else {
            throw RecordFault(at < end ? "\(what) is due at byte \(at - start) of the record" : "the record ends where \(what) is due")
        }
    }

    mutating func finish() throws(RecordFault) {
        skipSpace()
        guard at == end else { throw RecordFault("text after the object") }
    }

    /// The inside of a string, and whether it has escapes.
    mutating func string() throws(RecordFault) -> (Range<Int>, Bool) {
        try expect(UInt8(ascii: "\""), "a string")
        let start = at
        var hasEscapes = false
        while at < end {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                return (start..<at - 1, hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                at += 1
            }
            at += 1
        }
        throw RecordFault("a string has no end")
    }

    /// The next value; the range of a string is its inside.
    mutating func value(depth: Int) throws(RecordFault) -> (Kind, Range<Int>, Bool) {
        skipSpace()
        guard at < end else { throw RecordFault("the record ends where a value is due") }
        let start = at
        switch bytes[at] {
        case UInt8(ascii: "\""):
            let (range, hasEscapes) = try string()
            return (.string, range, hasEscapes)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try nested(depth: depth)
            return (.nested, start..<at, false)
        case UInt8(ascii: "t"): return (.word, try word("true"), false)
        case UInt8(ascii: "f"): return (.word, try word("false"), false)
        case UInt8(ascii: "n"): return (.null, try word("null"), false)
        default:
            while at < end, Self.isNumber(bytes[at]) { at += 1 }
            guard at > start else { throw RecordFault("a value is due") }
            return (.number, start..<at, false)
        }
    }

    private static func isNumber(_ byte: UInt8) -> Bool {
        byte &- 48 < 10 || byte == 45 || byte == 46 || byte == 43 || byte | 32 == 101
    }

    private mutating func word(_ text: StaticString) throws(RecordFault) -> Range<Int> {
        let start = at
        let count = text.utf8CodeUnitCount
        guard at + count <= end, bytes[at..<at + count].elementsEqual("\(text)".utf8) else { throw RecordFault("an unknown word") }
        at += count
        return start..<at
    }

    private mutating func nested(depth: Int) throws(RecordFault) {
        guard depth < JSON.depthMax else { throw RecordFault("nested deeper than \(JSON.depthMax)") }
        let isObject = bytes[at] == UInt8(ascii: "{")
        let close: UInt8 = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        at += 1
        if takes(close) { return }
        repeat {
            if isObject {
                _ = try string()
                try expect(UInt8(ascii: ":"), "':'")
            }
            _ = try value(depth: depth + 1)
        } while takes(UInt8(ascii: ","))
        try expect(close, isObject ? "'}'" : "']'")
    }

    /// The text of a string's inside.
    func unescape(_ range: Range<Int>, into out: inout [UInt8]) throws(RecordFault) {
        let text = [34] + Array(bytes[range]) + [34]
        guard let value = try? JSON.parse(utf8: text), case .string(let string) = value else { throw RecordFault("an unknown escape") }
        out.removeAll(keepingCapacity: true)
        out.append(contentsOf: string.utf8)
    }
}
