// The keys of an index's rows, loaded in bulk. Words are looked at where they lie first: rows mostly come in the order of their key,
// and then the index is made from the groups without copying a key. Otherwise keys are gathered a row group at a time and sorted.
internal import Base
internal import Catalog
internal import Columnar
internal import LearnedIndex
internal import Synchronization

final class KeyRuns: Sendable {
    /// One group's: words and row ids, or bytes one after the other with where each ends.
    fileprivate struct Run: Sendable {
        var words: [UInt64] = []
        var bytes: [UInt8] = []
        var ends: [Int] = []
        var rows: [UInt64] = []
    }

    /// What a first look at a group's words found.
    private struct Look: Sendable {
        var count = 0
        var first: UInt64 = 0
        var last: UInt64 = 0
        var ascends = true
    }

    private let groups: [RowGroupStore]
    private let index: TableIndex
    private let usesWords: Bool
    private let looks: Mutex<[Look]>
    private let runs: Mutex<[Run]>

    /// `index` says what the keys are.
    init(_ groups: [RowGroupStore], _ index: TableIndex) {
        self.groups = groups
        self.index = index
        usesWords = index.usesWords
        looks = Mutex(Array(repeating: Look(), count: groups.count))
        runs = Mutex(Array(repeating: Run(), count: groups.count))
    }

    /// Any thread, once a group.
    func look(_ number: Int) {
        guard usesWords else { return collect(number) }
        var look = Look()
        let (group, index) = (groups[number], index)
        let cells = unsafe group.access.pointee.columns
        group.forEachRestored { slot in
            guard let word = unsafe index.word(cells, slot) else { return }
            if look.count == 0 { look.first = word } else if word <= look.last { look.ascends = false }
            look.last = word
            look.count += 1
        }
        let done = look
        looks.withLock { $0[number] = done }
    }

    /// How many keys there are when they ascend over all groups.
    private var ascending: Int? {
        looks.withLock { looks in
            var (count, last) = (0, UInt64(0))
            for look in looks where look.count > 0 {
                guard look.ascends, count == 0 || look.first > last else { return nil }
                last = look.last
                count += look.count
            }
            return count
        }
    }

    private func collect(_ number: Int) {
        let (group, index) = (groups[number], index)
        var run = Run()
        run.rows.reserveCapacity(group.rows)
        let cells = unsafe group.access.pointee.columns
        if usesWords {
            run.words.reserveCapacity(group.rows)
            group.forEachRestored { slot in
                guard let word = unsafe index.word(cells, slot) else { return }
                run.words.append(word)
                run.rows.append(RowID(group: group.number, slot: slot).rawValue)
            }
        } else {
            var writer = KeyWriter()
            group.forEachRestored { slot in
                let row = RowID(group: group.number, slot: slot)
                _ = unsafe index.write(cells, slot, row, &writer)
                run.bytes += writer.bytes
                run.ends.append(run.bytes.count)
                run.rows.append(row.rawValue)
            }
        }
        runs.withLock { $0[number] = run }
    }

    /// Puts the keys into the index, once every group was looked at. Throws `corruptSegment` for keys that come twice.
    func fill() throws(LeibrixError) {
        do throws(LeibrixError) {
            switch index.tree {
            case .words(let tree): try fill(tree)
            case .bytes(let tree): try fill(tree, takeRuns())
            }
        } catch where error.code == .internal {
            throw CheckpointManifest.damaged("index \(index.definition.name)")
        }
    }

    private func fill(_ tree: LearnedIndex) throws(LeibrixError) {
        if let count = ascending {
            var cursor = WordCursor(groups, index)
            return try tree.load(count: count) { cursor.entry($0) }
        }
        try ParallelWork.run(groups.count) { (number) throws(LeibrixError) in self.collect(number) }
        let runs = takeRuns()
        let count = runs.reduce(0) { $0 + $1.words.count }
        var (keys, rows): ([UInt64], [UInt64]) = ([], [])
        keys.reserveCapacity(count)
        rows.reserveCapacity(count)
        for run in runs {
            keys += run.words
            rows += run.rows
        }
        KeySort.sort(&keys, &rows)
        let (sorted, values) = (keys.span, rows.span)
        try tree.load(count: count) { (sorted[$0], values[$0]) }
    }

    private func takeRuns() -> [Run] {
        runs.withLock { runs in
            defer { runs = [] }
            return runs
        }
    }

