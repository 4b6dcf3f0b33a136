// A stream over several cores: each row goes to the core of its key. The pusher is core 0 and works itself; when all that was
// pushed has been handed out it waits for the others, hands their rows on, and lets event time go on as the slowest has it.
// Between two pushes the workers are at rest, so ticks, checkpoints and statistics need no messages.
internal import Base

final class Router: Operator {
    private let keys: Lane<Int32>
    private let keyCount: Int
    private let kinds: [LaneKind]
    private let kindLane: Lane<LaneKind>
    private let texts: [Int]
    private let heads: [Operator]
    private let workers: [CoreWorker]
    private let direct: DirectOutput
    private let outlet: Outlet
    private let buffer: RowBuffer
    private let selections: [Lane<Int32>]
    private let rowsOfCore: Lane<Int>
    private var isPending: [Bool]
    private var advanced = Int64.min
    private let arena = Arena()

    /// `heads[0]` is run by the pusher, the others by workers of their own.
    init(keys: [Int], kinds: [LaneKind], heads: [Operator], direct: DirectOutput, outputs: [OutputBuffer], outlet: Outlet) {
        self.keys = arena.lane(Int32.self, count: keys.count)
        for (index, key) in keys.enumerated() { self.keys[index] = Int32(key) }
        keyCount = keys.count
        self.kinds = kinds
        kindLane = arena.lane(LaneKind.self, count: kinds.count)
        for (index, kind) in kinds.enumerated() { kindLane[index] = kind }
        texts = kinds.indices.filter { kinds[$0] == .text }
        self.heads = heads
        self.direct = direct
        self.outlet = outlet
        buffer = RowBuffer(kinds)
        workers = outputs.enumerated().map { CoreWorker(core: $0.offset + 1, kinds: kinds, head: heads[$0.offset + 1], output: $0.element) }
        selections = heads.map { [arena] _ in arena.lane(Int32.self, count: StreamLimits.chunkRowsMax) }
        rowsOfCore = arena.lane(Int.self, count: heads.count)
        isPending = heads.map { _ in false }
        super.init("router", next: nil)
    }

    deinit { for worker in workers { worker.stop() } }

    override func push(_ chunk: Chunk) {
        distribute(chunk)
        for core in 1..<heads.count {
            publish(core)
            let slot = workers[core - 1].nextSlot()
            slot.scratch.reset()
            slot.watermark = .min
            slot.chunk = slot.buffer.gather(chunk, selections[core], rowsOfCore[core])
            ownTexts(slot, rowsOfCore[core])
            isPending[core] = true
        }
        if rowsOfCore[0] == chunk.count { return heads[0].push(chunk) }
        if rowsOfCore[0] > 0 { heads[0].push(buffer.gather(chunk, selections[0], rowsOfCore[0])) }
    }

    private func distribute(_ chunk: Chunk) {
        let cores = heads.count
        for core in 0..<cores { rowsOfCore[core] = 0 }
        for row in 0..<chunk.count {
            var state: UInt64 = 0x5EED
            for index in 0..<keyCount {
                let key = Int(keys[index])
                state = Partition.hash(chunk.columns[key], kindLane[key], row, state)
            }
            let core = Int((state >> 32) % UInt64(cores))
            selections[core][rowsOfCore[core]] = Int32(truncatingIfNeeded: row)
            rowsOfCore[core] += 1
        }
    }

    private func ownTexts(_ slot: CoreWorker.Slot, _ count: Int) {
        for column in texts {
            let vector = slot.buffer.columns[column]
            for row in 0..<count where !vector.isNull(row) && !vector.texts[row].isInline {
                let text = vector.texts[row]
                let place = slot.scratch.take(text.count)
                place.copy(from: text.far, count: text.count)
                vector.texts[row] = TextRef(head: text.head, tail: UInt64(place.address))
            }
        }
    }

    private func publish(_ core: Int) {
        if isPending[core] { workers[core - 1].publish() }
        isPending[core] = false
    }

    override func advance(_ watermark: Int64) {
        for core in 1..<heads.count {
            if !isPending[core] {
                let slot = workers[core - 1].nextSlot()
                slot.chunk.count = 0
            }
            workers[core - 1].nextSlot().watermark = watermark
            workers[core - 1].publish()
            isPending[core] = false
        }
        heads[0].advance(watermark)
    }

    /// Waits for the cores and hands on what they made.
    override func settle() {
        for core in 1..<heads.count { publish(core) }
        var least = direct.watermark
        for worker in workers {
            worker.join()
            worker.output.drain(into: outlet)
            least = min(least, worker.output.watermark)
        }
        if least > advanced {
            advanced = least
            outlet.advance(least)
        }
        outlet.settle()
    }

    override func tick(_ now: Int64) {
        settle()
        for head in heads { head.tick(now) }
        settle()
        outlet.tick(now)
    }

    override func finish() {
        settle()
        for head in heads { head.finish() }
        settle()
        outlet.finish()
    }
}
