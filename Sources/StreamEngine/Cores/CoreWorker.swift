// One core beside the pusher's: a pinned thread that takes chunks from a ring and runs its own copy of the operators.
//
// The ring has one producer, the router, and one consumer, the thread; `published` and `done` only grow. Whoever waits
// spins for a moment and then sleeps. Once `done` has caught up the pusher may touch everything the worker owns: it
// reads `done` with acquire what the worker stored with release.
internal import Platform
internal import Synchronization

final class CoreWorker: @unchecked Sendable {
    static let slots = 8
    private static let spins = 4_000

    /// Rows for the worker, with texts of their own.
    final class Slot {
        let buffer: RowBuffer
        let scratch = TextScratch()
        var chunk: Chunk
        var watermark = Int64.min

        init(_ kinds: [LaneKind]) {
            buffer = RowBuffer(kinds)
            chunk = Chunk(count: 0, columns: buffer.columns)
        }
    }

    private let ring: [Slot]
    private let head: Operator
    let output: OutputBuffer
    private let core: Int
    private let published = Atomic<Int>(0)
    private let done = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    private let isAsleep = Atomic<Bool>(false)
    private let parker = Parker()
    private let pool: BlockingPool

    init(core: Int, kinds: [LaneKind], head: Operator, output: OutputBuffer) {
        self.core = core
        self.head = head
        self.output = output
        ring = (0..<Self.slots).map { _ in Slot(kinds) }
        pool = BlockingPool(name: "stream-\(core)", threads: 1)
        pool.start { [self] in loop() }
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        parker.unpark()
    }

    // MARK: the pusher's side

    /// A slot to fill; waits while the ring is full.
    func nextSlot() -> Slot {
        let number = published.load(ordering: .relaxed)
        while number - done.load(ordering: .acquiring) >= Self.slots { Cores.yield() }
        return ring[number % Self.slots]
    }

    /// Hands the slot that `nextSlot` gave to the worker.
    func publish() {
        published.add(1, ordering: .sequentiallyConsistent)
        if isAsleep.load(ordering: .sequentiallyConsistent) { parker.unpark() }
    }

    /// Waits until the worker has done all it was given.
    func join() {
        let number = published.load(ordering: .relaxed)
        while done.load(ordering: .acquiring) < number { Cores.yield() }
    }

    // MARK: the worker's side

    private func loop() {
        Cores.pin(core)
        var number = 0
        while wait(for: number) {
            let slot = ring[number % Self.slots]
            if slot.chunk.count > 0 { head.push(slot.chunk) }
            if slot.watermark > .min { head.advance(slot.watermark) }
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