    /// In order, so that each key finds the end of what is there.
    private func fill(_ tree: BytesIndex, _ runs: [Run]) throws(LeibrixError) {
        var (heads, places): ([UInt64], [UInt64]) = ([], [])
        for (number, run) in runs.enumerated() {
            for place in run.ends.indices {
                heads.append(run.key(place).head)
                places.append(UInt64(number) << 32 | UInt64(place))
            }
        }
        KeySort.sort(&heads, &places)
        var first = 0
        while first < heads.count {
            var end = first + 1
            while end < heads.count, heads[end] == heads[first] { end += 1 }
            if end - first > 1 { Self.sortTies(runs, &places, first..<end) }
            for at in first..<end {
                let (run, place) = (runs[Int(places[at] >> 32)], Int(places[at] & 0xFFFF_FFFF))
                if tree.upsert(run.key(place), run.rows[place]) != nil { throw CheckpointManifest.damaged("index \(index.definition.name)") }
            }
            first = end
        }
    }

    private static func sortTies(_ runs: [Run], _ places: inout [UInt64], _ range: Range<Int>) {
        func key(_ place: UInt64) -> ArraySlice<UInt8> { runs[Int(place >> 32)].slice(Int(place & 0xFFFF_FFFF)) }
        var isSorted = true
        for at in range.dropFirst() where isSorted { isSorted = !key(places[at]).lexicographicallyPrecedes(key(places[at - 1])) }
        if !isSorted { places[range].sort { key($0).lexicographicallyPrecedes(key($1)) } }
    }
}

extension KeyRuns.Run {
    fileprivate func slice(_ place: Int) -> ArraySlice<UInt8> { bytes[(place == 0 ? 0 : ends[place - 1])..<ends[place]] }

    @_lifetime(borrow self)
    fileprivate func key(_ place: Int) -> Span<UInt8> { bytes.span.extracting((place == 0 ? 0 : ends[place - 1])..<ends[place]) }
}

extension Span<UInt8> {
    /// The first eight bytes as a number that compares as they do.
    fileprivate var head: UInt64 {
        var head: UInt64 = 0
        for place in 0..<8 { head = head << 8 | (place < count ? UInt64(self[place]) : 0) }
        return head
    }
}

/// Words and rows of live rows, one after the other.
private struct WordCursor {
    private let groups: [RowGroupStore]
    private let index: TableIndex
    private var group = 0
    private var slot = -1
    private var number = -1
    private var current: (key: UInt64, value: UInt64) = (0, 0)

    init(_ groups: [RowGroupStore], _ index: TableIndex) {
        self.groups = groups
        self.index = index
    }

    /// Entry `wanted`: the one of the last call, or the next.
    mutating func entry(_ wanted: Int) -> (key: UInt64, value: UInt64) {
        while number < wanted { advance() }
        return current
    }

    private mutating func advance() {
        while group < groups.count {
            let store = groups[group]
            slot += 1
            if slot >= store.rows {
                group += 1
                slot = -1
            } else if store.isRestored(slot), let word = unsafe index.word(store.access.pointee.columns, slot) {
                current = (word, RowID(group: store.number, slot: slot).rawValue)
                number += 1
                return
            }
        }
        number += 1
    }
}

/// Pairs by their keys, equal ones in the order they were: a byte at a time, from the lowest, bytes that all keys share left out
/// (least significant digit radix sort). O(pairs * bytes that differ); keys that ascend already cost one look.
enum KeySort {
    static func sort(_ keys: inout [UInt64], _ values: inout [UInt64]) {
        precondition(keys.count == values.count)
        guard !isAscending(keys.span) else { return }
        var differing: UInt64 = 0
        for key in keys { differing |= key ^ keys[0] }
        var (otherKeys, otherValues) = ([UInt64](repeating: 0, count: keys.count), [UInt64](repeating: 0, count: keys.count))
        for digit in 0..<8 where differing >> UInt64(digit * 8) & 0xFF != 0 {
            var toKeys = otherKeys.mutableSpan
            var toValues = otherValues.mutableSpan
            pass(keys.span, values.span, &toKeys, &toValues, shift: UInt64(digit * 8))
            swap(&keys, &otherKeys)
            swap(&values, &otherValues)
        }
    }

    private static func isAscending(_ keys: Span<UInt64>) -> Bool {
        for place in 1..<max(keys.count, 1) where keys[place] < keys[place - 1] { return false }
        return true
    }

    private static func pass(
        _ keys: Span<UInt64>, _ values: Span<UInt64>, _ toKeys: inout MutableSpan<UInt64>, _ toValues: inout MutableSpan<UInt64>, shift: UInt64
    ) {
        var starts = [Int](repeating: 0, count: 256)
        for place in 0..<keys.count { starts[Int(keys[place] &>> shift & 0xFF)] &+= 1 }
        var sum = 0
        for digit in 0..<256 {
            let count = starts[digit]
            starts[digit] = sum
            sum += count
        }
        for place in 0..<keys.count {
            let digit = Int(keys[place] &>> shift & 0xFF)
            let to = starts[digit]
            starts[digit] = to &+ 1
            toKeys[to] = keys[place]
            toValues[to] = values[place]
        }
    }
}
