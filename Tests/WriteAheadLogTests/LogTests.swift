// The log's steps, taken by hand on a simulated disk.
import Base
import Platform
import Synchronization
import Testing

@testable import WriteAheadLog

@Suite struct LogTests {
    @Test func recordsComeBackInOrder() throws {
        let disk = SimulatedDisk(seed: 1)
        let (core, none) = try LogCore.make(disk, segmentBytes: 32 << 10)
        #expect(none.isEmpty)
        let payloads = [pattern(0), pattern(1), pattern(100), pattern(40_000, 5), pattern(7)]
        var ends: [LSN] = []
        for (number, payload) in payloads.enumerated() {
            ends.append(try core.put(payload, transaction: UInt64(number), kind: UInt8(number)))
            #expect(core.writeGroup() == .wrote)
            core.allocate()
        }
        #expect(core.writeGroup() == .idle)
        #expect(core.durablePosition == ends.last)
        disk.crash()
        let (again, records) = try LogCore.make(disk)
        #expect(records.map(\.payload) == payloads)
        #expect(records.map(\.transaction) == [0, 1, 2, 3, 4])
        #expect(records.map(\.kind.rawValue) == [0, 1, 2, 3, 4])
        #expect(records.map(\.end) == ends)
        #expect(records.allSatisfy { $0.micros == 7 })
        #expect(again.status.end == ends.last)
    }

    @Test func oneSyncAnnouncesAGroup() throws {
        let (core, _) = try LogCore.make(SimulatedDisk(seed: 2))
        let answers = Answers()
        for _ in 0..<32 { core.whenDurable(try core.put(pattern(50))) { answers.add($0) } }
        #expect(answers.all.isEmpty)
        #expect(core.writeGroup() == .wrote)
        #expect(answers.all.count == 32)
        #expect(answers.all.allSatisfy { $0 == nil })
        #expect(core.status.groups == 1)
    }

    @Test func readingBeginsAnywhereAndSeesOnlyWhatIsDurable() throws {
        let (core, _) = try LogCore.make(SimulatedDisk(seed: 3))
        let first = try core.put(pattern(10))
        _ = core.writeGroup()
        var reader = try LogReader(core, from: first, holds: true)
        #expect(try reader.next() == nil)
        let second = try core.put(pattern(20))
        #expect(try reader.next() == nil)
        _ = core.writeGroup()
        #expect(try reader.next()?.payload == pattern(20))
        #expect(reader.position == second)
        #expect(try reader.next() == nil)
    }

    @Test func truncatedSegmentsAreUsedAgain() throws {
        let disk = SimulatedDisk(seed: 4)
        let (core, _) = try LogCore.make(disk)
        var written: [(LSN, [UInt8])] = []
        for round in 0..<200 {
            let payload = pattern(1000, round)
            written.append((try core.put(payload), payload))
            _ = core.writeGroup()
            core.allocate()
            if round % 10 == 9 { try core.truncate(below: written[written.count - 5].0) }
        }
        #expect(disk.usedBytes < 12 * (16 << 10))
        #expect(throws: LeibrixError.self) { try core.hold(Geometry.first) }
        let from = written[195].0
        disk.crash()
        let (_, records) = try LogCore.make(disk, from: from)
        #expect(records.map(\.payload) == written[196...].map(\.1))
    }

    @Test func holdsKeepSegments() throws {
        let (core, _) = try LogCore.make(SimulatedDisk(seed: 5))
        let start = Geometry.first
        let hold = try core.hold(start)
        var end = start
        for _ in 0..<40 {
            end = try core.put(pattern(1000))
            _ = core.writeGroup()
            core.allocate()
        }
        try core.truncate(below: end)
        #expect(core.status.oldest == start)
        core.releaseHold(hold)
        try core.truncate(below: end)
        #expect(core.status.oldest > start)
    }

    @Test func aFullDiskRefusesAndGoesOnWhenThereIsRoom() throws {
        let disk = SimulatedDisk(seed: 6)
        var faults = SimulatedFaults()
        faults.capacityBytes = 3 * (16 << 10)
        disk.setFaults(faults)
        let (core, _) = try LogCore.make(disk)
        var kept: [[UInt8]] = []
        let refused = Answers()
        for round in 0..<100 where refused.all.isEmpty {
            let payload = pattern(1000, round)
            if try core.tryAdmit(1000) {
                _ = try unsafe core.append(LogKind(rawValue: 1), transaction: 1, payload: payload.span.bytes, admitted: 1000, isUrgent: true)
                kept.append(payload)
                #expect(core.writeGroup() == .wrote)
                core.allocate()
            } else {
                core.admit(1000) { refused.add($0) }
                core.allocate()
            }
        }
        #expect(refused.all.first??.code == .diskFull)
        #expect(kept.count > 25)
        #expect(core.status.isFull)
        faults.capacityBytes = .max
        disk.setFaults(faults)
        core.allocation.withLock { $0.pausedUntilNanos = 0 }
        core.allocate()
        kept.append(pattern(30))
        _ = try core.put(pattern(30))
        #expect(core.writeGroup() == .wrote)
        #expect(!core.status.isFull)
        disk.crash()
        #expect(try LogCore.make(disk).records.map(\.payload) == kept)
    }

