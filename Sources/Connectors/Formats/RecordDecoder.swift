// Bytes in any cut into rows. The caller keeps what was not consumed and brings it again with what follows it, so a record
// never lies across two calls.
public import Base
public import Columnar

public final class RecordDecoder {
    public let format: RecordFormat
    public let fields: [DataType.Field]
    /// Inside a record that was too long: what follows is passed over until it ends. Part of a position.
    public internal(set) var isSkipping = false
    /// CSV: which column each field of a line is, -1 for none; nil until the header was read.
    public internal(set) var header: [Int]?
    var scratch: [UInt8] = []
    let names: ColumnNames

    /// `format` is JSON or CSV.
    public init(_ format: RecordFormat, _ fields: [DataType.Field]) throws(LeibrixError) {
        if case .table(let name) = format {
            throw LeibrixError(.streamConnector, "\(name) is read a file at a time", hint: "Records one by one are JSON or CSV.")
        }
        self.format = format
        self.fields = fields
        names = ColumnNames(fields)
        if case .csv(let style) = format, !style.hasHeader { header = Array(fields.indices) }
    }

    /// Decodes whole records of `bytes[start...]` until the builder is full or has `rowsMax` rows. Returns where the next one begins; with
    /// `isLast` nothing follows the bytes, and what is left is a record without an end of line.
    ///
    /// Records that do not read go to `bad` with the index where they begin. Throws for a header that does not fit.
    public func decode(
        _ bytes: [UInt8], from start: Int, isLast: Bool, rowsMax: Int = .max, into builder: BatchBuilder,
        bad: (Int, String, ArraySlice<UInt8>) -> Void
    ) throws(LeibrixError) -> Int {
        var at = start
        if isSkipping { at = skip(bytes, from: at) }
        while at < bytes.count, !builder.isFull, builder.count < rowsMax, !isSkipping {
            guard let end = recordEnd(bytes, from: at, isLast: isLast) else {
                if bytes.count - at <= ConnectorLimits.recordBytesMax { break }
                tooLong(bytes, at, bad)
                isSkipping = true
                return skip(bytes, from: at)
            }
            if end - at > ConnectorLimits.recordBytesMax {
                tooLong(bytes, at, bad)
            } else {
                try decodeRecord(bytes, at..<trimmed(bytes, at, end), at, builder, bad)
            }
            at = min(end + 1, bytes.count)
        }
        return at
    }

    private func tooLong(_ bytes: [UInt8], _ at: Int, _ bad: (Int, String, ArraySlice<UInt8>) -> Void) {
        bad(at, "the record is longer than \(ConnectorLimits.recordBytesMax) bytes", bytes[at..<at + ConnectorLimits.recordBytesMax])
    }

    /// Passes over the rest of a record that was too long.
    private func skip(_ bytes: [UInt8], from start: Int) -> Int {
        guard let end = bytes[start...].firstIndex(of: 10) else { return bytes.count }
        isSkipping = false
        return end + 1
    }

    private func trimmed(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Int { end > start && bytes[end - 1] == 13 ? end - 1 : end }

    /// The index of the line feed after the record that begins at `start`; a CSV field in quotes may hold some.
    private func recordEnd(_ bytes: [UInt8], from start: Int, isLast: Bool) -> Int? {
        guard case .csv(let style) = format else {
            return bytes[start...].firstIndex(of: 10) ?? (isLast ? bytes.count : nil)
        }
        var at = start
        var begins = true
        while at < bytes.count {
            if begins, bytes[at] == style.quote {
                guard let close = closingQuote(bytes, from: at + 1, style.quote) else { break }
                at = close
            } else if bytes[at] == 10 {
                return at
            }
            begins = bytes[at] == style.delimiter
            at += 1
        }
        return isLast ? bytes.count : nil
    }

    /// Two quotes are one of the text's. A quote at the end of the bytes may be the first of two.
    private func closingQuote(_ bytes: [UInt8], from start: Int, _ quote: UInt8) -> Int? {
        var at = start
        while at < bytes.count {
            if bytes[at] == quote {
                guard at + 1 < bytes.count, bytes[at + 1] == quote else { return at }
                at += 1
            }
            at += 1
        }
        return nil
    }

    private func decodeRecord(
        _ bytes: [UInt8], _ range: Range<Int>, _ start: Int, _ builder: BatchBuilder, _ bad: (Int, String, ArraySlice<UInt8>) -> Void
    ) throws(LeibrixError) {
        if bytes[range].allSatisfy({ $0 == 32 || $0 == 9 }) { return }
        if case .csv(let style) = format, header == nil {
            header = try readHeader(bytes, range, style)
            return
        }
        builder.beginRow()
        do throws(RecordFault) {
            switch format {
            case .csv(let style): try readCSV(bytes, range, style, builder)
            default: try readJSON(bytes, range, builder)
            }
            builder.endRow()
        } catch {
            bad(start, error.reason, bytes[range])
        }
    }
}

/// Why a record gives no row.
struct RecordFault: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }

    static func misfit(_ misfit: Misfit, _ field: DataType.Field, _ text: ArraySlice<UInt8>) -> RecordFault {
        let shown = String(decoding: text.prefix(80), as: UTF8.self)
        return switch misfit {
        case .type: RecordFault("column \"\(field.name)\" is \(field.type), which \"\(shown)\" is not")
        case .range: RecordFault("column \"\(field.name)\" is \(field.type), and \"\(shown)\" is out of its range")
        }
    }
}

/// Finds columns by the bytes of their names: as they are spelled, or without regard to case.
struct ColumnNames {
    private let exact: [[UInt8]]
    private let folded: [[UInt8]: Int]

    init(_ fields: [DataType.Field]) {
        exact = fields.map { Array($0.name.utf8) }
        var folded: [[UInt8]: Int] = [:]
        for (index, field) in fields.enumerated() { folded[Array(field.name.lowercased().utf8)] = index }
        self.folded = folded
    }

    /// `expected` is tried first: records mostly have their members in one order.
    func find(_ bytes: borrowing [UInt8], _ range: Range<Int>, expected: Int) -> Int? {
        if expected < exact.count, equal(exact[expected], bytes, range) { return expected }
        for index in exact.indices where equal(exact[index], bytes, range) { return index }
        return folded[Array(String(decoding: bytes[range], as: UTF8.self).lowercased().utf8)]
    }

    private func equal(_ name: [UInt8], _ bytes: borrowing [UInt8], _ range: Range<Int>) -> Bool {
        guard name.count == range.count else { return false }
        for index in name.indices where name[index] != bytes[range.lowerBound + index] { return false }
        return true
    }
}
