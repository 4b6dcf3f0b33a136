// Logs that crash again and again on a disk that forgets, tears and fails by a seed. What is asked after every crash: each
// record that was announced is there, the records are a first part of what was appended, and none is half.
import Base
import Platform
import Testing

@testable import WriteAheadLog

private struct Run {
    let disk: SimulatedDisk
    var random: SeededGenerator
    /// Appended since the log was made, in order; `durable` of them were announced.
    var written: [Written] = []
    var durable = 0
    var from: LSN?
    /// Records before `from`.
    var dropped = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        disk = SimulatedDisk(seed: seed ^ 0xABCD, sectorBytes: Bool.random(using: &random) ? 512 : 4096)
    }

    /// Opens, checks, works for a while, crashes.
    mutating func life(_ seed: UInt64) throws {
        disk.setFaults(SimulatedFaults())
        let (core, records) = try LogCore.make(disk, from: from, segmentBytes: 8192)
        let found = records.map { Written(transaction: $0.transaction, payload: $0.payload) }
        let known = Array(written[dropped...])
        try #require(found.count >= durable - dropped, "seed \(seed): an announced record is gone")
        try #require(found == Array(known.prefix(found.count)), "seed \(seed): not a first part")
        written.removeLast(known.count - found.count)
        durable = written.count
        var ends = records.map(\.end)
        var faults = SimulatedFaults()
        if Int.random(in: 0..<3, using: &random) == 0 { faults.syncErrorChance = 0.05 }
        if Int.random(in: 0..<3, using: &random) == 0 { faults.writeErrorChance = 0.02 }
        if Int.random(in: 0..<3, using: &random) == 0 { faults.capacityBytes = disk.usedBytes + Int.random(in: 0...40_000, using: &random) }
        disk.setFaults(faults)
        for _ in 0..<Int.random(in: 0...40, using: &random) where core.status.failure == nil {
            work(core, &ends)
        }
        try truncate(core, ends)
        if Int.random(in: 0..<4, using: &random) == 0 { disk.kill() } else { disk.crash() }
    }

    private mutating func work(_ core: LogCore, _ ends: inout [LSN]) {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let size = Int.random(in: 0..<10, using: &random) == 0 ? Int.random(in: 0...30_000, using: &random) : Int.random(in: 0...300, using: &random)
            let payload = pattern(size, Int.random(in: 0...255, using: &random))
            guard let end = try? core.put(payload, transaction: UInt64(written.count)) else { continue }
            written.append(Written(transaction: UInt64(written.count), payload: payload))
            ends.append(end)
        }
        if Int.random(in: 0..<4, using: &random) != 0, core.writeGroup() == .wrote { durable = written.count }
        if Bool.random(using: &random) { core.allocate() }
    }

    /// As after a checkpoint at some durable record.
    private mutating func truncate(_ core: LogCore, _ ends: [LSN]) throws {
        let durableEnds = ends.prefix { $0 <= core.durablePosition }.count
        guard durableEnds > 0, Bool.random(using: &random) else { return }
        let chosen = Int.random(in: 0..<durableEnds, using: &random)
        from = ends[chosen]
        dropped += chosen + 1
        try? core.truncate(below: ends[chosen])
    }
}

@Suite struct CrashTests {
    @Test(arguments: 0..<(Settings.isSoak ? 3_000 : 60)) func nothingAnnouncedIsLost(_ number: Int) throws {
        let seed = UInt64(number) &* 7919 &+ 1
        var run = Run(seed: seed)
        for _ in 0..<8 { try run.life(seed) }
    }

    /// A frame that outlived the loss of the one before it must not follow a new one of the same length.
    @Test func leftoversAreNotTakenForTheirSuccessors() throws {
        let disk = SimulatedDisk(seed: 22)
        let (core, _) = try LogCore.make(disk)
        _ = try core.put(pattern(64))
        _ = core.writeGroup()
        let lost = core.geometry.offset(of: core.durablePosition)
        _ = try core.put(pattern(40, 1))
        _ = try core.put(pattern(40, 2))
        _ = core.writeGroup()
        disk.kill()
        disk.flip("/log/0000000000000000.wal", byte: lost + 50)
        let (again, found) = try LogCore.make(disk)
        #expect(found.map(\.payload) == [pattern(64)])
        _ = try again.put(pattern(40, 3))
        _ = again.writeGroup()
        disk.kill()
        #expect(try LogCore.make(disk).records.map(\.payload) == [pattern(64), pattern(40, 3)])
    }

    /// Every byte of the last group's frames, one after the other, as a torn write would leave it.
    @Test func everyTornEndIsFound() throws {
        let base = SimulatedDisk(seed: 21)
        let (core, _) = try LogCore.make(base)
        _ = try core.put(pattern(64))
        _ = core.writeGroup()
        let start = core.geometry.offset(of: core.durablePosition)
        _ = try core.put(pattern(40))
        _ = try core.put(pattern(24))
        _ = core.writeGroup()
        let end = core.geometry.offset(of: core.durablePosition)
        base.kill()
        for byte in start..<end {
            base.flip("/log/0000000000000000.wal", byte: byte)
            var cursor = LogCursor(disk: base, directory: "/log", geometry: core.geometry, salt: core.identity.salt, position: Geometry.first)
            var records: [LogRecord] = []
            while let record = try cursor.next() { records.append(record) }
            let isPadding = records.count == 3
            #expect(records.count < 3 || isPadding)
            #expect(records.first?.payload == pattern(64))
            if records.count == 3 { #expect(records[2].payload == pattern(24)) }
            base.flip("/log/0000000000000000.wal", byte: byte)
        }
    }
}
