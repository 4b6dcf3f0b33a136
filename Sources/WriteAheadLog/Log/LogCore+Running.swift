internal import Base
internal import Platform
internal import Synchronization

extension LogCore {
    /// Takes the directory, recovers, and stands ready without threads. The first segments are there.
    static func opened(
        _ configuration: LogConfiguration, from: LSN?, replay: (LogRecord) throws(LeibrixError) -> Void
    ) throws(LeibrixError) -> LogCore {
        let size = configuration.segmentBytes
        guard size >= 8192, size % 4096 == 0, size <= 1 << 32 else {
            throw LeibrixError(.configuration, "a log segment has \(size) bytes: a multiple of 4096 from 8192 to 4 GiB is needed")
        }
        try configuration.disk.createDirectory(configuration.directory)
        guard let lock = try configuration.disk.lockFile(configuration.directory + "/lock") else {
            throw LeibrixError(
                .directoryLocked, "the log in \(configuration.directory) is in use", hint: "Stop the server that has it, or use another directory.")
        }
        let opening = try LogOpening(configuration)
        let outcome = try opening.recover(from: from, replay)
        let core = LogCore(
            configuration, geometry: opening.geometry, identity: opening.identity, tail: outcome.tail,
            firstSegment: outcome.firstSegment, allocatedEnd: outcome.allocatedEnd, lock: lock)
        core.allocate()
        return core
    }

    var status: LogStatus {
        state.withLock { state in
            LogStatus(
                end: state.end, durable: durablePosition, oldest: geometry.firstFrame(ofSegment: state.firstSegment),
                records: state.counts.records, bytes: state.counts.bytes, groups: state.counts.groups,
                isFull: state.isFull || state.isStalled, failure: state.failure)
        }
    }

    /// Nothing is appended from now on.
    func close() {
        state.withLock { $0.isClosed = true }
        writerBell.ring()
        allocatorBell.ring()
    }

    /// The writer's thread: sleeps until records wait, lets unhurried ones gather, writes. Ends with the log.
    func runWriter() {
        // Every commit waits for this thread.
        Cores.shortenTurns()
        while true {
            switch writeGroup() {
            case .wrote: continue
            case .failed: return
            case .stalled:
                if state.withLock({ $0.isClosed }) { return giveUp() }
                Pause.milliseconds(LogLimits.fullDiskPauseMS)
            case .idle:
                if state.withLock({ $0.isClosed && $0.pending.isEmpty }) { return giveUp() }
                writerBell.wait()
                if !isUrgent { writerBell.wait(milliseconds: configuration.flushDelayMS) }
            }
        }
    }

    private var isUrgent: Bool { state.withLock { $0.isClosed || $0.isHurried || !$0.waiters.isEmpty } }

    /// Whoever waits still, waits for nothing.
    private func giveUp() {
        let bodies = state.withLock { state in
            state.isOver = true
            return state.takeEverybody()
        }
        for body in bodies { body(LogCore.closed) }
    }

    /// The allocator's thread.
    func runAllocator() {
        while state.withLock({ !$0.isClosed && $0.failure == nil }) {
            allocate()
            allocatorBell.wait()
        }
    }
}
