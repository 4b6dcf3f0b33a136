public import Base

/// An ordered index from unique byte strings to 64-bit values: text, composites, wide numbers, as `KeyEncoder` writes them.
/// Layers of learned trees, each over eight bytes of the keys. Keys compare as unsigned bytes.
///
/// No key may begin with another key: `KeyEncoder`'s never do, for one list of columns. Bounds of ranges may be anything.
/// One writer at a time, which is the caller's to see to; readers from any thread without locks, as with `LearnedIndex`.
public final class BytesIndex: @unchecked Sendable {
    let heap: NodeHeap
    private let top: Layer

    public init(domain: EpochDomain = .shared) {
        heap = NodeHeap(domain: domain)
        top = Layer.top(heap)
    }

    deinit { top.free(heap) }

    public var count: Int { heap.records.now }
    public var isEmpty: Bool { count == 0 }
    /// Every byte held from the system, as `IndexReport.bytes`. O(1).
    public var bytes: Int { heap.held }

    // MARK: Readers

    /// The value of a key. O(bytes of the key) layers at worst, each as a `LearnedIndex`; allocates nothing.
    public func lookup(_ key: Span<UInt8>) -> UInt64? {
        let pin = heap.domain.enter()
        let value = find(key)?.value
        heap.domain.leave(pin)
        return value
    }

    public func lookup(_ key: [UInt8]) -> UInt64? { lookup(key.span) }

    @inline(__always) private func find(_ key: Span<UInt8>) -> Record? {
        var layer = top
        while let bits = layer.tree.lookup(Slice.of(key, layer.offset)) {
            switch Child(bits) {
            case .layer(let below): layer = below
            case .record(let record): return record.hasKey(key) ? record : nil
            }
        }
        return nil
    }

    /// The entries from `lower` to `upper` (nil: no bound) in ascending order, until `body` returns false. Each entry is as
    /// it was at some moment of the call. `body` may call the index; what it keeps of the key it must copy.
    public func scan(
        from lower: [UInt8]? = nil, inclusive: Bool = true, to upper: [UInt8]? = nil, upperInclusive: Bool = true,
        _ body: (Span<UInt8>, UInt64) throws -> Bool
    ) rethrows {
        try scan(lower.map { ByteBound(key: $0, isIncluded: inclusive) }, upper.map { ByteBound(key: $0, isIncluded: upperInclusive) }, isUp: true, body)
    }

    /// The same range from `upper` down to `lower`.
    public func scanReverse(
        from upper: [UInt8]? = nil, inclusive: Bool = true, to lower: [UInt8]? = nil, lowerInclusive: Bool = true,
        _ body: (Span<UInt8>, UInt64) throws -> Bool
    ) rethrows {
        try scan(upper.map { ByteBound(key: $0, isIncluded: inclusive) }, lower.map { ByteBound(key: $0, isIncluded: lowerInclusive) }, isUp: false, body)
    }

    private func scan(_ first: ByteBound?, _ last: ByteBound?, isUp: Bool, _ body: (Span<UInt8>, UInt64) throws -> Bool) rethrows {
        var bound = first
        var limit = 8
        while true {
            let pin = heap.domain.enter()
            defer { heap.domain.leave(pin) }
            var collector = RecordCollector(limit: limit, isUp: isUp)
            collector.collect(top, from: bound)
            for record in collector.records {
                let key = record.key
                if let last {
                    let order = record.compare(last.key.span)
                    if order == 0 ? !last.isIncluded : (order > 0) == isUp { return }
                }
                if try !body(key.span, record.value) { return }
                bound = ByteBound(key: key, isIncluded: false)
            }
            if !collector.isFull { return }
            limit = Limits.recordChunk
        }
    }

    // MARK: The writer

    /// Inserts a key. Returns nil, or, when the key is there, its value, and changes nothing.
    public func insert(_ key: Span<UInt8>, _ value: UInt64) -> UInt64? {
        let (record, isNew) = top.insert(key, value, heap)
        return isNew ? nil : record.value
    }

    /// Inserts a key or replaces its value, which is returned.
    public func upsert(_ key: Span<UInt8>, _ value: UInt64) -> UInt64? {
        let (record, isNew) = top.insert(key, value, heap)
        guard !isNew else { return nil }
        let old = record.value
        record.setValue(value)
        return old
    }

    /// Replaces the value of a key that is there and returns the old one; nil, and no change, when it is not.
    public func update(_ key: Span<UInt8>, _ value: UInt64) -> UInt64? {
        guard let record = find(key) else { return nil }
        let old = record.value
        record.setValue(value)
        return old
    }

    /// Takes a key out and returns its value; nil when it is not there.
    public func erase(_ key: Span<UInt8>) -> UInt64? { top.erase(key, heap) }

    public func insert(_ key: [UInt8], _ value: UInt64) -> UInt64? { insert(key.span, value) }
    public func upsert(_ key: [UInt8], _ value: UInt64) -> UInt64? { upsert(key.span, value) }
    public func update(_ key: [UInt8], _ value: UInt64) -> UInt64? { update(key.span, value) }
    public func erase(_ key: [UInt8]) -> UInt64? { erase(key.span) }

    /// Frees what was replaced and is no longer looked at. The writer's; done by itself now and then.
    public func reclaim() { heap.sweep(atMost: .max) }

    // MARK: What it is made of

    /// O(n): layers are found through the entries above them.
    public func report() -> IndexReport {
        let pin = heap.domain.enter()
        defer { heap.domain.leave(pin) }
        var report = IndexReport(heap)
        report.keys = heap.records.now
        report.layers = heap.layers.now + 1
        report.depth = top.add(to: &report)
        return report
    }

    /// Checks every layer, node, entry and bound, and that the memory counted is the memory there. The writer's; O(n).
    public func checkInvariants() throws(LeibrixError) {
        let found = try top.checkInvariants(prefix: [])
        let held = heap.bytes.now - heap.waitingBytes.now
        guard found.bytes == held else { throw LeibrixError(.internal, "learned index: layers take \(found.bytes) bytes, \(held) are counted") }
        guard found.records == heap.records.now, found.layers == heap.layers.now else {
            throw LeibrixError(.internal, "learned index: \(found.records) records in \(found.layers) layers, \(heap.records.now) in \(heap.layers.now) are counted")
        }
    }
}
