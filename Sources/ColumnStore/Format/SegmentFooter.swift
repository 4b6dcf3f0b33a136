// What a segment file says of itself: schema, metadata, statistics, and where every buffer lies.
internal import Columnar
internal import DuckDBKit

/// A row group's place in its file.
struct PlacedRowGroup: Sendable, Hashable {
    var offset: Int
    var node: RowGroupNode
}

struct SegmentFooter: Sendable, Hashable {
    var columns: [RelationColumn]
    var metadata: [String: String]
    var rowGroups: [PlacedRowGroup]
    /// Of all rows, a column each.
    var statistics: [ColumnStatistics]
    var sketches: [DistinctSketch]

    var rows: Int { rowGroups.reduce(0) { $0 + $1.node.rows } }
}

extension SegmentFooter {
    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.put(UInt32(columns.count))
        for (index, column) in columns.enumerated() {
            writer.put(string: column.name)
            writer.put(UInt8(column.notNull ? 1 : 0))
            writer.put(type: column.type)
            writer.put(statistics: statistics[index])
            writer.put(UInt8(DistinctSketch.precision))
            writer.put(raw: sketches[index].registers)
        }
        writer.put(UInt32(metadata.count))
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            writer.put(string: key)
            writer.put(string: value)
        }
        writer.put(UInt32(rowGroups.count))
        for group in rowGroups {
            writer.put(UInt64(group.offset))
            writer.put(UInt64(group.node.length))
            writer.put(UInt32(group.node.rows))
            for chunk in group.node.columns { writer.put(chunk: chunk) }
        }
        writer.pad(to: ColumnStoreLimits.bufferAlignment)
        return writer.bytes
    }

    /// Reads and checks the whole structure: afterwards every buffer of every node is known to lie, aligned, inside its chunk,
    /// and to have exactly the length that its encoding, type and rows ask for. `end` is where row groups have to end.
    init(_ bytes: [UInt8], end: Int) throws(FormatFault) {
        var reader = ByteReader(bytes)
        columns = []
        statistics = []
        sketches = []
        for _ in 0..<(try reader.count(itemBytes: DistinctSketch.registerCount)) {
            let name = try reader.string()
            let flags = try reader.integer(UInt8.self)
            guard flags <= 1 else { throw FormatFault("column flags \(flags)") }
            columns.append(RelationColumn(name, try reader.type(), notNull: flags == 1))
            statistics.append(try reader.statistics())
            sketches.append(try reader.sketch())
        }
        metadata = [:]
        for _ in 0..<(try reader.count(itemBytes: 8)) { metadata[try reader.string()] = try reader.string() }
        rowGroups = []
        for _ in 0..<(try reader.count(itemBytes: 20)) {
            rowGroups.append(try reader.rowGroup(columns.map(\.type), end: end))
        }
        guard reader.remaining < ColumnStoreLimits.bufferAlignment else { throw FormatFault("the footer has more than it should") }
    }
}

extension ByteReader {
    fileprivate mutating func sketch() throws(FormatFault) -> DistinctSketch {
        guard try integer(UInt8.self) == UInt8(DistinctSketch.precision),
            let sketch = DistinctSketch(registers: try raw(DistinctSketch.registerCount))
        else { throw FormatFault("a sketch of another kind") }
        return sketch
    }

    fileprivate mutating func rowGroup(_ types: [DataType], end: Int) throws(FormatFault) -> PlacedRowGroup {
        let offset = try size()
        let length = try size()
        let rows = Int(try integer(UInt32.self))
        guard rows > 0, rows <= rowGroupRowsMax else { throw FormatFault("a row group of \(rows) rows") }
        guard offset >= SegmentLayout.firstRowGroup, offset & (ColumnStoreLimits.rowGroupAlignment - 1) == 0,
            offset <= end, length <= end - offset
        else { throw FormatFault("a row group at \(offset) with \(length) bytes lies outside of the file") }
        var chunks: [ColumnChunk] = []
        for type in types { chunks.append(try chunk(type, rows: rows, length: length)) }
        return PlacedRowGroup(offset: offset, node: RowGroupNode(rows: rows, columns: chunks, length: length))
    }
}
