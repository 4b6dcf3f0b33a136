// A segment file in memory. Mapping checks the structure: header, trailer, footer and every node's place and length; that
// touches a few pages. Content (checksums, codes, offsets, text) is checked once, at memory bandwidth: before row groups are
// handed out, or column by column of each when a scan first reads it. What a damaged file holds is never served.
public import Base
public import Columnar
public import DuckDBKit
public import Platform
internal import Synchronization

public enum SegmentFile {
    /// Maps the file at `path` and checks its structure. O(row groups * columns). Throws `corruptSegment` naming the file and
    /// the reason, `io` when it cannot be read.
    ///
    /// `writtenHere` is the summary that this process's own writer returned: a file with that very checksum was just made from
    /// rows in memory and is not read again before it is used.
    public static func map(_ path: String, writtenHere: SegmentSummary? = nil) throws(LeibrixError) -> MappedSegment {
        try MappedSegment(MappedFile(path), trusted: writtenHere?.checksum)
    }

    /// A file that is mapped. `isTrusted`: this process has just written it.
    public static func open(_ file: MappedFile, isTrusted: Bool = false) throws(LeibrixError) -> MappedSegment {
        let segment = try MappedSegment(file, trusted: nil)
        if isTrusted { segment.verdict.trust() }
        return segment
    }

    /// Deletes files that writers of a crashed process left unfinished in `directory`.
    public static func removeUnfinished(in directory: String) throws(LeibrixError) {
        for entry in try Files.list(directory) where entry.name.hasSuffix(".segment" + temporarySuffix) {
            try Files.remove(directory + "/" + entry.name)
        }
    }

    static let temporarySuffix = ".unfinished"
}

/// A mapped segment. The mapping goes with the last of this object and the row groups made from it.
public final class MappedSegment: Sendable {
    public let path: String
    public let columns: [RelationColumn]
    public let metadata: [String: String]
    public let rows: Int
    /// XXH3 of the footer, which holds every chunk's own checksum: equal for equal files.
    public let checksum: UInt64
    /// Of all rows, a column each; `distinct` by sketch.
    public let statistics: [ColumnStatistics]
    /// A column each; they merge over segments.
    public let sketches: [DistinctSketch]
    let placed: [PlacedRowGroup]
    let mapping: SegmentMapping
    let verdict: SegmentVerdict

    init(_ file: MappedFile, trusted: UInt64?) throws(LeibrixError) {
        let path = file.path
        do {
            let (trailer, footer) = try Self.parse(file)
            self.path = path
            columns = footer.columns
            metadata = footer.metadata
            rows = footer.rows
            checksum = trailer.footerChecksum
            statistics = footer.statistics
            sketches = footer.sketches
            placed = footer.rowGroups
            mapping = SegmentMapping(file)
            verdict = SegmentVerdict(chunks: placed.count * columns.count, isSound: trusted == trailer.footerChecksum)
        } catch {
            throw .damagedSegment(path, error.reason)
        }
    }

    private static func parse(_ file: MappedFile) throws(FormatFault) -> (SegmentTrailer, SegmentFooter) {
        let least = SegmentLayout.firstRowGroup + SegmentLayout.trailerBytes
        guard file.count >= least else { throw FormatFault("it has \(file.count) bytes, fewer than an empty segment") }
        try SegmentLayout.checkHeader(copy(file, 0, SegmentLayout.headerBytes))
        let tail = copy(file, file.count - SegmentLayout.trailerBytes, SegmentLayout.trailerBytes)
        let trailer = try SegmentTrailer(tail, fileBytes: file.count)
        let footer = copy(file, trailer.footerOffset, trailer.footerBytes)
        guard Checksum.xxh3(footer.span) == trailer.footerChecksum else {
            throw FormatFault("the footer's checksum does not match")
        }
        return (trailer, try SegmentFooter(footer, end: trailer.footerOffset))
    }

    private static func copy(_ file: MappedFile, _ offset: Int, _ count: Int) -> [UInt8] {
        unsafe file.bytes.extracting(offset..<offset + count).withUnsafeBytes { unsafe Array($0) }
    }

    /// Bytes of address space that are mapped: whole pages. All of them are resident once every column has been read.
    public var bytes: Int { mapping.bytes }

    public var rowGroupCount: Int { placed.count }

    /// The columns of a row group as pointers that are valid as long as this object. The caller has verified them.
    public func layouts(ofRowGroup index: Int) -> [ColumnLayout] {
        let start = unsafe mapping.start + placed[index].offset
        return placed[index].node.columns.map { unsafe $0.root.layout(at: start) }
    }

    public func rows(ofRowGroup index: Int) -> Int { placed[index].node.rows }

    /// Takes the pages out of memory until they are looked at again.
    public func release() { mapping.file.release() }

    /// Bytes of pages in memory now. O(pages).
    public var residentBytes: Int { mapping.file.residentBytes }

    /// The row groups, in the file's order. Verifies the content first, unless that was done.
    public func rowGroups() throws(LeibrixError) -> [RowGroup] {
        try verify()
        return placed.map { group in
            let start = unsafe mapping.start + group.offset
            return RowGroup(
                rows: group.node.rows, columns: group.node.columns.map { unsafe $0.root.layout(at: start) }, owner: mapping)
        }
    }
}

/// A mapping that counts itself: `SegmentMapping.totalBytes` is what all segments of the process have mapped.
final class SegmentMapping: Sendable {
    private static let total = Atomic<Int>(0)

    static var totalBytes: Int { total.load(ordering: .relaxed) }

    let file: MappedFile
    let bytes: Int

    init(_ file: MappedFile) {
        self.file = file
        bytes = aligned(file.count, to: ColumnStoreLimits.rowGroupAlignment)
        Self.total.add(bytes, ordering: .relaxed)
    }

    deinit { Self.total.subtract(bytes, ordering: .relaxed) }

    var start: UnsafeRawPointer { unsafe file.start! }
}

extension SegmentFile {
    /// Bytes that all segments of this process have mapped.
    public static var mappedBytes: Int { SegmentMapping.totalBytes }
}

extension LeibrixError {
    static func damagedSegment(_ path: String, _ reason: String) -> LeibrixError {
        LeibrixError(
            .corruptSegment, "segment file \(path) is damaged: \(reason)",
            hint: "It is not served. Load the data again from its source.")
    }
}
