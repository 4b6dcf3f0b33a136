// Inserting into and erasing from layers. A layer is made when two keys share the eight bytes of the one above: it starts
// at the eight bytes in which they differ, and skips what lies between. A later key that differs inside the skipped bytes
// gets a layer there, above the one that skipped them. Offsets are multiples of eight, so nothing is ever cut anew.

extension Layer {
    /// A layer of no keys over the first eight bytes.
    static func top(_ heap: NodeHeap) -> Layer {
        let leaf = Leaf.build(heap, from: 0, count: 0, slots: 0, low: 0, high: .max)
        return Layer(heap, root: Entry(separator: 0, leaf: leaf), depth: 0, offset: 0, skipped: [])
    }

    /// A layer of two children whose slices at `offset` differ.
    private static func pair(_ heap: NodeHeap, offset: Int, skipped: [UInt8], _ one: (UInt64, Child), _ other: (UInt64, Child)) -> Layer {
        let (first, second) = one.0 < other.0 ? (one, other) : (other, one)
        heap.setScratch(0, first.0, first.1.bits)
        heap.setScratch(1, second.0, second.1.bits)
        let leaf = Leaf.build(heap, from: 0, count: 2, slots: Limits.leafSlotsMin, low: 0, high: .max)
        return Layer(heap, root: Entry(separator: 0, leaf: leaf), depth: 0, offset: offset, skipped: skipped)
    }

    /// Finds a key's record, or makes one. `isNew` says which.
    func insert(_ key: Span<UInt8>, _ value: UInt64, _ heap: NodeHeap) -> (record: Record, isNew: Bool) {
        var layer = self
        while true {
            let slice = Slice.of(key, layer.offset)
            guard let bits = layer.tree.lookup(slice) else {
                let record = Record.make(heap, key, value)
                _ = layer.tree.insert(slice, record.block.bits, replacing: false, heap)
                heap.records.add(1)
                return (record, true)
            }
            switch Child(bits) {
            case .layer(let below):
                let shared = below.shared(key)
                if shared == below.skippedCount {
                    layer = below
                    continue
                }
                let record = below.divide(at: shared, key, value, heap) { _ = layer.tree.update(slice, $0) }
                return (record, true)
            case .record(let there):
                if there.hasKey(key) { return (there, false) }
                let record = Record.make(heap, key, value)
                let difference = there.firstDifference(key)
                precondition(difference < key.count && difference < there.keyCount, "no key may begin with another")
                let offset = difference & ~7
                let below = Self.pair(
                    heap, offset: offset, skipped: (layer.offset + 8..<offset).map { key[$0] }, (Slice.of(there, offset), .record(there)),
                    (Slice.of(key, offset), .record(record)))
                _ = layer.tree.update(slice, Child.layer(below).bits)
                heap.records.add(1)
                heap.layers.add(1)
                return (record, true)
            }
        }
    }

    /// Puts a layer above this one, where `key` differs from the skipped bytes, with this one and the key's record in it.
    private func divide(at shared: Int, _ key: Span<UInt8>, _ value: UInt64, _ heap: NodeHeap, link: (UInt64) -> Void) -> Record {
        let skipped = skippedBytes
        let start = offset - skipped.count
        precondition(start + shared < key.count, "no key may begin with another")
        let middle = (start + shared) & ~7
        let lower = Layer(heap, root: tree.root, depth: tree.depth, offset: offset, skipped: Array(skipped[(middle + 8 - start)...]))
        let record = Record.make(heap, key, value)
        let slice = skipped[(middle - start)..<(middle + 8 - start)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let upper = Self.pair(
            heap, offset: middle, skipped: Array(skipped[..<(middle - start)]), (slice, .layer(lower)), (Slice.of(key, middle), .record(record)))
        link(Child.layer(upper).bits)
        heap.retire(block, bytes: bytes)
        heap.records.add(1)
        heap.layers.add(1)
        return record
    }

    /// Takes a key's record out. A layer left empty goes, one left with one record gives it to the layer above.
    func erase(_ key: Span<UInt8>, _ heap: NodeHeap) -> UInt64? {
        var path: [(layer: Layer, slice: UInt64)] = []
        var layer = self
        while true {
            let slice = Slice.of(key, layer.offset)
            guard let bits = layer.tree.lookup(slice) else { return nil }
            path.append((layer, slice))
            switch Child(bits) {
            case .layer(let below): layer = below
            case .record(let record):
                guard record.hasKey(key) else { return nil }
                let value = record.value
                _ = layer.tree.erase(slice, heap)
                heap.retire(record.block, bytes: record.bytes, isSmall: true)
                heap.records.add(-1)
                Self.collapse(path, heap)
                return value
            }
        }
    }

    private static func collapse(_ path: [(layer: Layer, slice: UInt64)], _ heap: NodeHeap) {
        for index in path.indices.dropFirst().reversed() {
            let layer = path[index].layer
            let above = path[index - 1]
            guard layer.tree.root.link.isInner == false, layer.tree.root.link.leaf.count <= 1 else { return }
            let leaf = layer.tree.root.link.leaf
            if leaf.count == 1 {
                guard case .record = Child(leaf.value(0)) else { return }
                _ = above.layer.tree.update(above.slice, leaf.value(0))
            } else {
                _ = above.layer.tree.erase(above.slice, heap)
            }
            heap.retire(leaf.block, bytes: Leaf.bytes(slots: leaf.slots))
            heap.retire(layer.block, bytes: layer.bytes)
            heap.layers.add(-1)
        }
    }
}
