// A segment file: row groups, then the footer that says what they are. Drawn in full in docs/formats/segment.md.
//
//   0          header, 64 bytes:   "LBXSEGMT", u32 version, u32 header bytes, zeroes, u64 XXH3 of the 56 bytes before
//   4096       row group 0         its columns' chunks, each 64-byte aligned
//   ...        row group n         begins at a multiple of 4096
//   F          footer              schema, metadata, statistics, directory of row groups; padded to 64 bytes
//   size - 64  trailer, 64 bytes:  u64 F, u64 footer bytes, u64 XXH3 of the footer, u64 file size, u32 version, zeroes,
//                                  u64 XXH3 of the 48 bytes before, "LBXSEGND"
//
// Everything is little-endian, as is the memory that is mapped.

enum SegmentLayout {
    static let version: UInt32 = 1
    static let headerBytes = 64
    static let trailerBytes = 64
    static let firstRowGroup = ColumnStoreLimits.rowGroupAlignment
    static let headMagic = Array("LBXSEGMT".utf8)
    static let tailMagic = Array("LBXSEGND".utf8)

    static func header() -> [UInt8] {
        var writer = ByteWriter()
        writer.put(raw: headMagic)
        writer.put(version)
        writer.put(UInt32(headerBytes))
        writer.put(raw: [UInt8](repeating: 0, count: headerBytes - 8 - writer.bytes.count))
        writer.put(Checksum.xxh3(writer.bytes.span))
        return writer.bytes
    }

    static func checkHeader(_ bytes: [UInt8]) throws(FormatFault) {
        guard bytes.prefix(8).elementsEqual(headMagic) else { throw FormatFault("it does not begin as a segment does") }
        var reader = ByteReader(bytes)
        _ = try reader.raw(8)
        let found = try reader.integer(UInt32.self)
        guard found == version else { throw FormatFault("format version \(found); this program reads \(version)") }
        guard bytes == header() else { throw FormatFault("the header's checksum does not match") }
    }
}

/// The last 64 bytes.
struct SegmentTrailer: Equatable {
    var footerOffset: Int
    var footerBytes: Int
    var footerChecksum: UInt64
    var fileBytes: Int

    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.put(UInt64(footerOffset))
        writer.put(UInt64(footerBytes))
        writer.put(footerChecksum)
        writer.put(UInt64(fileBytes))
        writer.put(SegmentLayout.version)
        writer.put(raw: [UInt8](repeating: 0, count: 48 - writer.bytes.count))
        writer.put(Checksum.xxh3(writer.bytes.span))
        writer.put(raw: SegmentLayout.tailMagic)
        return writer.bytes
    }

    /// `fileBytes` is the size of the file at hand. Without `checksum` the trailer's own is not looked at.
    init(_ bytes: [UInt8], fileBytes: Int, checksum: Bool = true) throws(FormatFault) {
        guard bytes.suffix(8).elementsEqual(SegmentLayout.tailMagic) else {
            throw FormatFault("it does not end as a segment does: it was cut off or never finished")
        }
        var reader = ByteReader(bytes)
        footerOffset = try reader.size()
        footerBytes = try reader.size()
        footerChecksum = try reader.integer()
        self.fileBytes = try reader.size()
        guard !checksum || bytes == encoded() else { throw FormatFault("the trailer's checksum does not match") }
        guard self.fileBytes == fileBytes else { throw FormatFault("it has \(fileBytes) bytes of \(self.fileBytes)") }
        guard footerOffset >= SegmentLayout.firstRowGroup, footerBytes <= ColumnStoreLimits.footerBytesMax,
            footerOffset + footerBytes + SegmentLayout.trailerBytes == fileBytes,
            footerOffset & (ColumnStoreLimits.bufferAlignment - 1) == 0
        else { throw FormatFault("the footer lies outside of the file") }
    }

    init(footerOffset: Int, footerBytes: Int, footerChecksum: UInt64, fileBytes: Int) {
        self.footerOffset = footerOffset
        self.footerBytes = footerBytes
        self.footerChecksum = footerChecksum
        self.fileBytes = fileBytes
    }
}
