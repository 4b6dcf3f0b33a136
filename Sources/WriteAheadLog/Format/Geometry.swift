// Where positions lie in files. A segment of index i holds the positions i * segmentBytes ..< (i + 1) * segmentBytes; its
// first block is the header, so frames begin at offset 4096. No frame crosses a segment: a position with less than the
// least frame's bytes left in its segment is moved to the next segment's first frame.

struct Geometry: Sendable, Hashable {
    let segmentBytes: UInt64

    static let headerBytes: UInt64 = 4096
    static let frameHeaderBytes: UInt64 = 48
    static let frameBytesMin: UInt64 = frameHeaderBytes + 8

    /// The first position of a new log.
    static var first: LSN { LSN(rawValue: headerBytes) }

    func segment(of position: LSN) -> UInt64 { position.rawValue / segmentBytes }
    func start(ofSegment index: UInt64) -> LSN { LSN(rawValue: index * segmentBytes) }
    func firstFrame(ofSegment index: UInt64) -> LSN { LSN(rawValue: index * segmentBytes + Geometry.headerBytes) }
    func offset(of position: LSN) -> Int { Int(position.rawValue % segmentBytes) }
    func bytesLeft(at position: LSN) -> UInt64 { segmentBytes - position.rawValue % segmentBytes }

    /// Where a frame that would begin at `position` does begin.
    func normalized(_ position: LSN) -> LSN {
        if position.rawValue % segmentBytes < Geometry.headerBytes { return firstFrame(ofSegment: segment(of: position)) }
        if bytesLeft(at: position) < Geometry.frameBytesMin { return firstFrame(ofSegment: segment(of: position) + 1) }
        return position
    }

    /// Positions that a record of `bytes` takes at most, wherever it begins.
    func spaceMax(_ bytes: Int) -> UInt64 {
        let payload = UInt64(Geometry.padded(bytes))
        let crossings = (payload + 64) / (segmentBytes - Geometry.headerBytes - Geometry.frameHeaderBytes) + 1
        return payload + Geometry.frameHeaderBytes + crossings * (Geometry.headerBytes + Geometry.frameHeaderBytes + Geometry.frameBytesMin)
    }

    static func padded(_ bytes: Int) -> Int { (bytes + 7) & ~7 }

    static func name(ofSegment index: UInt64) -> String {
        let digits = String(index, radix: 16)
        return String(repeating: "0", count: max(0, 16 - digits.count)) + digits + ".wal"
    }

    static func segment(named name: String) -> UInt64? {
        guard name.utf8.count == 20, name.hasSuffix(".wal") else { return nil }
        return UInt64(name.dropLast(4), radix: 16)
    }
}
