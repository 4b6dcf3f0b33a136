import Platform
@testable import Reactor
import Testing

@Suite struct BufferAndTimerTests {
    @Test func integersAndBytesGoThrough() {
        let buffer = ByteBuffer()
        buffer.append(UInt8(1))
        buffer.append(integer: Int32(-2))
        buffer.append("né")
        buffer.append(bytes: [7, 8])
        #expect(buffer.bytes(at: 0, count: buffer.count) == [1, 0xFF, 0xFF, 0xFF, 0xFE, 0x6E, 0xC3, 0xA9, 7, 8])
        #expect(buffer.integer(at: 1, as: Int32.self) == -2)
        buffer.put(integer: Int32(5), at: 1)
        buffer.consume(1)
        #expect(buffer.integer(at: 0, as: Int32.self) == 5)
        buffer.truncate(to: 4)
        #expect(buffer.count == 4)
    }

    @Test func nothingIsAppendedToABufferWithoutMemory() {
        let buffer = ByteBuffer()
        buffer.append(bytes: [])
        buffer.append("")
        unsafe buffer.withFreeSpace(0) { _ in 0 }
        #expect(buffer.isEmpty)
    }

    @Test func memoryIsHeldOnlyWithBytesInside() {
        let buffer = ByteBuffer()
        #expect(buffer.capacityBytes == 0)
        buffer.append(bytes: [UInt8](repeating: 1, count: 5_000))
        buffer.release()
        #expect(buffer.count == 5_000)
        buffer.consume(5_000)
        buffer.release()
        #expect(buffer.capacityBytes == 0)
    }

    @Test(arguments: [1 as UInt64, 20_261_121, 7_777])
    func aQueueOfBytesBehavesLikeOne(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let buffer = ByteBuffer()
        var model: [UInt8] = []
        for _ in 0..<3_000 {
            if Bool.random(using: &random) {
                let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                buffer.append(bytes: bytes)
                model += bytes
            } else {
                let count = Int.random(in: 0...model.count, using: &random)
                buffer.consume(count)
                model.removeFirst(count)
            }
            #expect(buffer.count == model.count, "seed \(seed)")
        }
        #expect(buffer.bytes(at: 0, count: buffer.count) == model, "seed \(seed)")
    }

    @Test func timersFireInOrder() {
        var heap = TimerHeap()
        var random = SeededGenerator(seed: 42)
        for _ in 0..<500 { heap.push(.init(deadline: UInt64.random(in: 0...1_000, using: &random), action: {})) }
        var last: UInt64 = 0
        var fired = 0
        while let entry = heap.popDue(now: 600) {
            #expect(entry.deadline >= last && entry.deadline <= 600)
            last = entry.deadline
            fired += 1
        }
        #expect(fired + heap.count == 500)
        #expect(heap.timeoutMS(now: 0) == 1)
    }

    @Test func rfc7677Keys() {
        // RFC 7677, section 3: user "user", password "pencil", i=4096.
        let salt: [UInt8] = [0x5B, 0x6D, 0x99, 0x68, 0x9D, 0x12, 0x35, 0x8E, 0xEC, 0xA0, 0x4B, 0x14, 0x12, 0x36, 0xFA, 0x81]
        let keys = ScramKeys(password: "pencil", salt: salt, iterations: 4_096)
        let hex = keys.storedKey.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
        #expect(hex == "586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6")
        #expect(Digest.sha256(keys.clientKey) == keys.storedKey)
    }
}
