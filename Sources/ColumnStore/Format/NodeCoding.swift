// A chunk: u64 offset in its row group, u64 length, u64 XXH3, then its node. A node, children after their parent in order:
//
//   u8 encoding, u8 width, u8 buffers (bit 0 validity, 1 data, 2 dictionary offsets, 3 heap), u8 zero,
//   u32 dictionary entries, u64 rows, i64 base, for each buffer present u64 offset in the row group and u64 length, statistics
internal import Columnar

extension ByteWriter {
    mutating func put(chunk: ColumnChunk) {
        put(UInt64(chunk.span.offset))
        put(UInt64(chunk.span.length))
        put(chunk.checksum)
        put(node: chunk.root)
    }

    private mutating func put(node: ColumnNode) {
        let buffers = [node.validity, node.data, node.dictionaryOffsets, node.heap]
        put(node.encoding.rawValue)
        put(node.width)
        put(buffers.enumerated().reduce(UInt8(0)) { $0 | ($1.element == nil ? 0 : 1 << UInt8($1.offset)) })
        put(UInt8(0))
        put(node.dictionaryCount)
        put(UInt64(node.rows))
        put(node.base)
        for buffer in buffers {
            guard let buffer else { continue }
            put(UInt64(buffer.offset))
            put(UInt64(buffer.length))
        }
        put(statistics: node.statistics)
        for child in node.children { put(node: child) }
    }
}

extension ByteReader {
    mutating func chunk(_ type: DataType, rows: Int, length: Int) throws(FormatFault) -> ColumnChunk {
        let span = BufferRef(offset: try size(), length: try size())
        guard span.offset & 63 == 0, span.length & 63 == 0, span.offset <= length, span.length <= length - span.offset else {
            throw FormatFault("a chunk at \(span.offset) with \(span.length) bytes lies outside of its row group")
        }
        let checksum = try integer(UInt64.self)
        return ColumnChunk(root: try node(type, rows: rows, span), span: span, checksum: checksum)
    }

    /// `rows` is nil for a list's elements, whose number the node itself says.
    private mutating func node(_ type: DataType, rows: Int?, _ span: BufferRef) throws(FormatFault) -> ColumnNode {
        guard let encoding = ColumnEncoding(rawValue: try integer()) else { throw FormatFault("an unknown encoding") }
        var node = ColumnNode(encoding: encoding, rows: 0)
        node.width = try integer()
        let present = try integer(UInt8.self)
        guard present < 16, try integer(UInt8.self) == 0 else { throw FormatFault("unknown buffers") }
        node.dictionaryCount = try integer()
        node.rows = try size()
        node.base = try integer()
        if present & 1 != 0 { node.validity = try buffer(span) }
        if present & 2 != 0 { node.data = try buffer(span) }
        if present & 4 != 0 { node.dictionaryOffsets = try buffer(span) }
        if present & 8 != 0 { node.heap = try buffer(span) }
        node.statistics = try statistics()
        guard node.rows == rows ?? node.rows, node.rows <= Int(UInt32.max) else {
            throw FormatFault("a column of \(node.rows) rows in a row group of another number")
        }
        try node.checkShape(type)
        guard encoding != .allNull else { return node }
        for child in type.childTypes {
            node.children.append(try self.node(child, rows: node.childRows(type), span))
        }
        return node
    }

    private mutating func buffer(_ span: BufferRef) throws(FormatFault) -> BufferRef {
        let place = BufferRef(offset: try size(), length: try size())
        guard place.offset & 63 == 0, place.offset >= span.offset, place.length <= span.length,
            place.offset - span.offset <= span.length - place.length
        else { throw FormatFault("a buffer at \(place.offset) with \(place.length) bytes lies outside of its chunk") }
        return place
    }
}

extension ColumnNode {
    /// How many rows a child must have; nil for a list's elements.
    fileprivate func childRows(_ type: DataType) -> Int? {
        switch type.physicalForm {
        case .array(let size): rows * size
        case .structure: rows
        default: nil
        }
    }

    /// Whether encoding, width, buffers and their lengths are what the type asks for.
    fileprivate func checkShape(_ type: DataType) throws(FormatFault) {
        guard let form = type.physicalForm else { throw FormatFault("a column of type \(type)") }
        let name = "\(encoding)"
        guard validity == nil || (validity?.length == validityWords(rows) * 8 && encoding != .allNull) else {
            throw FormatFault("\(name): validity of \(validity?.length ?? 0) bytes for \(rows) rows")
        }
        guard statistics.nullCount <= UInt64(rows), encoding != .allNull || statistics.nullCount == UInt64(rows),
            validity != nil || encoding == .allNull || statistics.nullCount == 0, statistics.fits(form)
        else { throw FormatFault("\(name): statistics that do not fit the column") }
        guard let wanted = wantedBuffers(form), lengths == wanted else {
            throw FormatFault("\(name) of width \(width) with buffers of another length for type \(type)")
        }
        guard encoding == .frame || base == 0, encoding == .dictionary || dictionaryCount == 0 else {
            throw FormatFault("\(name) with fields that it has no use for")
        }
    }

    private var lengths: [Int?] { [data?.length, dictionaryOffsets?.length, heap.map { _ in 0 }] }

    /// Lengths of data, dictionary offsets and (as 0, its length is any) heap; nil where the encoding does not go with the form.
    private func wantedBuffers(_ form: PhysicalForm) -> [Int?]? {
        switch (encoding, form) {
        case (.allNull, _): width == 0 ? [nil, nil, nil] : nil
        case (.plain, .integer), (.plain, .real), (.plain, .double), (.plain, .interval):
            Int(width) == form.width ? [rows * form.width, nil, nil] : nil
        case (.constant, .integer), (.constant, .real), (.constant, .double), (.constant, .interval):
            Int(width) == form.width && validity == nil ? [form.width, nil, nil] : nil
        case (.constant, .bytes): width == 0 && validity == nil ? [8, nil, 0] : nil
        case (.frame, .integer(let kind)): isFrame(of: kind) ? [rows * Int(width), nil, nil] : nil
        case (.strings, .bytes): width == 0 ? [(rows + 1) * 4, nil, 0] : nil
        case (.dictionary, .bytes):
            isCodeWidth && dictionaryCount > 0 ? [rows * Int(width), (Int(dictionaryCount) + 1) * 4, 0] : nil
        case (.list, .list): width == 0 ? [(rows + 1) * 4, nil, nil] : nil
        case (.structure, .structure), (.array, .array): width == 0 ? [nil, nil, nil] : nil
        default: nil
        }
    }

    private var isCodeWidth: Bool { width == 1 || width == 2 || width == 4 }

    private func isFrame(of kind: IntegerKind) -> Bool {
        (isCodeWidth || width == 8) && Int(width) < kind.width && kind.contains(base)
    }
}

extension ColumnStatistics {
    /// Whether the bounds are of the kind that such a column has.
    fileprivate func fits(_ form: PhysicalForm) -> Bool {
        switch (min, max, form) {
        case (nil, nil, _): true
        case (.integer(let low), .integer(let high), .integer): low <= high
        case (.double, .double, .real), (.double, .double, .double): true
        case (.string(let low), .string(let high), .bytes): !high.lexicographicallyPrecedes(low)
        default: false
        }
    }
}
