// RFC 4180: fields between delimiters, in quotes where they hold one, a quote in quotes doubled.
internal import Base
internal import Columnar

extension RecordDecoder {
    func readHeader(_ bytes: [UInt8], _ range: Range<Int>, _ style: RecordFormat.CSVStyle) throws(LeibrixError) -> [Int] {
        var columns: [Int] = []
        var at = range.lowerBound
        if bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) { at += 3 }
        while at <= range.upperBound {
            guard let field = try? field(bytes, &at, range.upperBound, style) else { break }
            let name = String(decoding: field.isScratch ? scratch[...] : bytes[field.range], as: UTF8.self)
            let text = Array(name.utf8)
            columns.append(names.find(text, text.indices, expected: columns.count) ?? -1)
        }
        let missing = fields.indices.filter { !columns.contains($0) }.map { fields[$0].name }
        guard missing.count < fields.count else {
            throw LeibrixError(
                .streamSchema, "the first line names none of the source's columns",
                detail: "It reads: \(String(decoding: bytes[range].prefix(200), as: UTF8.self))",
                hint: "For files without a line of names say header = false.")
        }
        return columns
    }

    func readCSV(_ bytes: [UInt8], _ range: Range<Int>, _ style: RecordFormat.CSVStyle, _ builder: BatchBuilder) throws(RecordFault) {
        guard let header else { return }
        var at = range.lowerBound
        var place = 0
        while at <= range.upperBound {
            let field = try field(bytes, &at, range.upperBound, style)
            guard place < header.count else { throw RecordFault("the line has more fields than the \(header.count) columns") }
            let column = header[place]
            place += 1
            if column < 0 { continue }
            let text = field.isScratch ? scratch[...] : bytes[field.range]
            if !field.isQuoted, text.elementsEqual(style.null.utf8) { continue }
            do throws(Misfit) {
                if field.isScratch {
                    try builder.set(column, text: scratch, scratch.indices)
                } else {
                    try builder.set(column, text: bytes, field.range)
                }
            } catch {
                throw .misfit(error, fields[column], text)
            }
        }
        guard place == header.count else { throw RecordFault("the line has \(place) fields, and there are \(header.count) columns") }
    }

    /// The field at `at`, which moves behind its delimiter (beyond the end after the last one).
    private func field(
        _ bytes: [UInt8], _ at: inout Int, _ end: Int, _ style: RecordFormat.CSVStyle
    ) throws(RecordFault) -> (range: Range<Int>, isQuoted: Bool, isScratch: Bool) {
        guard at < end, bytes[at] == style.quote else {
            let start = at
            while at < end, bytes[at] != style.delimiter { at += 1 }
            defer { at += 1 }
            return (start..<at, false, false)
        }
        at += 1
        let start = at
        var isScratch = false
        scratch.removeAll(keepingCapacity: true)
        while at < end {
            if bytes[at] == style.quote {
                guard at + 1 < end, bytes[at + 1] == style.quote else { break }
                if !isScratch { scratch.append(contentsOf: bytes[start..<at]) }
                isScratch = true
                at += 1
            }
            if isScratch { scratch.append(bytes[at]) }
            at += 1
        }
        guard at < end else { throw RecordFault("a quoted field has no end") }
        let range = start..<at
        while at < end, bytes[at] != style.delimiter { at += 1 }
        at += 1
        return (range, true, isScratch)
    }
}
