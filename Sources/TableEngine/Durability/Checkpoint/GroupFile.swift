// A row group's rows in a file of a checkpoint, written once.
//
//   "LBXROWS1" · u32 CRC-32C of what follows · u32 table · u32 group · u32 rows · columns (ColumnCoding)
internal import Base
internal import Catalog
internal import Columnar
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

    /// Whether the file is what was written.
    static func isWhole(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= 24, Array(bytes[0..<8]) == magic else { return false }
        var reader = PayloadReader(bytes)
        return (try? reader.skip(8)) != nil && (try? reader.number(UInt32.self)) == LogChecksum.crc32c(bytes, from: 12)
    }
}
