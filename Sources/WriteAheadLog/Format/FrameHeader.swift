// A frame: 48 bytes, then its part of a record's payload, then zeroes to a multiple of 8.
//
//   0  u32  "LBXR"
//   4  u32  CRC-32C of the bytes from 8 to the payload's end, begun with the log's salt
//   8  u64  the frame's own position: what an older log left in a file used again is never taken for a frame
//  16  u64  position up to which the log was durable when this frame was written
//  24  u64  transaction
//  32  i64  microseconds since 1970 when the record was appended
//  40  u32  bytes of payload in this frame
//  44  u8   kind of the record
//  45  u8   bit 0: a record's first frame, bit 1: its last
//  46  u16  0
internal import CLinux

struct FrameHeader: Hashable {
    var position: LSN
    var durable: LSN
    var transaction: UInt64
    var micros: Int64
    var payloadBytes: Int
    var kind: UInt8
    var isFirst: Bool
    var isLast: Bool

    static let magic: UInt32 = 0x5258_424C
    static let checkedFrom = 8
    static var bytes: Int { Int(Geometry.frameHeaderBytes) }

    /// The frame's bytes in the file.
    var frameBytes: Int { FrameHeader.bytes + Geometry.padded(payloadBytes) }

    /// Appends the header; checksum and durable position are `seal`'s.
    func append(to buffer: inout [UInt8]) {
        let at = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: FrameHeader.bytes))
        buffer.put(FrameHeader.magic, at: at)
        buffer.put(position.rawValue, at: at + 8)
        buffer.put(transaction, at: at + 24)
        buffer.put(micros, at: at + 32)
        buffer.put(UInt32(payloadBytes), at: at + 40)
        buffer.put(kind, at: at + 44)
        buffer.put(UInt8(isFirst ? 1 : 0) | UInt8(isLast ? 2 : 0), at: at + 45)
    }

    /// Completes the frame at `offset`; returns its bytes.
    static func seal(_ buffer: inout [UInt8], at offset: Int, durable: LSN, salt: UInt32) -> Int {
        let payload = Int(buffer.get(UInt32.self, at: offset + 40))
        buffer.put(durable.rawValue, at: offset + 16)
        buffer.put(buffer.crc32c(offset + checkedFrom..<offset + bytes + payload, seed: salt), at: offset + 4)
        return bytes + Geometry.padded(payload)
    }

    /// The header at `offset`, its checksum not looked at; nil where none can be for this position.
    static func peek(_ buffer: [UInt8], at offset: Int, position: LSN, geometry: Geometry) -> FrameHeader? {
        guard offset + bytes <= buffer.count, buffer.get(UInt32.self, at: offset) == magic,
            buffer.get(UInt64.self, at: offset + 8) == position.rawValue
        else { return nil }
        let payload = UInt64(buffer.get(UInt32.self, at: offset + 40))
        guard Geometry.frameHeaderBytes + payload <= geometry.bytesLeft(at: position) else { return nil }
        let flags = buffer.get(UInt8.self, at: offset + 45)
        return FrameHeader(
            position: position, durable: LSN(rawValue: buffer.get(UInt64.self, at: offset + 16)),
            transaction: buffer.get(UInt64.self, at: offset + 24), micros: buffer.get(Int64.self, at: offset + 32),
            payloadBytes: Int(payload), kind: buffer.get(UInt8.self, at: offset + 44), isFirst: flags & 1 != 0,
            isLast: flags & 2 != 0)
    }

    /// Whether the whole frame at `offset` is what was written.
    func isIntact(_ buffer: [UInt8], at offset: Int, salt: UInt32) -> Bool {
        let end = offset + FrameHeader.bytes + payloadBytes
        guard end <= buffer.count else { return false }
        return buffer.crc32c(offset + FrameHeader.checkedFrom..<end, seed: salt) == buffer.get(UInt32.self, at: offset + 4)
    }

    /// Offsets from `from` on that are multiples of 8 and hold a frame's first word. O(bytes).
    static func candidates(in buffer: [UInt8], from: Int) -> [Int] {
        var found: [Int] = []
        var at = from
        while at + bytes <= buffer.count {
            let hit = unsafe buffer.withUnsafeBytes { buffer -> Int? in
                var word = magic.littleEndian
                let start = unsafe buffer.baseAddress! + at
                guard let hit = unsafe lbx_find(start, buffer.count - at, &word, 4) else { return nil }
                return unsafe at + (UnsafeRawPointer(hit) - start)
            }
            guard let hit else { break }
            if hit % 8 == 0 { found.append(hit) }
            at = hit + 1
        }
        return found
    }
}
