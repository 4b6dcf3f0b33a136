// Picks rows of a batch into a new one. Entries of strings and lists are copied, what they point at is not: the new
// batch is valid as long as the old one's memory.

extension Batch {
    /// Rows `rows` (each below `rowCount`) of the first `columnCount` columns, in that order.
    ///
    /// For use while the batch is: the result's strings and list elements stay the batch's own, which it keeps alive only
    /// as far as the batch has an owner. Linear in rows times columns.
    public func gathered(_ rows: [Int32], columnCount: Int) -> Batch {
        let memory = GatherMemory()
        let picked = columns[..<columnCount].map { $0.gathered(rows, memory) }
        return Batch(rowCount: rows.count, columns: picked, owner: GatherOwner(memory, self))
    }

    /// The first columns alone, over the same memory.
    public func prefix(columnCount: Int) -> Batch {
        Batch(rowCount: rowCount, columns: Array(columns[..<columnCount]), owner: self)
    }
}

private final class GatherOwner {
    private let memory: GatherMemory
    private let source: Batch

    init(_ memory: GatherMemory, _ source: Batch) {
        self.memory = memory
        self.source = source
    }
}

@safe
private final class GatherMemory {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    func take(_ bytes: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: Swift.max(bytes, 16), alignment: 16)
        unsafe blocks.append(block)
        return unsafe block
    }

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }
}

extension Column {
    fileprivate func gathered(_ rows: [Int32], _ memory: GatherMemory) -> Column {
        let children: [Column] =
            switch type.base {
            case .structure, .union: self.children.map { $0.gathered(rows, memory) }
            case .array(_, let size): self.children.map { $0.gathered(Self.expanded(rows, size), memory) }
            default: self.children
            }
        return unsafe Column(
            type: type, count: rows.count, validity: gatherValidity(rows, memory), data: gatherValues(rows, memory),
            children: children)
    }

    private static func expanded(_ rows: [Int32], _ size: Int) -> [Int32] {
        rows.flatMap { row in (0..<size).map { Int32(Int(row) * size + $0) } }
    }

    private func gatherValidity(_ rows: [Int32], _ memory: GatherMemory) -> UnsafePointer<UInt64>? {
        guard let validity = unsafe validity else { return nil }
        let words = (rows.count + 63) / 64
        let out = unsafe memory.take(words * 8).bindMemory(to: UInt64.self, capacity: words)
        for word in 0..<words { unsafe out[word] = 0 }
        for (index, row) in rows.enumerated() {
            let bit = unsafe (validity[Int(row) &>> 6] &>> UInt64(row & 63)) & 1
            unsafe out[index &>> 6] |= bit &<< UInt64(index & 63)
        }
        return unsafe UnsafePointer(out)
    }

    private func gatherValues(_ rows: [Int32], _ memory: GatherMemory) -> UnsafeRawPointer? {
        let width = type.physicalWidth
        guard width > 0, let data = unsafe data else { return nil }
        let out = unsafe memory.take(rows.count * width)
        switch width {
        case 1: unsafe Self.gather(data, rows, out, UInt8.self)
        case 2: unsafe Self.gather(data, rows, out, UInt16.self)
        case 4: unsafe Self.gather(data, rows, out, UInt32.self)
        case 8: unsafe Self.gather(data, rows, out, UInt64.self)
        default: unsafe Self.gather(data, rows, out, SIMD2<UInt64>.self)
        }
        return UnsafeRawPointer(out)
    }

    private static func gather<T: BitwiseCopyable>(
        _ data: UnsafeRawPointer, _ rows: [Int32], _ out: UnsafeMutableRawPointer, _: T.Type
    ) {
        let from = unsafe data.assumingMemoryBound(to: T.self)
        let to = unsafe out.bindMemory(to: T.self, capacity: rows.count)
        for index in rows.indices { unsafe to[index] = from[Int(rows[index])] }
    }
}
