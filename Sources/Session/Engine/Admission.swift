// Who may use the engine now: at most `running` pieces of work at a time, the rest in one FIFO queue with a bound.
//
// A piece of work is a hop: a statement's start with its first rows, or a group of further batches of a large result. A
// session has at most one at a time (and one ahead), so first come, first served is a fair share between sessions, and a
// large result takes turns with small statements. A thread that ends a piece of work takes the next one itself.
internal import Base
internal import Platform
internal import Synchronization

final class Admission: Sendable {
    private struct Waiter: Sendable {
        let number: UInt64
        let run: @Sendable () -> Void
        let fail: @Sendable (LeibrixError) -> Void
        let control: StatementControl?
    }

    private struct State {
        var running = 0
        var queue: [Waiter] = []
        var head = 0
        var next: UInt64 = 0

        var waiting: Int { queue.count - head }
    }

    let runningMax: Int
    let queueMax: Int
    private let pool: BlockingPool
    private let state = Mutex(State())

    init(runningMax: Int, queueMax: Int, pool: BlockingPool) {
        self.runningMax = runningMax
        self.queueMax = queueMax
        self.pool = pool
    }

    var counts: (running: Int, waiting: Int) { state.withLock { ($0.running, $0.waiting) } }

    /// Runs `body` on a thread of its own when its turn comes. Throws `queueFull`, or the control's error when the
    /// statement is stopped while it waits.
    func run<T: Sendable>(
        _ control: StatementControl, _ body: @escaping @Sendable () throws(LeibrixError) -> T
    ) async throws(LeibrixError) -> T {
        let result: Result<T, LeibrixError> = await withCheckedContinuation { continuation in
            submit(
                control: control, isBounded: true,
                fail: { continuation.resume(returning: .failure($0)) },
                run: {
                    do throws(LeibrixError) {
                        continuation.resume(returning: .success(try body()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                })
        }
        return try result.get()
    }

    /// Runs `body` when its turn comes, without a bound on the queue: for statements that already hold an executor.
    func start(_ body: @escaping @Sendable () -> Void) {
        submit(control: nil, isBounded: false, fail: { _ in }, run: body)
    }

    private func submit(
        control: StatementControl?, isBounded: Bool, fail: @escaping @Sendable (LeibrixError) -> Void,
        run: @escaping @Sendable () -> Void
    ) {
        enum Decision { case run, wait(UInt64), full }
        let decision = state.withLock { state -> Decision in
            if state.running < runningMax {
                state.running += 1
                return .run
            }
            if isBounded && state.waiting >= queueMax { return .full }
            state.next += 1
            state.queue.append(Waiter(number: state.next, run: run, fail: fail, control: control))
            return .wait(state.next)
        }
        switch decision {
        case .run: pool.start { self.work(run) }
        case .full:
            fail(LeibrixError(
                .queueFull, "\(queueMax) statements are waiting already", hint: "Try again later, or raise the queue's length."))
        case .wait(let number):
            guard let control else { return }
            if !control.wait({ self.abandon(number, control) }) { abandon(number, control) }
        }
    }

    /// Runs one piece of work and then those that wait, until none does.
    private func work(_ first: @Sendable () -> Void) {
        first()
        while let next = takeNext() {
            _ = next.control?.wait(nil)
            next.run()
        }
    }

    private func takeNext() -> Waiter? {
        state.withLock { state in
            guard state.waiting > 0 else {
                state.running -= 1
                return nil
            }
            let waiter = state.queue[state.head]
            state.head += 1
            if state.head > 64, state.head * 2 > state.queue.count {
                state.queue.removeFirst(state.head)
                state.head = 0
            }
            return waiter
        }
    }

    /// Takes a stopped statement out of the queue, if it is still there.
    private func abandon(_ number: UInt64, _ control: StatementControl) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.queue[state.head...].firstIndex(where: { $0.number == number }) else { return nil }
            return state.queue.remove(at: index)
        }
        guard let waiter else { return }
        do throws(LeibrixError) { try control.check() } catch { return waiter.fail(error) }
        waiter.fail(StatementControl.Stop.cancelled.error)
    }
}
