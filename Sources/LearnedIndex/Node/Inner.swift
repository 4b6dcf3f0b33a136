// An inner node: entries in ascending order of separator, and a table that a linear model indexes.
//
//   word 0   children (16 bits), table slots (16), level (16): 1 is the leaves' parents
//   word 1   table model: base      word 2   multiplier      word 3   shift
//   word 4   the word that entries start at
//   word 8.. table: slots + 1 numbers of 16 bits, then the entries (Link.swift)
//
// `table[s]` is the last child whose separator the model puts before slot s (zero for none). A key in slot s belongs to a
// child of `table[s]...table[s + 1]`: separators of earlier slots are below the key, those of later slots above it. That
// holds for any model, so the search is exact, and its bound is the binary search over what one slot holds: one or two
// children where keys lie as the model says, log2(children) steps at worst, which is a B+-tree's node.
//
// But for links (and the models of leaves beside them), a node never changes once it is published: a node with another
// number of children is another node.

struct Inner {
    let block: Block

    static let headerWords = 8

    @inline(__always) init(block: Block) { self.block = block }

    @inline(__always) var count: Int { Int(truncatingIfNeeded: block[0] & 0xFFFF) }
    @inline(__always) var tableSlots: Int { Int(truncatingIfNeeded: block[0] >> 16 & 0xFFFF) }
    @inline(__always) var level: Int { Int(truncatingIfNeeded: block[0] >> 32 & 0xFFFF) }
    @inline(__always) private var model: Model { Model(base: block[1], multiplier: block[2], shift: block[3]) }
    @inline(__always) private var entriesStart: Int { Int(truncatingIfNeeded: block[4]) }
    @inline(__always) func word(of index: Int) -> Int { entriesStart &+ index &* Entry.words }

    @inline(__always) func entry(_ index: Int) -> Entry { Entry(block, at: word(of: index)) }
    @inline(__always) func separator(_ index: Int) -> UInt64 { block[word(of: index)] }
    @inline(__always) func link(_ index: Int) -> Link { Link(bits: block.acquire(word(of: index) &+ 1)) }

    /// The child that a key belongs to.
    @inline(__always) func child(for key: UInt64) -> Int {
        let slot = model.place(key, of: tableSlots)
        let table = Self.headerWords &* 4 &+ slot
        var low = block.half(table)
        var high = block.half(table &+ 1)
        if high &- low > 8 {
            while low < high {
                let middle = (low &+ high &+ 1) &>> 1
                if separator(middle) <= key { low = middle } else { high = middle &- 1 }
            }
            return low
        }
        while low < high, separator(low &+ 1) <= key { low &+= 1 }
        return low
    }

    /// Names to the processor what `child(for:)` will read: the table's slot, and the entries where they lie if the children
    /// are spread evenly over the table.
    @inline(__always) func prefetch(for key: UInt64) {
        let slots = tableSlots
        let slot = model.place(key, of: slots)
        block.prefetch(Self.headerWords &+ slot &>> 2)
        block.prefetch(word(of: (slot &* count) &>> slots.trailingZeroBitCount))
    }

    static func bytes(count: Int, tableSlots: Int) -> Int { (entriesStart(tableSlots) + count * Entry.words) * 8 }
    var bytes: Int { Self.bytes(count: count, tableSlots: tableSlots) }

    /// Entries start at a multiple of 32 bytes after the table.
    private static func entriesStart(_ tableSlots: Int) -> Int { (headerWords + (tableSlots + 1 + 3) / 4 + 3) & ~3 }

    /// A node over children in ascending order of separator.
    static func build(_ heap: NodeHeap, _ entries: ArraySlice<Entry>, level: Int) -> Inner {
        build(heap, count: entries.count, level: level) { entries[entries.startIndex &+ $0] }
    }

    @inline(__always) static func build(_ heap: NodeHeap, count: Int, level: Int, entry: (Int) -> Entry) -> Inner {
        var tableSlots = 1
        while tableSlots < count * 2, count > 2 { tableSlots *= 2 }
        let node = Inner(block: heap.allocate(bytes: bytes(count: count, tableSlots: tableSlots)))
        node.block[0] = UInt64(count) | UInt64(tableSlots) << 16 | UInt64(level) << 32
        node.block[4] = UInt64(entriesStart(tableSlots))
        for index in 0..<count { entry(index).store(node.block, at: node.word(of: index)) }
        let model =
            count > 2
            ? Model(from: node.separator(1), at: 1, to: node.separator(count - 1), at: Double(tableSlots - 1))
            : Model(base: 0, multiplier: 0, shift: 0)
        node.block[1] = model.base
        node.block[2] = model.multiplier
        node.block[3] = model.shift
        node.fillTable()
        return node
    }

    private func fillTable() {
        let model = model
        let slots = tableSlots
        var next = 0
        for child in 1..<max(count, 1) {
            let slot = model.place(separator(child), of: slots)
            while next <= slot {
                block.setHalf(Self.headerWords * 4 + next, child - 1)
                next += 1
            }
        }
        while next <= slots {
            block.setHalf(Self.headerWords * 4 + next, count - 1)
            next += 1
        }
    }

    /// The children as they are now.
    var entries: [Entry] { (0..<count).map { entry($0) } }

    /// Steps of the longest search inside one slot of the table.
    var worstSearch: Int {
        (0..<tableSlots).map { block.half(Self.headerWords * 4 + $0 + 1) - block.half(Self.headerWords * 4 + $0) }.max() ?? 0
    }
}
