/// Records to come back to, each once: a bit in the record's header says that it is listed.
@safe
final class AddressList {
    private static let listed: UInt32 = 1 << 30

    private var items: Lane<Memory>
    private var capacity = 1_024
    private(set) var count = 0

    init() { unsafe items = Lane(.allocate(capacity: 1_024)) }

    deinit { unsafe items.base.deallocate() }

    subscript(_ index: Int) -> Memory { items[index] }

    @inline(__always)
    func addOnce(_ record: Memory) {
        let bits = record.load(4, as: UInt32.self)
        if bits & Self.listed != 0 { return }
        record.store(bits | Self.listed, at: 4)
        if count == capacity { grow() }
        items[count] = record
        count += 1
    }

    @inline(never)
    private func grow() {
        let larger: Lane<Memory> = unsafe Lane(.allocate(capacity: capacity * 2))
        larger.copy(from: items, count: count)
        unsafe items.base.deallocate()
        items = larger
        capacity *= 2
    }

    static func clear(_ record: Memory) { record.store(record.load(4, as: UInt32.self) & ~listed, at: 4) }

    func removeAll() { count = 0 }
}