    @Test(arguments: [true, false]) func aFailingDiskEndsTheLogAndReadsGoOn(atSync: Bool) throws {
        let disk = SimulatedDisk(seed: 7)
        let (core, _) = try LogCore.make(disk)
        _ = try core.put(pattern(10))
        _ = core.writeGroup()
        var faults = SimulatedFaults()
        if atSync { faults.syncErrorChance = 1 } else { faults.writeErrorChance = 1 }
        disk.setFaults(faults)
        let answers = Answers()
        core.whenDurable(try core.put(pattern(20))) { answers.add($0) }
        #expect(core.writeGroup() == .failed)
        #expect(answers.all.first??.code == .logFailed)
        disk.setFaults(SimulatedFaults())
        #expect(throws: LeibrixError.self) { try core.put(pattern(5)) }
        #expect(core.writeGroup() == .failed)
        #expect(core.status.failure?.code == .logFailed)
        var reader = try LogReader(core, from: Geometry.first, holds: true)
        #expect(try reader.next()?.payload == pattern(10))
        #expect(try reader.next() == nil)
        disk.kill()
        let (_, records) = try LogCore.make(disk)
        #expect(records.first?.payload == pattern(10))
        // What the cache showed to this opening stays, whatever happens next.
        disk.crash()
        #expect(try LogCore.make(disk).records == records)
    }

    @Test func damageInTheMiddleIsNotATornEnd() throws {
        for target in [4096 + 60, 4096 + 48 + 8, 4096, 4096 + 16] {
            let disk = SimulatedDisk(seed: 8)
            let (core, _) = try LogCore.make(disk)
            for _ in 0..<3 {
                _ = try core.put(pattern(100))
                _ = core.writeGroup()
            }
            disk.kill()
            disk.flip("/log/0000000000000000.wal", byte: target)
            let error = #expect(throws: LeibrixError.self) { try LogCore.make(disk) }
            #expect(error?.code == .corruptLog)
        }
    }

    @Test func missingAndForeignFilesAreRefused() throws {
        func filled(_ seed: UInt64) throws -> SimulatedDisk {
            let disk = SimulatedDisk(seed: seed)
            let (core, _) = try LogCore.make(disk)
            for _ in 0..<60 {
                _ = try core.put(pattern(1000))
                _ = core.writeGroup()
                core.allocate()
            }
            disk.kill()
            return disk
        }
        let missing = try filled(9)
        try missing.removeFile("/log/0000000000000001.wal")
        #expect(throws: LeibrixError.self) { try LogCore.make(missing, from: Geometry.first) }
        let empty = SimulatedDisk(seed: 10)
        #expect(throws: LeibrixError.self) { try LogCore.make(empty, from: LSN(rawValue: 99_999)) }
        let beyond = try filled(11)
        #expect(throws: LeibrixError.self) { try LogCore.make(beyond, from: LSN(rawValue: 1 << 40)) }
        let header = try filled(12)
        header.flip("/log/0000000000000001.wal", byte: 20)
        #expect(throws: LeibrixError.self) { try LogCore.make(header) }
    }

    @Test func aSecondLogOnTheDirectoryIsRefused() throws {
        let disk = SimulatedDisk(seed: 13)
        let first = try LogCore.make(disk).core
        let error = #expect(throws: LeibrixError.self) { try LogCore.make(disk) }
        #expect(error?.code == .directoryLocked)
        withExtendedLifetime(first) {}
    }

    @Test func memoryIsBounded() throws {
        let disk = SimulatedDisk(seed: 14)
        var bounded = settings(disk, segmentBytes: 64 << 10)
        bounded.bufferedBytesMax = 5_000
        let core = try LogCore.opened(bounded, from: nil) { _ in }
        var admitted = 0
        while try core.tryAdmit(500) { admitted += 1 }
        #expect(admitted == 10)
        let answers = Answers()
        core.admit(500) { answers.add($0) }
        #expect(answers.all.isEmpty)
        core.release(500)
        #expect(answers.all == [nil])
        #expect(try !core.tryAdmit(1))
    }
}
