// Walking all layers: what they hold, and whether they are what they say.
internal import Base

extension Layer {
    /// Calls `body` with each child, in order of slice.
    func forEachChild(_ body: (UInt64, Child) throws(LeibrixError) -> Void) throws(LeibrixError) {
        var next: UInt64? = 0
        var children: [(UInt64, UInt64)] = []
        while let from = next {
            children.removeAll(keepingCapacity: true)
            let step = tree.scanUp(from: from, through: .max, limit: Limits.scanChunk) { index, slice, bits in
                if index < children.count { children.removeSubrange(index...) }
                children.append((slice, bits))
            }
            for (slice, bits) in children.prefix(step.count) { try body(slice, Child(bits)) }
            next = step.next
        }
    }

    /// Adds up the nodes of this layer and those below; returns the depth in nodes of the deepest way.
    func add(to report: inout IndexReport) -> Int {
        report.add(tree.sums())
        var deepest = 0
        try? forEachChild { (_, child) throws(LeibrixError) in
            if case .layer(let below) = child { deepest = max(deepest, below.add(to: &report)) }
        }
        return tree.depth + 1 + deepest
    }

    /// Frees records, layers and nodes. No reader may be left.
    func free(_ heap: NodeHeap) {
        try? forEachChild { (_, child) throws(LeibrixError) in
            switch child {
            case .record(let record): heap.freeSmall(record.block, bytes: record.bytes)
            case .layer(let below): below.free(heap)
            }
        }
        tree.freeNodes(heap)
        heap.free(block, bytes: bytes)
    }

    /// Checks this layer and those below; `prefix` is what all keys here share. Returns bytes held, records, layers.
    func checkInvariants(prefix: [UInt8]) throws(LeibrixError) -> (bytes: Int, records: Int, layers: Int) {
        func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(LeibrixError) {
            if !condition { throw LeibrixError(.internal, "learned index: \(what())") }
        }
        var sum = (bytes: try tree.checkNodes() + Arena.rounded(bytes), records: 0, layers: 0)
        try require(offset % 8 == 0 && prefix.count + skippedCount == offset, "a layer at \(offset) after \(prefix.count) bytes skips \(skippedCount)")
        let shared = prefix + skippedBytes
        try forEachChild { (slice, child) throws(LeibrixError) in
            switch child {
            case .record(let record):
                try require(Array(record.key.prefix(offset)) == shared, "a record that does not share its layer's bytes")
                try require(Slice.of(record, offset) == slice, "a record under another's slice")
                sum.bytes += record.bytes
                sum.records += 1
            case .layer(let below):
                let own = (0..<8).map { UInt8(truncatingIfNeeded: slice >> UInt64(56 - $0 * 8)) }
                let found = try below.checkInvariants(prefix: shared + own)
                sum = (sum.bytes + found.bytes, sum.records + found.records, sum.layers + found.layers + 1)
            }
        }
        return sum
    }
}
