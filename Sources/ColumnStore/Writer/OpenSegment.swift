// One file being written. Threads reserve places in it and write their row groups there at the same time; the footer comes
// last, and the file has its name only when everything before is on the disk.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Platform
internal import Synchronization

final class OpenSegment: Sendable {
    let path: String
    private let temporaryPath: String
    private let file: File
    private let contents: Mutex<Contents>

    private struct Contents {
        var end = SegmentLayout.firstRowGroup
        var rowGroups: [PlacedRowGroup] = []
        var sketches: [DistinctSketch]
    }

    init(path: String, columnCount: Int) throws(LeibrixError) {
        self.path = path
        temporaryPath = path + SegmentFile.temporarySuffix
        file = try File(temporaryPath, .create)
        contents = Mutex(Contents(sketches: Array(repeating: DistinctSketch(), count: columnCount)))
    }

    /// Bytes reserved so far.
    var end: Int { contents.withLock { $0.end } }

    /// A place for `bytes`; what is reserved and never written ends the file with an error at `finish`.
    func reserve(_ bytes: Int) -> Int {
        contents.withLock { contents in
            let offset = contents.end
            contents.end = aligned(offset + bytes, to: ColumnStoreLimits.rowGroupAlignment)
            return offset
        }
    }

    /// Writes a sealed row group at its place and lists it.
    func write(_ node: RowGroupNode, _ memory: borrowing AlignedBuffer, at offset: Int, sketches: [DistinctSketch]) throws(LeibrixError) {
        try unsafe file.write(RawSpan(_unsafeStart: memory.base, byteCount: node.length), at: offset)
        file.beginWriteback(node.length, at: offset)
        contents.withLock { contents in
            contents.rowGroups.append(PlacedRowGroup(offset: offset, node: node))
            for (index, sketch) in sketches.enumerated() { contents.sketches[index].merge(sketch) }
        }
    }

    /// Writes header, footer and trailer and brings all to the disk; the file keeps its temporary name.
    func complete(columns: [RelationColumn], metadata: [String: String]) throws(LeibrixError) -> SegmentSummary {
        let contents = contents.withLock { $0 }
        let groups = contents.rowGroups.sorted { $0.offset < $1.offset }
        var sums = columns.map { _ in StatisticsSum() }
        for group in groups {
            for (index, chunk) in group.node.columns.enumerated() {
                sums[index].add(chunk.root.statistics, rows: group.node.rows)
            }
        }
        let statistics = zip(sums, contents.sketches).map { $0.statistics(distinct: $1.estimate()) }
        let footer = SegmentFooter(
            columns: columns, metadata: metadata, rowGroups: groups, statistics: statistics, sketches: contents.sketches)
        let bytes = footer.encoded()
        guard bytes.count <= ColumnStoreLimits.footerBytesMax else {
            throw LeibrixError(.limitExceeded, "the directory of segment \(path) takes \(bytes.count) bytes")
        }
        let trailer = SegmentTrailer(
            footerOffset: contents.end, footerBytes: bytes.count, footerChecksum: Checksum.xxh3(bytes.span),
            fileBytes: contents.end + bytes.count + SegmentLayout.trailerBytes)
        try unsafe file.write(SegmentLayout.header().span.bytes, at: 0)
        try unsafe file.write((bytes + trailer.encoded()).span.bytes, at: contents.end)
        try file.sync()
        return SegmentSummary(
            path: path, rows: footer.rows, bytes: trailer.fileBytes, checksum: trailer.footerChecksum,
            rowGroups: groups.count, statistics: statistics, sketches: contents.sketches)
    }

    /// Gives the completed file its name, durably.
    func publish() throws(LeibrixError) { try Files.rename(temporaryPath, to: path) }

    /// Removes the file under either name.
    func discard() {
        // A file that cannot be deleted is found by `SegmentFile.removeUnfinished` later; there is no one to tell here.
        try? Files.remove(temporaryPath)
        try? Files.remove(path)
    }
}
