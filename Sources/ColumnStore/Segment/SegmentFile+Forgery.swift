internal import Columnar
internal import DuckDBKit

extension SegmentFile {
    /// What every segment file of this version begins with.
    public static var header: [UInt8] { SegmentLayout.header() }

    /// Checks a whole segment in memory as a reader would if every checksum but the header's matched, and says what is wrong with
    /// it, or nil. This is how a fuzzer gets behind the checksums.
    public static func faultBehindChecksums(_ image: Span<UInt8>) -> String? {
        unsafe image.withUnsafeBytes { bytes in
            let aligned = AlignedBuffer(capacity: bytes.count)
            if let start = bytes.baseAddress { unsafe aligned.base.copyMemory(from: start, byteCount: bytes.count) }
            do throws(FormatFault) {
                try unsafe check(UnsafeRawBufferPointer(start: aligned.base, count: bytes.count))
                return nil
            } catch {
                return error.reason
            }
        }
    }

    private static func check(_ bytes: UnsafeRawBufferPointer) throws(FormatFault) {
        guard bytes.count >= SegmentLayout.firstRowGroup + SegmentLayout.trailerBytes else { throw FormatFault("too short") }
        try SegmentLayout.checkHeader(unsafe Array(bytes.prefix(SegmentLayout.headerBytes)))
        let tail = unsafe Array(bytes.suffix(SegmentLayout.trailerBytes))
        let trailer = try SegmentTrailer(tail, fileBytes: bytes.count, checksum: false)
        let place = trailer.footerOffset..<trailer.footerOffset + trailer.footerBytes
        let footer = try SegmentFooter(unsafe Array(bytes[place]), end: trailer.footerOffset)
        let types = footer.columns.map(\.type)
        for group in footer.rowGroups {
            try unsafe group.node.verifyContent(at: bytes.baseAddress! + group.offset, types: types, checksums: false)
        }
    }
}
