// A row group's rows in a file of a checkpoint, written once.
//
// A group that is encoded goes into a segment file of its own (docs/formats/segment.md), which a restart maps and reads where it
// lies; one that takes rows is written a column after the other:
//
//   "LBXROWS1" · u32 CRC-32C of what follows · u32 table · u32 group · u32 rows · columns (ColumnCoding)
internal import Base
internal import Catalog
internal import Columnar
internal import ColumnStore
internal import DuckDBKit
internal import Platform
internal import WriteAheadLog

enum GroupFile {
    private static let magic = Array("LBXROWS1".utf8)

    static func encode(_ store: TableStore, _ group: RowGroupStore, rows: Int) -> [UInt8] {
        var out = magic
        out.add(UInt32(0))
        out.add(store.id.rawValue)
        out.add(UInt32(group.number))
        out.add(UInt32(rows))
        let cells = unsafe group.access.pointee.columns
        for (place, type) in store.types.enumerated() { unsafe cells[place].encode(0..<rows, type, into: &out) }
        out.set(LogChecksum.crc32c(out, from: 12), at: 8)
        return out
    }

    /// The rows of a file; throws `corruptSegment` for one that is not whole or of another group.
    static func read(
        _ path: String, _ disk: any Disk, table: TableID, group: CheckpointManifest.Group, types: [DataType]
    ) throws(LeibrixError) -> Batch {
        let bytes = try DiskFiles.read(path, disk)
        guard bytes.count >= 24, Array(bytes[0..<8]) == magic else { throw CheckpointManifest.damaged(path) }
        var reader = PayloadReader(bytes)
        _ = try reader.skip(8)
        guard try reader.number(UInt32.self) == LogChecksum.crc32c(bytes, from: 12), try reader.number(UInt32.self) == table.rawValue,
            try reader.number(UInt32.self) == UInt32(group.number), try reader.number(UInt32.self) == UInt32(group.rows)
        else { throw CheckpointManifest.damaged(path) }
        return try DecodedRows.batch(&reader, rows: group.rows, types: types)
    }

    static let rowsSuffix = ".rows"
    static let segmentSuffix = ".segment"

    static func isOne(_ name: String) -> Bool { name.hasSuffix(rowsSuffix) || name.hasSuffix(segmentSuffix) }

    static func encode(_ image: RowGroupImage, _ store: TableStore, group: Int) -> [UInt8] {
        image.segment(
            columns: store.types.enumerated().map { RelationColumn("c\($0)", $1) },
            metadata: ["table": String(store.id.rawValue), "group": String(group)])
    }

    /// An encoded group where it lies in its file. Reads all of it, unless this process has just written it.
    static func map(
        _ path: String, _ disk: any Disk, table: TableID, group: Int, rows: Int, types: [DataType], isTrusted: Bool
    ) throws(LeibrixError) -> FrozenRows {
        let segment = try SegmentFile.open(disk.mapFile(path), isTrusted: isTrusted)
        try segment.verify()
        guard segment.rowGroupCount == 1, segment.rows == rows, segment.columns.map(\.type) == types,
            segment.metadata["table"] == String(table.rawValue), segment.metadata["group"] == String(group)
        else { throw CheckpointManifest.damaged(path) }
        return FrozenRows(.file(segment))
    }
}
