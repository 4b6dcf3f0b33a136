// COPY TO STDOUT: a CopyData message a row, in PostgreSQL's text, csv and binary layouts.
internal import Columnar
internal import Reactor
internal import Session

struct CopyLayout {
    let format: CopyFormat
    private let null: [UInt8]
    private let forced: [Bool]
    private let opening = Opening()

    /// Whether the binary signature is still to be sent.
    private final class Opening {
        var isPending = true
    }

    init(_ format: CopyFormat, columns: [ResultColumn]) {
        self.format = format
        null = Array(format.null.utf8)
        let names = format.forceQuote ?? []
        forced = columns.map { names == ["*"] || names.contains($0.name) }
    }

    var wireFormat: WireFormat { format.kind == .binary ? .binary : .text }

    /// What comes before the rows: the line of names. The binary signature is not a message of its own: drivers look for the first
    /// row, or the trailer, right behind it, as PostgreSQL sends it.
    func appendHeader(_ columns: [ResultColumn], to out: ByteBuffer) {
        switch format.kind {
        case .binary: break
        case .text, .csv:
            guard format.header else { return }
            message(to: out) { out in
                for (index, column) in columns.enumerated() {
                    if index > 0 { out.append(format.delimiter) }
                    let name = Array(column.name.utf8)
                    if format.kind == .csv { csv(name.span, forced: false, alone: columns.count == 1, to: out) } else { text(name.span, to: out) }
                }
                out.append(UInt8(10))
            }
        }
    }

    func appendTrailer(to out: ByteBuffer) {
        guard format.kind == .binary else { return }
        message(to: out) { out in
            appendSignature(to: out)
            out.append(integer: Int16(-1))
        }
    }

    private func appendSignature(to out: ByteBuffer) {
        guard opening.isPending else { return }
        opening.isPending = false
        out.append(bytes: [UInt8](ascii: "PGCOPY\n") + [0xFF] + [UInt8](ascii: "\r\n") + [0])
        out.append(integer: Int64(0))
    }

    func append(_ cells: Cells, _ row: Int, to out: ByteBuffer) {
        message(to: out) { out in
            if format.kind == .binary {
                appendSignature(to: out)
                out.append(integer: Int16(cells.columns))
            }
            for column in 0..<cells.columns {
                let cell = cells.cell(row, column)
                if format.kind == .binary {
                    out.append(integer: cell.length)
                } else if column > 0 {
                    out.append(format.delimiter)
                }
                append(cell, column, alone: cells.columns == 1, to: out)
            }
            if format.kind != .binary { out.append(UInt8(10)) }
        }
    }

    private func append(_ cell: Cell, _ column: Int, alone: Bool, to out: ByteBuffer) {
        guard cell.length >= 0 else {
            if format.kind != .binary { out.append(bytes: null) }
            return
        }
        let bytes = unsafe Span(_unsafeStart: cell.bytes, count: Int(cell.length))
        switch format.kind {
        case .binary: out.append(bytes: bytes)
        case .text: text(bytes, to: out)
        case .csv: csv(bytes, forced: forced[column], alone: alone, to: out)
        }
    }

    /// Backslash, the delimiter and what would end a line or field are escaped.
    private func text(_ bytes: Span<UInt8>, to out: ByteBuffer) {
        for index in bytes.indices {
            let byte = bytes[index]
            switch byte {
            case 8: out.append("\\b")
            case 9: out.append("\\t")
            case 10: out.append("\\n")
            case 11: out.append("\\v")
            case 12: out.append("\\f")
            case 13: out.append("\\r")
            case UInt8(ascii: "\\"), format.delimiter: out.append(bytes: [UInt8(ascii: "\\"), byte])
            default: out.append(byte)
            }
        }
    }

    /// Quoted when forced, equal to the NULL marker, `\.` alone on its line, or holding a delimiter, quote or line end.
    private func csv(_ bytes: Span<UInt8>, forced: Bool, alone: Bool, to out: ByteBuffer) {
        var needed = forced || equals(bytes, null) || (alone && equals(bytes, [UInt8](ascii: "\\.")))
        for index in bytes.indices where !needed {
            let byte = bytes[index]
            needed = byte == format.delimiter || byte == format.quote || byte == 10 || byte == 13
        }
        guard needed else { return out.append(bytes: bytes) }
        out.append(format.quote)
        for index in bytes.indices {
            if bytes[index] == format.quote || bytes[index] == format.escape { out.append(format.escape) }
            out.append(bytes[index])
        }
        out.append(format.quote)
    }

    private func equals(_ bytes: Span<UInt8>, _ other: [UInt8]) -> Bool {
        guard bytes.count == other.count else { return false }
        for index in bytes.indices where bytes[index] != other[index] { return false }
        return true
    }

    private func message(to out: ByteBuffer, _ body: (ByteBuffer) -> Void) {
        out.append(UInt8(ascii: "d"))
        let start = out.count
        out.append(integer: Int32(0))
        body(out)
        out.put(integer: Int32(out.count - start), at: start)
    }
}
