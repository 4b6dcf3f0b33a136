public import Columnar
public import DuckDBKit

/// A row group in memory of its own: what small relations and tables are made of. Immutable, so it crosses threads.
public final class RowGroupImage: @unchecked Sendable {
    let node: RowGroupNode
    public let types: [DataType]
    /// The distinct values, a column each.
    public let sketches: [DistinctSketch]
    private let memory: AlignedBuffer

    init(node: RowGroupNode, types: [DataType], sketches: [DistinctSketch], memory: consuming AlignedBuffer) {
        self.node = node
        self.types = types
        self.sketches = sketches
        self.memory = memory
    }

    public var rows: Int { node.rows }
    /// Memory held, slack included.
    public var bytes: Int { memory.capacity }

    /// The columns as pointers that are valid as long as this object.
    public var layouts: [ColumnLayout] { node.columns.map { unsafe $0.root.layout(at: memory.base) } }
}

extension RowGroupImage {
    /// The row group as the scan takes it; it keeps this object.
    public func rowGroup() -> RowGroup { RowGroup(rows: rows, columns: layouts, owner: self) }
}

extension RowGroupImage {
    /// The bytes of a segment file with this row group alone. O(bytes).
    public func segment(columns: [RelationColumn], metadata: [String: String]) -> [UInt8] {
        let end = aligned(SegmentLayout.firstRowGroup + node.length, to: ColumnStoreLimits.rowGroupAlignment)
        let footer = SegmentFooter(
            columns: columns, metadata: metadata, rowGroups: [PlacedRowGroup(offset: SegmentLayout.firstRowGroup, node: node)],
            statistics: zip(node.columns, sketches).map { column, sketch in
                var statistics = column.root.statistics
                statistics.distinct = sketch.estimate()
                return statistics
            }, sketches: sketches)
        let tail = footer.encoded()
        var bytes = SegmentLayout.header()
        bytes.reserveCapacity(end + tail.count + SegmentLayout.trailerBytes)
        bytes.append(contentsOf: repeatElement(0, count: SegmentLayout.firstRowGroup - bytes.count))
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: memory.base, count: node.length))
        bytes.append(contentsOf: repeatElement(0, count: end - bytes.count))
        bytes += tail
        let trailer = SegmentTrailer(
            footerOffset: end, footerBytes: tail.count, footerChecksum: Checksum.xxh3(tail.span), fileBytes: bytes.count + SegmentLayout.trailerBytes)
        return bytes + trailer.encoded()
    }
}
