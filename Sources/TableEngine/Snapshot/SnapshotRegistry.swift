// Which snapshots are in use: one slot a transaction, holding its snapshot's commit number plus one; 0 is free.
//
// The horizon is the oldest commit number that anybody still looks from. What ended at or before it is nobody's. Two races:
// 1. A transaction reads the last commit number, and the horizon moves past it before its slot says so. Therefore a collector
//    announces its horizon first and looks at the slots again, and a transaction looks at the announced horizon after it has
//    written its slot, and starts again when that is newer. One of the two sees the other.
// 2. READ COMMITTED moves a slot forward while a collector looks: it sees the old number or the new one, both are right.
internal import Base
internal import Synchronization

@safe
final class SnapshotRegistry: @unchecked Sendable {
    private static let stride = 8
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>
    private let used = Atomic<Int>(0)
    private let announced = Atomic<UInt64>(0)
    private let hint = Atomic<UInt64>(0)

    init() {
        let count = TableEngineLimits.transactionsMax * Self.stride
        unsafe slots = .allocate(capacity: count)
        for index in 0..<count { unsafe (slots + index).initialize(to: Atomic(0)) }
    }

    deinit { unsafe slots.deallocate() }

    /// Registers the newest snapshot that `current` gives, in a slot that was used before if that is free. nil when there are too
    /// many transactions.
    func enter(_ current: borrowing Atomic<UInt64>, preferring preferred: Int? = nil) -> (slot: Int, snapshot: UInt64)? {
        let seen = current.load(ordering: .acquiring)
        guard let slot = preferred.flatMap({ take($0, seen) ? $0 : nil }) ?? claim(seen) else { return nil }
        while true {
            let snapshot = current.load(ordering: .acquiring)
            unsafe slots[slot * Self.stride].store(snapshot + 1, ordering: .sequentiallyConsistent)
            if announced.load(ordering: .sequentiallyConsistent) <= snapshot { return (slot, snapshot) }
        }
    }

    private func claim(_ snapshot: UInt64) -> Int? {
        // Neighbours in time try neighbouring slots; few are ever used, so that collectors look at few.
        let width = UInt64(max(16, used.load(ordering: .relaxed)))
        for attempt in 0..<UInt64(TableEngineLimits.transactionsMax) {
            let start = attempt < width ? hint.wrappingAdd(1, ordering: .relaxed).newValue % width : attempt
            let slot = Int(start)
            if take(slot, snapshot) {
                used.max(slot + 1, ordering: .sequentiallyConsistent)
                return slot
            }
        }
        return nil
    }

    private func take(_ slot: Int, _ snapshot: UInt64) -> Bool {
        unsafe slots[slot * Self.stride].compareExchange(expected: 0, desired: snapshot + 1, ordering: .sequentiallyConsistent).exchanged
    }

    func move(_ slot: Int, to snapshot: UInt64) { unsafe slots[slot * Self.stride].store(snapshot + 1, ordering: .sequentiallyConsistent) }
    func leave(_ slot: Int) { unsafe slots[slot * Self.stride].store(0, ordering: .releasing) }

    /// The oldest snapshot in use, at most `newest`. O(slots ever used at once).
    func horizon(newest: UInt64) -> UInt64 {
        let first = oldest(newest)
        announced.max(first, ordering: .sequentiallyConsistent)
        return min(first, oldest(newest))
    }

    private func oldest(_ newest: UInt64) -> UInt64 {
        var result = newest
        for slot in 0..<used.load(ordering: .sequentiallyConsistent) {
            let value = unsafe slots[slot * Self.stride].load(ordering: .sequentiallyConsistent)
            if value > 0 { result = min(result, value - 1) }
        }
        return result
    }

    /// Transactions that run now.
    var count: Int {
        (0..<used.load(ordering: .relaxed)).count { unsafe slots[$0 * Self.stride].load(ordering: .relaxed) > 0 }
    }
}
