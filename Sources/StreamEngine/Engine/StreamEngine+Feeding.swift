// Rows that wait in sources' buffers, worked on: by a thread of the engine's, by whoever calls `feed`, or by a producer that
// finds its buffer full.
internal import Base
internal import Platform
internal import Synchronization

/// The thread that works on pending rows.
final class Feeder: Sendable {
    let bell = Parker()
    let isStopped = Atomic<Bool>(false)
    let isAsleep = Atomic<Bool>(false)
    let end = Doorbell()
    private let pool = BlockingPool(name: "stream-feed", threads: 1)

    /// `feed` works on some rows and returns how many.
    func start(_ feed: @escaping @Sendable () -> Int) {
        pool.start { [self] in
            while !isStopped.load(ordering: .acquiring) {
                if feed() > 0 { continue }
                isAsleep.store(true, ordering: .sequentiallyConsistent)
                // What was offered before the flag was seen is found here, what comes after rings.
                if feed() == 0 && !isStopped.load(ordering: .acquiring) { bell.park() }
                isAsleep.store(false, ordering: .relaxed)
            }
            end.ring()
        }
    }

    func wake() { if isAsleep.load(ordering: .sequentiallyConsistent) { bell.unpark() } }

    /// Ends it without waiting.
    func cancel() {
        isStopped.store(true, ordering: .releasing)
        bell.unpark()
    }

    func stop() {
        cancel()
        _ = end.wait()
    }
}

extension StreamEngine {
    /// Works on rows that wait in sources' buffers, about `rowsMax` at most, each source in its turn. Returns how many.
    @discardableResult
    public func feed(rowsMax: Int = .max) -> Int {
        let now = clock.wallMicros()
        var done = 0
        var isIdle = false
        while done < rowsMax && !isIdle {
            isIdle = true
            for source in enter({ buffered }) {
                guard let pending = source.pending else { continue }
                let count = enter {
                    let count = feed(source, pending, min(StreamLimits.feedRowsMax, rowsMax - done), now)
                    source.settle()
                    return count
                }
                done += count
                if count > 0 { isIdle = false }
                if done >= rowsMax { break }
            }
        }
        return done
    }

    /// A source's oldest rows, at most `rowsMax`. Under the gate.
    @discardableResult
    func feed(_ source: StreamSource, _ pending: PendingRows, _ rowsMax: Int, _ now: Int64) -> Int {
        var done = 0
        while done < rowsMax, let rows = pending.take(rowsMax - done) {
            source.take(rows, now: now)
            done += rows.range.count
        }
        return done
    }

    /// A thread that works on pending rows as they come, until `stopFeeding`.
    public func startFeeding() {
        let made = feeder.withLock { feeder -> Feeder? in
            if feeder != nil { return nil }
            feeder = Feeder()
            return feeder
        }
        made?.start { [weak self] in self?.feed(rowsMax: StreamLimits.feedRowsMax) ?? 0 }
    }

    /// Ends the thread and waits for it. What is pending stays pending.
    public func stopFeeding() {
        let stopped = feeder.withLock { feeder -> Feeder? in
            defer { feeder = nil }
            return feeder
        }
        stopped?.stop()
    }

    @inline(__always)
    func wakeFeeder() { feeder.withLock { $0 }?.wake() }
}
