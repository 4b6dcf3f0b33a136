// Processors, and waiting on them for moments too short to sleep.
internal import CLinux
internal import Glibc

public enum Cores {
    /// Processors this thread may run on; at least one.
    public static var count: Int { max(Int(lbx_processors()), 1) }

    /// Keeps the calling thread on one processor, counted from 0 among those it may use. Numbers beyond them wrap. A refusal
    /// by the kernel is no error: the thread runs where it may.
    public static func pin(_ number: Int) { _ = lbx_pin_thread(Int32(number)) }

    /// Asks for short turns on the processor for the calling thread, so that it gets one soon when it wakes while others are busy: for
    /// threads that work for microseconds and that many wait for. A kernel that knows no such wish refuses, which is no error.
    public static func shortenTurns() { _ = lbx_shorten_turns(100_000) }

    /// Lets another thread of this processor go first.
    public static func yield() { _ = sched_yield() }
}

/// A place where one thread sleeps until another wakes it. A wake that comes first is kept.
@safe
public final class Parker: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let wake: UnsafeMutablePointer<pthread_cond_t>
    private var isWoken = false

    public init() {
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

    public func park() {
        unsafe pthread_mutex_lock(lock)
        while !isWoken { unsafe pthread_cond_wait(wake, lock) }
        isWoken = false
        unsafe pthread_mutex_unlock(lock)
    }

    public func unpark() {
        unsafe pthread_mutex_lock(lock)
        isWoken = true
        unsafe pthread_cond_signal(wake)
        unsafe pthread_mutex_unlock(lock)
    }
}
