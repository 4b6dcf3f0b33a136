import CLinux
import Platform
import Testing

@testable import WriteAheadLog

@Suite struct FormatTests {
    /// RFC 3720, appendix B.4.
    @Test func checksumsAreTheStandards() {
        #expect([UInt8](repeating: 0, count: 32).crc32c(0..<32) == 0x8A91_36AA)
        #expect([UInt8](repeating: 0xFF, count: 32).crc32c(0..<32) == 0x62A8_AB43)
        #expect([UInt8](0..<32).crc32c(0..<32) == 0x46DD_794E)
        #expect(Array("123456789".utf8).crc32c(0..<9) == 0xE306_9283)
    }

    @Test func theTableAgreesWithTheInstruction() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let seed = UInt32.random(in: 0...UInt32.max, using: &random)
            let table = unsafe bytes.withUnsafeBytes { unsafe lbx_crc32c_portable(seed, $0.baseAddress, $0.count) }
            #expect(bytes.crc32c(0..<bytes.count, seed: seed) == table)
        }
    }

    @Test func positionsReadAsTheyAreWritten() {
        #expect(LSN(rawValue: 0x1_0000_2000).description == "1/2000")
        #expect(LSN("1/2000") == LSN(rawValue: 0x1_0000_2000))
        for text in ["", "1", "1/", "/1", "1/2/3", "x/1", "1/100000000"] { #expect(LSN(text) == nil) }
    }

    @Test func theDrawnOffsetsHold() {
        var buffer: [UInt8] = []
        let header = FrameHeader(
            position: LSN(rawValue: 4096), durable: .zero, transaction: 0x0102, micros: -5, payloadBytes: 3, kind: 9, isFirst: true,
            isLast: false)
        header.append(to: &buffer)
        buffer += [1, 2, 3, 0, 0, 0, 0, 0]
        #expect(FrameHeader.seal(&buffer, at: 0, durable: LSN(rawValue: 77), salt: 5) == 56)
        #expect(Array(buffer[0..<4]) == Array("LBXR".utf8))
        #expect(buffer.get(UInt64.self, at: 8) == 4096)
        #expect(buffer.get(UInt64.self, at: 16) == 77)
        #expect(buffer.get(UInt64.self, at: 24) == 0x0102)
        #expect(buffer.get(Int64.self, at: 32) == -5)
        #expect(buffer.get(UInt32.self, at: 40) == 3)
        #expect(buffer[44] == 9)
        #expect(buffer[45] == 1)
        #expect(buffer.get(UInt32.self, at: 4) == buffer.crc32c(8..<51, seed: 5))
    }

    @Test func framesNeverCrossSegments() {
        let geometry = Geometry(segmentBytes: 8192)
        var buffer = AppendBuffer()
        var position = Geometry.first
        var random = SeededGenerator(seed: 3)
        for round in 0..<900 {
            let near = [4048, 8096, 0][round % 3]
            let bytes = pattern(max(0, near + Int.random(in: -130...130, using: &random)))
            let next = unsafe buffer.append(
                RecordHead(kind: LogKind(rawValue: 1), transaction: 1, micros: 0), payload: bytes.span.bytes, at: position,
                geometry: geometry)
            #expect(next.rawValue - position.rawValue <= geometry.spaceMax(bytes.count))
            #expect(geometry.normalized(next) == next)
            position = next
        }
        for run in buffer.runs {
            let last = LSN(rawValue: run.start.rawValue + UInt64(run.range.count) - 1)
            #expect(geometry.segment(of: run.start) == geometry.segment(of: last))
            #expect(geometry.offset(of: run.start) >= 4096)
        }
    }

    @Test func namesOfSegments() {
        #expect(Geometry.name(ofSegment: 255) == "00000000000000ff.wal")
        #expect(Geometry.segment(named: "00000000000000ff.wal") == 255)
        #expect(Geometry.segment(named: "00000000000000ff.wal.new") == nil)
        #expect(Geometry.segment(named: "lock") == nil)
    }
}
