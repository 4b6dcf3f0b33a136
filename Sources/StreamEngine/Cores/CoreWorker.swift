// One core beside the pusher's: a pinned thread that takes its rows from the chunks it is shown and runs its own copy of the operators.
//
// The ring has one producer, the router, and one consumer, the thread; `published` and `done` only grow. Chunks are views that
// stay until the pusher has joined. Whoever waits spins for a moment and then sleeps, or lets others go first. Once `done` has caught up
// the pusher may touch everything the worker owns: it reads `done` with acquire what the worker stored with release.
internal import Platform
internal import Synchronization

final class CoreWorker: @unchecked Sendable {
    private static let slots = 8
    private static let spins = 4_000

    /// What is done next: rows of an input, or its event time.
    private struct Task: BitwiseCopyable {
        var input: Int
        var chunk: Chunk
        var watermark: Int64
    }

    private let ring: Lane<Task>
    private let inputs: [CoreInput]
    let output: OutputBuffer
    private let core: Int
    private let published = Atomic<Int>(0)
    private let done = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    private let isAsleep = Atomic<Bool>(false)
    private let parker = Parker()
    private let pool: BlockingPool
    private let arena = Arena()

    init(core: Int, inputs: [CoreInput], output: OutputBuffer) {
        self.core = core
        self.inputs = inputs
        self.output = output
        ring = arena.lane(Task.self, count: Self.slots)
        pool = BlockingPool(name: "stream-\(core)", threads: 1)
        pool.start { [self] in loop() }
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        parker.unpark()
    }

    // MARK: the pusher's side

    /// Shows the worker rows of an input. They stay as they are until `join`.
    func push(_ input: Int, _ chunk: Chunk) { publish(Task(input: input, chunk: chunk, watermark: .min)) }

    func advance(_ input: Int, _ watermark: Int64) { publish(Task(input: input, chunk: Chunk(count: 0, columns: .absent), watermark: watermark)) }

    private func publish(_ task: Task) {
        let number = published.load(ordering: .relaxed)
        while number - done.load(ordering: .acquiring) >= Self.slots { Cores.yield() }
        ring[number % Self.slots] = task
        published.store(number + 1, ordering: .sequentiallyConsistent)
        if isAsleep.load(ordering: .sequentiallyConsistent) { parker.unpark() }
    }

    /// Waits until the worker has done all it was given.
    @inline(__always)
    func join() {
        let number = published.load(ordering: .relaxed)
        if done.load(ordering: .acquiring) < number { wait(until: number) }
    }

    @inline(never)
    private func wait(until number: Int) {
        var spins = 0
        while done.load(ordering: .acquiring) < number {
            spins += 1
            if spins > Self.spins { Cores.yield() }
        }
    }

    // MARK: the worker's side

    private func loop() {
        Cores.pin(core)
        var number = 0
        while wait(for: number) {
            let task = ring[number % Self.slots]
            if task.chunk.count > 0 { inputs[task.input].push(task.chunk) } else { inputs[task.input].head.advance(task.watermark) }
            number += 1
            done.store(number, ordering: .releasing)
        }
    }

    /// False when the worker is to end.
    private func wait(for number: Int) -> Bool {
        while true {
            for _ in 0..<Self.spins {
                if published.load(ordering: .acquiring) > number { return true }
                if isStopped.load(ordering: .relaxed) { return false }
            }
            isAsleep.store(true, ordering: .sequentiallyConsistent)
            if published.load(ordering: .sequentiallyConsistent) <= number && !isStopped.load(ordering: .acquiring) { parker.park() }
            isAsleep.store(false, ordering: .relaxed)
        }
    }
}
