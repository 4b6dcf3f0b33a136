// Budgets of layout and memory: what a node, an entry and a slot may take.
@testable import LearnedIndex
import Platform
import Testing

@Suite struct LayoutTests {
    @Test func nodesAreAsDrawn() {
        #expect(Leaf.bytes(slots: 0) == 64)
        #expect(Leaf.bytes(slots: 8) == 64 + 8 * 16)
        #expect(MemoryLayout<Entry>.size == 32 && Entry.words * 8 == 32)
        #expect(MemoryLayout<Link>.size == 8)
        #expect(Limits.leafKeysMax < Limits.leafSlotsMax && Limits.leafSlotsMax < 1 << 16)
        #expect(Limits.upperFanoutMax * 2 < 1 << 16, "an inner node's table is counted in 16 bits")
    }

    @Test func anEntryTakesAtMost24Bytes() throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        let keys = KeySet.uniform.keys(120_000, &generator)
        let loaded = try LearnedIndex.loading(keys.sorted(), keys.sorted())
        let grown = LearnedIndex(domain: EpochDomain())
        for key in keys { _ = grown.insert(key, key) }
        grown.reclaim()
        for index in [loaded, grown] {
            let used = index.heap.bytes.now - index.heap.waitingBytes.now
            #expect(used <= keys.count * 24, "\(index.report()), seed \(seed)")
            // Beyond what nodes take, only the last large page may be free.
            #expect(index.report().bytes - used < 3 * Arena.chunkBytes, "\(index.report()), seed \(seed)")
        }
    }
}
