// A wake-up for one thread that waits for work: ringing is one atomic exchange while it is already awake.
internal import CLinux
internal import Glibc
internal import Synchronization

/// Rings are remembered, not counted: a wait after any number of rings returns at once, once.
@safe
public final class Doorbell: @unchecked Sendable {
    private let rung = Atomic<Bool>(false)
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>

    public init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe wake = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(wake, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(wake)
        unsafe pthread_mutex_destroy(lock)
        unsafe wake.deallocate()
        unsafe lock.deallocate()
    }

    public func ring() {
        if rung.exchange(true, ordering: .sequentiallyConsistent) { return }
        // Taken and given back so that a waiter between its look and its sleep is not missed.
        unsafe pthread_mutex_lock(lock)
        unsafe pthread_cond_signal(wake)
        unsafe pthread_mutex_unlock(lock)
    }

    /// Blocks until the bell rings; with a limit, false when it did not within so many milliseconds.
    @discardableResult
    public func wait(milliseconds: Int? = nil) -> Bool {
        var until = timespec()
        if let milliseconds {
            unsafe clock_gettime(CLOCK_REALTIME, &until)
            let nanos = until.tv_nsec + milliseconds % 1_000 * 1_000_000
            until.tv_sec += milliseconds / 1_000 + nanos / 1_000_000_000
            until.tv_nsec = nanos % 1_000_000_000
        }
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while !rung.exchange(false, ordering: .sequentiallyConsistent) {
            if milliseconds == nil {
                unsafe pthread_cond_wait(wake, lock)
            } else if unsafe pthread_cond_timedwait(wake, lock, &until) == ETIMEDOUT {
                return rung.exchange(false, ordering: .sequentiallyConsistent)
            }
        }
        return true
    }
}
