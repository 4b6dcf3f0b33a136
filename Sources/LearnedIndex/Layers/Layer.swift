// A layer of an index over bytes: a learned tree over eight bytes of the keys, as Masstree's layers (Mao, Kohler and
// Morris, EuroSys 2012). Where two keys share those eight bytes, the tree's value is a layer of its own over later bytes.
//
//   words 0..4   the tree's control block (LearnedTree.swift)
//   word 5       the offset of the eight bytes, a multiple of eight
//   word 6       bytes skipped: those before the offset that every key here shares and no layer above looks at
//   word 8..     the skipped bytes
//
// A value of a layer's tree is a record's address, or a layer's with bit 0 set.

struct Layer: Equatable {
    let block: Block

    static func bytes(skipped: Int) -> Int { 64 + (skipped + 7) & ~7 }

    init(block: Block) { self.block = block }

    /// A layer over a tree: `skipped` are the bytes just before `offset`.
    init(_ heap: NodeHeap, root: Entry, depth: Int, offset: Int, skipped: [UInt8]) {
        block = heap.allocate(bytes: Self.bytes(skipped: skipped.count))
        block[LearnedTree.depthWord] = UInt64(depth)
        block[5] = UInt64(offset)
        block[6] = UInt64(skipped.count)
        block[7] = 0
        block.setBytes(skipped.span, from: 0, at: 64)
        root.store(block, at: 0)
    }

    @inline(__always) var tree: LearnedTree { LearnedTree(control: block) }
    @inline(__always) var offset: Int { Int(truncatingIfNeeded: block[5]) }
    @inline(__always) var skippedCount: Int { Int(truncatingIfNeeded: block[6]) }
    @inline(__always) func skipped(_ index: Int) -> UInt8 { block.byte(64 &+ index) }
    var skippedBytes: [UInt8] { (0..<skippedCount).map { skipped($0) } }
    var bytes: Int { Self.bytes(skipped: skippedCount) }

    /// How many of the skipped bytes a key shares; all of them when it belongs here.
    func shared(_ key: Span<UInt8>) -> Int {
        let count = skippedCount
        let start = offset - count
        var index = 0
        while index < count, start + index < key.count, key[start + index] == skipped(index) { index += 1 }
        return index
    }

    /// Where a key lies beside all keys here: before (-1), after (1), or among them (0).
    func side(of key: Span<UInt8>) -> Int {
        let shared = shared(key)
        guard shared < skippedCount else { return 0 }
        let index = offset - skippedCount + shared
        return index < key.count && key[index] > skipped(shared) ? 1 : -1
    }
}

/// A value of a layer's tree.
enum Child {
    case record(Record)
    case layer(Layer)

    @inline(__always) init(_ bits: UInt64) {
        self = bits & 1 == 0 ? .record(Record(block: Block(bits: bits))) : .layer(Layer(block: Block(bits: bits & ~1)))
    }

    @inline(__always) var bits: UInt64 {
        switch self {
        case .record(let record): record.block.bits
        case .layer(let layer): layer.block.bits | 1
        }
    }
}
