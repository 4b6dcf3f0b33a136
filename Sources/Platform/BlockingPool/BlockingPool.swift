// Threads of their own for calls that block: DuckDB, fsync, SQLite. Work waits in one FIFO queue; threads are started
// when work finds none idle, up to a bound, and then stay. Swift's cooperative pool and the reactors never block.
public import Base
internal import CLinux
internal import Glibc
internal import Synchronization

public final class BlockingPool: Sendable {
    public let name: String
    public let threadsMax: Int
    private let queue: WorkQueue

    /// The threads of a background pool yield the processors to all others that want them.
    public init(name: String, threads: Int, isBackground: Bool = false) {
        precondition(threads > 0)
        self.name = name
        self.threadsMax = threads
        self.queue = WorkQueue(name: name, threadsMax: threads, isBackground: isBackground)
    }

    deinit { queue.stop() }

    /// Runs `body` on a thread of the pool and resumes the caller where it was. Not cancellable: `body` returns when it does.
    public func run<T: Sendable>(_ body: @escaping @Sendable () throws(LeibrixError) -> T) async throws(LeibrixError) -> T {
        let result: Result<T, LeibrixError> = await withCheckedContinuation { continuation in
            queue.push {
                do throws(LeibrixError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }

    /// Runs `body` on a thread of the pool without waiting for it.
    public func start(_ body: @escaping @Sendable () -> Void) { queue.push(body) }

    /// Work waiting for a thread.
    public var queued: Int { queue.waiting }
}

/// The queue and its threads. `lock` guards every field; `ready` wakes one idle thread a push.
@safe
private final class WorkQueue: @unchecked Sendable {
    private let name: String
    private let threadsMax: Int
    private let isBackground: Bool
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let ready: UnsafeMutablePointer<pthread_cond_t>
    private var work: [@Sendable () -> Void] = []
    private var head = 0
    private var threads = 0
    private var idle = 0
    private var stopped = false

    init(name: String, threadsMax: Int, isBackground: Bool) {
        self.name = name
        self.isBackground = isBackground
        self.threadsMax = threadsMax
        unsafe lock = .allocate(capacity: 1)
        unsafe ready = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(ready, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(ready)
        unsafe pthread_mutex_destroy(lock)
        unsafe ready.deallocate()
        unsafe lock.deallocate()
    }

    var waiting: Int {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return work.count - head
    }

    func push(_ body: @escaping @Sendable () -> Void) {
        unsafe pthread_mutex_lock(lock)
        work.append(body)
        let wanted = idle < work.count - head && threads < threadsMax
        if wanted { threads += 1 } else { unsafe pthread_cond_signal(ready) }
        unsafe pthread_mutex_unlock(lock)
        if wanted { startThread() }
    }

    func stop() {
        unsafe pthread_mutex_lock(lock)
        stopped = true
        unsafe pthread_cond_broadcast(ready)
        unsafe pthread_mutex_unlock(lock)
    }

    private func startThread() {
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let failed = unsafe pthread_create(
            &thread, nil,
            { context in
                let queue = unsafe Unmanaged<WorkQueue>.fromOpaque(context!).takeRetainedValue()
                queue.loop()
                return nil
            }, context)
        precondition(failed == 0, "no thread for pool \(name)")
        pthread_detach(thread)
    }

    private func loop() {
        unsafe lbx_name_thread(String(name.prefix(15)))
        // On Linux 0 is the calling thread, and a thread's own priority is not its process's.
        if isBackground { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19) }
        while let body = take() { body() }
    }

    /// The next piece of work, or nil when the pool is gone and its queue is empty.
    private func take() -> (@Sendable () -> Void)? {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while head == work.count {
            if stopped { return nil }
            idle += 1
            unsafe pthread_cond_wait(ready, lock)
            idle -= 1
        }
        let body = work[head]
        head += 1
        if head == work.count {
            work.removeAll(keepingCapacity: true)
            head = 0
        }
        return body
    }
}
