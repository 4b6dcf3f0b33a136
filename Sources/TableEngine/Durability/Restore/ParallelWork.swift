// Independent pieces of work on as many threads as there are processors, for who may block.
internal import Base
internal import Platform
internal import Synchronization

final class ParallelWork: Sendable {
    static let threadsMax = 16

    private struct State {
        var next = 0
        var running = 0
        var failure: LeibrixError?
    }

    private let state = Mutex(State())
    private let count: Int
    private let body: @Sendable (Int) throws(LeibrixError) -> Void

    private init(_ count: Int, _ body: @escaping @Sendable (Int) throws(LeibrixError) -> Void) {
        self.count = count
        self.body = body
    }

    /// Calls `body` for 0..<count, in no order. Returns when all calls have; throws the first error, after which none is begun.
    static func run(
        _ count: Int, threads most: Int = threadsMax, _ body: @escaping @Sendable (Int) throws(LeibrixError) -> Void
    ) throws(LeibrixError) {
        let threads = min(count, Cores.count, threadsMax, most)
        let work = ParallelWork(count, body)
        if threads > 1 {
            let pool = BlockingPool(name: "restore", threads: threads)
            let bell = Doorbell()
            work.state.withLock { $0.running = threads }
            for _ in 0..<threads {
                pool.start {
                    work.loop()
                    if work.state.withLock({ $0.running -= 1; return $0.running == 0 }) { bell.ring() }
                }
            }
            bell.wait()
        } else {
            work.loop()
        }
        if let failure = work.state.withLock({ $0.failure }) { throw failure }
    }

    private func loop() {
        while let index = take() {
            do throws(LeibrixError) {
                try body(index)
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
            }
        }
    }

    private func take() -> Int? {
        state.withLock { state in
            guard state.failure == nil, state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }
}
