import Base
import Glibc
import Platform
import Synchronization
import Testing

@testable import WriteAheadLog

/// A log on a simulated disk whose steps a test takes by hand.
func settings(_ disk: any Disk, segmentBytes: Int = 16 << 10) -> LogConfiguration {
    var configuration = LogConfiguration(directory: "/log", disk: disk, clock: Clock(monotonicNanos: { 0 }, wallMicros: { 7 }))
    configuration.segmentBytes = segmentBytes
    return configuration
}

/// What a test appended, and what it was told about it.
struct Written: Equatable {
    var transaction: UInt64
    var payload: [UInt8]
}

extension LogCore {
    static func make(_ disk: any Disk, from: LSN? = nil, segmentBytes: Int = 16 << 10) throws -> (core: LogCore, records: [LogRecord]) {
        var records: [LogRecord] = []
        let core = try LogCore.opened(settings(disk, segmentBytes: segmentBytes), from: from) { records.append($0) }
        return (core, records)
    }

    func put(_ payload: [UInt8], transaction: UInt64 = 1, kind: UInt8 = 3) throws -> LSN {
        guard try tryAdmit(payload.count) else { throw LeibrixError(.queueFull, "not admitted") }
        return try unsafe append(
            LogKind(rawValue: kind), transaction: transaction, payload: payload.span.bytes, admitted: payload.count, isUrgent: true).end
    }
}

private let noise = { () -> [UInt8] in
    var random = SeededGenerator(seed: 99)
    return (0..<310_000).map { _ in UInt8.random(in: 0...255, using: &random) }
}()

/// Bytes that differ by salt.
func pattern(_ count: Int, _ salt: Int = 0) -> [UInt8] { Array(noise[salt % 10_000..<salt % 10_000 + count]) }

/// Flags a closure sets and a test reads.
final class Answers: Sendable {
    private let list = Mutex<[LeibrixError?]>([])
    func add(_ error: LeibrixError?) { list.withLock { $0.append(error) } }
    var all: [LeibrixError?] { list.withLock { $0 } }
}

enum Settings {
    /// Longer runs of the same tests.
    static let isSoak = unsafe getenv("LEIBRIX_SOAK") != nil
}
