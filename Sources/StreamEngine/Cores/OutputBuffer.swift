/// Where a core's rows wait until the pusher hands them on, texts copied; and how far the core's event time has come.
final class OutputBuffer: Operator {
    private let kinds: [LaneKind]
    private let texts: [Int]
    private var buffers: [RowBuffer] = []
    private var counts0: [Int] = []
    private var used = 0
    private let scratch = TextScratch()
    private var hasWeights = false
    private var mark = Int64.min
    private(set) var watermark = Int64.min

    init(_ kinds: [LaneKind]) {
        self.kinds = kinds
        texts = kinds.indices.filter { kinds[$0] == .text }
        super.init("core output", next: nil)
    }

    override func push(_ chunk: Chunk) {
        var row = 0
        while row < chunk.count {
            if used == 0 || counts0[used - 1] == StreamLimits.chunkRowsMax { open() }
            let buffer = buffers[used - 1]
            let count = min(chunk.count - row, StreamLimits.chunkRowsMax - counts0[used - 1])
            for _ in 0..<count {
                let place = counts0[used - 1]
                buffer.copyRow(chunk, row, to: place)
                buffer.weights[place] = chunk.weight(row)
                buffer.marks[place] = chunk.mark(row)
                TextCopy.own(buffer.columns, texts, place, scratch)
                counts0[used - 1] += 1
                row += 1
            }
        }
        hasWeights = hasWeights || chunk.hasWeights
    }

    private func open() {
        if used == buffers.count {
            buffers.append(RowBuffer(kinds))
            counts0.append(0)
        }
        counts0[used] = 0
        used += 1
    }

    override func advance(_ watermark: Int64) { self.watermark = watermark }

    /// Hands everything on and forgets it.
    func drain(into next: Operator) {
        for index in 0..<used {
            var chunk = buffers[index].chunk(counts0[index], mark: mark)
            chunk.marks = buffers[index].marks
            chunk.hasMarks = true
            chunk.weights = buffers[index].weights
            chunk.hasWeights = hasWeights
            next.push(chunk)
        }
        used = 0
        hasWeights = false
        scratch.reset()
    }
}

/// The pusher's own core: rows go on at once, event time waits for the other cores.
final class DirectOutput: Operator {
    private(set) var watermark = Int64.min

    init(_ next: Operator) { super.init("core output", next: next) }

    override func advance(_ watermark: Int64) { self.watermark = watermark }
    override func tick(_ now: Int64) {}
    override func finish() {}
    override func settle() {}
}

enum TextCopy {
    /// Makes the long texts of a row the scratch's own.
    @inline(__always)
    static func own(_ columns: Lane<Vector>, _ texts: [Int], _ row: Int, _ scratch: TextScratch) {
        var index = 0
        while index < texts.count {
            let vector = columns[texts[index]]
            let text = vector.texts[row]
            if !text.isInline && vector.nulls[row] == 0 {
                let place = scratch.take(text.count)
                place.copy(from: text.far, count: text.count)
                vector.texts[row] = TextRef(head: text.head, tail: UInt64(place.address))
            }
            index += 1
        }
    }
}
