internal import Base
internal import Glibc

/// Where a thread waits for the end of a wait.
@safe
final class WaitAnswer: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let given: UnsafeMutablePointer<pthread_cond_t>
    private var answer: LeibrixError??

    init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe given = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe pthread_cond_init(given, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(given)
        unsafe pthread_mutex_destroy(lock)
        unsafe given.deallocate()
        unsafe lock.deallocate()
    }

    func give(_ error: LeibrixError?) {
        unsafe pthread_mutex_lock(lock)
        answer = .some(error)
        unsafe pthread_cond_signal(given)
        unsafe pthread_mutex_unlock(lock)
    }

    func take() -> LeibrixError? {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while true {
            if let answer { return answer }
            unsafe pthread_cond_wait(given, lock)
        }
    }
}
