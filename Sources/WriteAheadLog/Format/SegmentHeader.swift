// A segment's first block of 4096 bytes:
//
//   0  8    "LBXWALOG"
//   8  u32  format version, 1
//  12  u32  bytes of this block, 4096
//  16  u64  the segment's first position
//  24  u64  bytes of the segment
//  32  16   the log's identity, random, made with its first segment
//  48  12   zeroes
//  60  u32  CRC-32C of the 60 bytes before
//  64       zeroes
internal import Base
internal import Platform

/// Which log it is: a backup, a copy and their original share it, a restored log that goes its own way has a new one.
public struct LogIdentity: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    static func fresh() -> LogIdentity { LogIdentity(high: Random.integer(UInt64.self), low: Random.integer(UInt64.self)) }

    /// What checksums of frames begin with.
    var salt: UInt32 { UInt32(truncatingIfNeeded: high ^ low ^ (low >> 32)) }
}

struct SegmentHeader: Hashable {
    var start: LSN
    var segmentBytes: UInt64
    var identity: LogIdentity

    static let version: UInt32 = 1
    private static let magic: [UInt8] = Array("LBXWALOG".utf8)

    var encoded: [UInt8] {
        var block = [UInt8](repeating: 0, count: Int(Geometry.headerBytes))
        block.replaceSubrange(0..<8, with: SegmentHeader.magic)
        block.put(SegmentHeader.version, at: 8)
        block.put(UInt32(Geometry.headerBytes), at: 12)
        block.put(start.rawValue, at: 16)
        block.put(segmentBytes, at: 24)
        block.put(identity.high, at: 32)
        block.put(identity.low, at: 40)
        block.put(block.crc32c(0..<60), at: 60)
        return block
    }

    /// Throws `corruptLog` for anything that is not a segment's header of this version.
    init(decoding block: [UInt8], path: String) throws(LeibrixError) {
        guard block.count >= 64, Array(block[0..<8]) == SegmentHeader.magic, block.crc32c(0..<60) == block.get(UInt32.self, at: 60)
        else { throw .corruptLog("the header of \(path) is damaged") }
        let version = block.get(UInt32.self, at: 8)
        guard version == SegmentHeader.version else { throw .corruptLog("\(path) has format version \(version), this server knows 1") }
        start = LSN(rawValue: block.get(UInt64.self, at: 16))
        segmentBytes = block.get(UInt64.self, at: 24)
        identity = LogIdentity(high: block.get(UInt64.self, at: 32), low: block.get(UInt64.self, at: 40))
        guard segmentBytes >= 2 * Geometry.headerBytes, segmentBytes % Geometry.headerBytes == 0, segmentBytes <= 1 << 32,
            start.rawValue % segmentBytes == 0
        else { throw .corruptLog("the header of \(path) makes no sense") }
    }

    init(start: LSN, segmentBytes: UInt64, identity: LogIdentity) {
        self.start = start
        self.segmentBytes = segmentBytes
        self.identity = identity
    }
}

extension LeibrixError {
    static func corruptLog(_ message: String) -> LeibrixError {
        LeibrixError(.corruptLog, message, hint: "Restore a backup, or bring the file back as it was.")
    }
}
