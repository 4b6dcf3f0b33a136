// fuzzes: ColumnStore
// longest: 65536
// Any bytes as a segment file whose checksums do not count: rejected with a reason, or every index in it lies inside the file. The
// header is made whole, so that the fuzzer need not find it.
internal import ColumnStore

private let header: [UInt8] = SegmentFile.header

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSegment(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let data, count > header.count else { return 0 }
    var image = [UInt8](UnsafeBufferPointer(start: data, count: count))
    image.replaceSubrange(0..<header.count, with: header)
    _ = SegmentFile.faultBehindChecksums(image.span)
    return 0
}
