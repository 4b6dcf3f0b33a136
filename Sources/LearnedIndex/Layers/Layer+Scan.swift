// Ranges over layers: records in order are collected, a bounded number at a time, by going down the layers along the bound
// and taking everything beyond it.

/// Where a range starts or ends.
struct ByteBound {
    let key: [UInt8]
    let isIncluded: Bool
}

/// Records in order from a bound on.
struct RecordCollector {
    let limit: Int
    let isUp: Bool
    var records: [Record] = []

    init(limit: Int, isUp: Bool) {
        self.limit = limit
        self.isUp = isUp
        records.reserveCapacity(limit)
    }

    var isFull: Bool { records.count >= limit }

    /// Collects what a layer holds from the bound on (all of it when nil).
    mutating func collect(_ layer: Layer, from bound: ByteBound?) {
        guard let bound else { return collect(layer, from: isUp ? 0 : .max, bound: nil) }
        let side = layer.side(of: bound.key.span)
        if side == 0 { return collect(layer, from: Slice.of(bound.key.span, layer.offset), bound: bound) }
        if (side < 0) == isUp { collect(layer, from: isUp ? 0 : .max, bound: nil) }
    }

    private mutating func collect(_ layer: Layer, from first: UInt64, bound: ByteBound?) {
        var next: UInt64? = first
        var children: [(slice: UInt64, bits: UInt64)] = []
        while let from = next, !isFull {
            children.removeAll(keepingCapacity: true)
            let most = min(limit - records.count, Limits.scanChunk)
            let tree = layer.tree
            let step =
                isUp
                ? tree.scanUp(from: from, through: .max, limit: most) { index, slice, bits in Self.note(&children, index, slice, bits) }
                : tree.scanDown(from: from, through: 0, limit: most) { index, slice, bits in Self.note(&children, index, slice, bits) }
            for child in children.prefix(step.count) where !isFull {
                take(Child(child.bits), bound: child.slice == first ? bound : nil)
            }
            next = step.next
        }
    }

    /// A step that met the writer starts again at index zero.
    private static func note(_ children: inout [(slice: UInt64, bits: UInt64)], _ index: Int, _ slice: UInt64, _ bits: UInt64) {
        if index < children.count { children.removeSubrange(index...) }
        children.append((slice, bits))
    }

    private mutating func take(_ child: Child, bound: ByteBound?) {
        switch child {
        case .layer(let layer): collect(layer, from: bound)
        case .record(let record):
            if let bound {
                let order = record.compare(bound.key.span)
                if order == 0 ? !bound.isIncluded : (order < 0) == isUp { return }
            }
            records.append(record)
        }
    }
}
