// The log without its threads: appending, one step of the writer, one step of the allocator. The threads of
// `WriteAheadLog` call the steps when bells ring; tests call them by hand, so that a seed decides all that happens.
internal import Base
internal import Platform
internal import Synchronization

@safe
final class LogCore: Sendable {
    let configuration: LogConfiguration
    let geometry: Geometry
    let identity: LogIdentity
    let state: Mutex<LogState>
    /// What only the writer's step touches.
    let writer: Mutex<Writer>
    /// Files of truncated segments that wait to be used again; only allocation and truncation touch it.
    let allocation: Mutex<Allocation>
    /// Everything below is on stable storage.
    let durable: Atomic<UInt64>
    let writerBell = Doorbell()
    let allocatorBell = Doorbell()
    private let lock: Mutex<(any Sendable & AnyObject)?>

    struct Writer {
        /// Taken from the state and not yet written and synced.
        var group = AppendBuffer()
        var files: [UInt64: any DiskFile] = [:]
    }

    struct Allocation {
        var recycled: [String] = []
        var nextRecycled = 0
        /// Nothing is tried before.
        var pausedUntilNanos: UInt64 = 0
    }

    init(
        _ configuration: LogConfiguration, geometry: Geometry, identity: LogIdentity, tail: LSN, firstSegment: UInt64,
        allocatedEnd: LSN, lock: any Sendable & AnyObject
    ) {
        self.configuration = configuration
        self.geometry = geometry
        self.identity = identity
        self.lock = Mutex(lock)
        state = Mutex(LogState(end: tail, allocatedEnd: allocatedEnd, firstSegment: firstSegment))
        writer = Mutex(Writer())
        allocation = Mutex(Allocation())
        durable = Atomic(tail.rawValue)
    }

    var durablePosition: LSN { LSN(rawValue: durable.load(ordering: .acquiring)) }

    func path(_ name: String) -> String { configuration.directory + "/" + name }
    func path(ofSegment index: UInt64) -> String { path(Geometry.name(ofSegment: index)) }

    /// Gives the directory up: nobody writes to it from here any more.
    func unlock() { lock.withLock { $0 = nil } }

    static func failed(_ cause: LeibrixError) -> LeibrixError {
        LeibrixError(
            .logFailed, "the write-ahead log could not be written: nothing is committed any more", detail: cause.message,
            hint: "Reads go on. Check the disk and start the server again: it recovers every acknowledged commit.")
    }

    static let closed = LeibrixError(.shuttingDown, "the write-ahead log is closed")
}
