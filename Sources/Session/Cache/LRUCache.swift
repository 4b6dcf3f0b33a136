/// A bounded map that lets the least recently used entry go. Every operation is constant time.
///
/// Entries lie in an array and are linked by use; -1 ends the list.
struct LRUCache<Key: Hashable, Value> {
    private struct Entry {
        var key: Key
        var value: Value
        var newer = -1
        var older = -1
    }

    let countMax: Int
    private var slots: [Key: Int] = [:]
    private var entries: [Entry] = []
    private var newest = -1
    private var oldest = -1

    init(countMax: Int) {
        precondition(countMax > 0)
        self.countMax = countMax
    }

    var count: Int { entries.count }

    mutating func value(for key: Key) -> Value? {
        guard let slot = slots[key] else { return nil }
        if slot != newest {
            unlink(slot)
            link(slot)
        }
        return entries[slot].value
    }

    mutating func insert(_ value: Value, for key: Key) {
        if let slot = slots[key] {
            entries[slot].value = value
            return
        }
        if entries.count < countMax {
            entries.append(Entry(key: key, value: value))
            slots[key] = entries.count - 1
            link(entries.count - 1)
        } else {
            let slot = oldest
            unlink(slot)
            slots[entries[slot].key] = nil
            entries[slot] = Entry(key: key, value: value)
            slots[key] = slot
            link(slot)
        }
    }

    mutating func removeAll() { self = LRUCache(countMax: countMax) }

    private mutating func link(_ slot: Int) {
        entries[slot].newer = -1
        entries[slot].older = newest
        if newest >= 0 { entries[newest].newer = slot }
        newest = slot
        if oldest < 0 { oldest = slot }
    }

    private mutating func unlink(_ slot: Int) {
        let (newer, older) = (entries[slot].newer, entries[slot].older)
        if newer >= 0 { entries[newer].older = older } else { newest = older }
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
    }
}
