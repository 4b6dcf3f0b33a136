// A thread that calls back at a steady pace: for work that is due by the clock and belongs to no reactor.
internal import CLinux
internal import Glibc

/// Calls `body` every `milliseconds` on a thread of its own until it is stopped. A slow body delays the next call; calls
/// never overlap.
@safe
public final class Ticker: @unchecked Sendable {
    private let core: TickerCore

    public init(name: String, milliseconds: Int, body: @escaping @Sendable () -> Void) {
        core = TickerCore(name: name, milliseconds: milliseconds, body: body)
        core.start()
    }

    deinit { core.stop() }

    /// No call begins after this returns; one may still be running.
    public func stop() { core.stop() }
}

@safe
private final class TickerCore: @unchecked Sendable {
    private let name: String
    private let milliseconds: Int
    private let body: @Sendable () -> Void
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    private var stopped = false

    init(name: String, milliseconds: Int, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.milliseconds = milliseconds
        self.body = body
        unsafe lock = .allocate(capacity: 1)
        unsafe wake = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(wake, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(wake)
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
        unsafe wake.deallocate()
    }

    func start() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let failed = unsafe pthread_create(
            &thread, nil,
            { context in
                let core = unsafe Unmanaged<TickerCore>.fromOpaque(context!).takeRetainedValue()
                unsafe lbx_name_thread(String(core.name.prefix(15)))
                while core.wait() { core.body() }
                return nil
            }, context)
        precondition(failed == 0, "no thread for ticker \(name)")
        pthread_detach(thread)
    }

    func stop() {
        unsafe pthread_mutex_lock(lock)
        stopped = true
        unsafe pthread_cond_signal(wake)
        unsafe pthread_mutex_unlock(lock)
    }

    /// Sleeps one period; false when stopped.
    private func wait() -> Bool {
        var until = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &until)
        let nanos = until.tv_nsec + milliseconds % 1_000 * 1_000_000
        until.tv_sec += milliseconds / 1_000 + nanos / 1_000_000_000
        until.tv_nsec = nanos % 1_000_000_000
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while !stopped {
            if unsafe pthread_cond_timedwait(wake, lock, &until) == ETIMEDOUT { break }
        }
        return !stopped
    }
}
