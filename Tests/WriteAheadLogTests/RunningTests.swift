// The log with its threads on the machine's disk.
import Base
import Platform
import Testing

@testable import WriteAheadLog

private final class Folder {
    let path = "/tmp/leibrix-wal-\(Random.integer(UInt64.self))"
    init() throws { try Files.createDirectory(path) }
    deinit { try? Files.removeTree(path) }
}

@Suite struct RunningTests {
    private func open(_ folder: Folder, segmentBytes: Int = 64 << 10) throws -> (WriteAheadLog, [LogRecord]) {
        var configuration = LogConfiguration(directory: folder.path + "/wal")
        configuration.segmentBytes = segmentBytes
        var records: [LogRecord] = []
        let log = try WriteAheadLog(configuration) { records.append($0) }
        return (log, records)
    }

    @Test func manyCommitters() async throws {
        let folder = try Folder()
        let (log, _) = try open(folder)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for committer in 0..<32 {
                group.addTask {
                    for round in 0..<40 {
                        let end = try await log.write(
                            LogKind(rawValue: 1), transaction: UInt64(committer), payload: pattern(200, committer &* 100 &+ round))
                        #expect(log.durable >= end)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(log.status.records == 32 * 40)
        log.close()
        await #expect(throws: LeibrixError.self) { try await log.write(LogKind(rawValue: 1), transaction: 1, payload: []) }
        let (again, records) = try open(folder)
        #expect(records.count == 32 * 40)
        for committer in 0..<32 {
            let own = records.filter { $0.transaction == UInt64(committer) }.map(\.payload)
            #expect(own == (0..<40).map { pattern(200, committer &* 100 &+ $0) })
        }
        again.close()
    }

    @Test func whatNobodyWaitsForIsWrittenAnyway() async throws {
        let folder = try Folder()
        let (log, _) = try open(folder)
        let end = try await log.write(LogKind(rawValue: 1), transaction: 1, payload: pattern(5), urgency: .later)
        try await log.durable(upTo: end)
        let last = try await log.write(LogKind(rawValue: 1), transaction: 2, payload: pattern(6), urgency: .later)
        log.close()
        #expect(log.durable == last)
        #expect(try open(folder).1.count == 2)
    }

    @Test func longRecordsAndManySegments() async throws {
        let folder = try Folder()
        let (log, _) = try open(folder)
        let payload = pattern(300_000)
        for number in 0..<4 { try await log.write(LogKind(rawValue: 1), transaction: UInt64(number), payload: payload) }
        var reader = try log.read(from: log.status.oldest)
        for _ in 0..<4 { #expect(try reader.next()?.payload == payload) }
        #expect(try reader.next() == nil)
        #expect(throws: LeibrixError.self) { _ = try log.tryAdmit(LogLimits.recordBytesMax + 1) }
        log.close()
    }

    @Test func aSecondServerIsRefused() throws {
        let folder = try Folder()
        let (log, _) = try open(folder)
        let error = #expect(throws: LeibrixError.self) { try open(folder) }
        #expect(error?.code == .directoryLocked)
        log.close()
    }
}
