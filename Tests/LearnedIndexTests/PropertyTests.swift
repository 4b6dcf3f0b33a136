// The index against a sorted array, over key sets and orders of insertion; every node's invariants checked on the way.
import Base
import LearnedIndex
import Platform
import Testing

@Suite struct PropertyTests {
    static let count = 6_000

    @Test(arguments: KeySet.allCases, Order.allCases)
    func insertsInEveryOrder(set: KeySet, order: Order) throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        let keys = order.arrange(set.keys(Self.count, &generator))
        let index = LearnedIndex(domain: EpochDomain())
        var pairs: [UInt64: UInt64] = [:]
        for (number, key) in keys.enumerated() {
            #expect(index.insert(key, UInt64(number)) == nil, "seed \(seed)")
            pairs[key] = UInt64(number)
            if number % 1_499 == 0 { try index.checkInvariants() }
        }
        for key in keys where index.lookup(key) != pairs[key] { Issue.record("key \(key) is lost, seed \(seed)") }
        #expect(index.insert(keys[0], 1) == 0)
        for _ in 0..<500 {
            let key = generator.next()
            #expect(index.lookup(key) == pairs[key], "seed \(seed)")
            let near = keys[Int(key % UInt64(keys.count))] &+ 1
            #expect(index.lookup(near) == pairs[near], "seed \(seed)")
        }
        try index.expectSame(as: Oracle(pairs), &generator, "seed \(seed)")
        let report = index.report()
        #expect(report.bytes - report.waitingBytes < keys.count * 48 + 20_000, "memory of \(set) in order \(order): \(report)")
    }

    @Test(arguments: KeySet.allCases)
    func bulkLoads(set: KeySet) throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        let keys = set.keys(Self.count * 2, &generator).sorted()
        let loaded = try LearnedIndex.loading(keys, keys.map { $0 ^ 0x55 })
        var pairs: [UInt64: UInt64] = [:]
        for key in keys { pairs[key] = key ^ 0x55 }
        try loaded.expectSame(as: Oracle(pairs), &generator, "seed \(seed)")
        let filled = LearnedIndex(domain: EpochDomain())
        #expect(throws: LeibrixError.self) { try filled.load(count: 2) { (UInt64(5 - $0), 0) } }
        try filled.load(count: keys.count) { (keys[$0], keys[$0] ^ 0x55) }
        try filled.expectSame(as: Oracle(pairs), &generator, "filled, seed \(seed)")
        #expect(filled.insert(keys[0], 1) == keys[0] ^ 0x55)
        for key in set.keys(Self.count, &generator) where pairs[key] == nil {
            #expect(loaded.insert(key, 1) == nil)
            pairs[key] = 1
        }
        try loaded.expectSame(as: Oracle(pairs), &generator, "after inserts, seed \(seed)")
    }

    @Test(arguments: KeySet.allCases)
    func everyOperationInAnyOrder(set: KeySet) throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        let keys = set.keys(3_000, &generator)
        let index = LearnedIndex(domain: EpochDomain())
        var pairs: [UInt64: UInt64] = [:]
        for round in 0..<4 {
            // Growing, then shrinking, then growing: every second round erases more than it inserts.
            for _ in 0..<8_000 {
                let key = keys[Int(generator.next() % UInt64(keys.count))]
                let value = generator.next()
                switch generator.next() % 10 {
                case 0..<(round % 2 == 0 ? 6 : 2): #expect(index.insert(key, value) == pairs[key])
                    if pairs[key] == nil { pairs[key] = value }
                case 7: #expect(index.upsert(key, value) == pairs.updateValue(value, forKey: key))
                case 8:
                    #expect(index.update(key, value) == pairs[key])
                    if pairs[key] != nil { pairs[key] = value }
                default: #expect(index.erase(key) == pairs.removeValue(forKey: key))
                }
            }
            try index.expectSame(as: Oracle(pairs), &generator, "round \(round), seed \(seed)")
        }
    }

    @Test(arguments: Order.allCases)
    func erasingGivesMemoryBack(order: Order) throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        let keys = KeySet.uniform.keys(20_000, &generator)
        let index = LearnedIndex(domain: EpochDomain())
        let empty = index.report().bytes
        for key in keys { _ = index.insert(key, key) }
        for key in order.arrange(keys) { #expect(index.erase(key) == key) }
        try index.checkInvariants()
        for _ in 0..<3 { index.reclaim() }
        let report = index.report()
        #expect(report.keys == 0)
        #expect(index.first() == nil && index.last() == nil)
        #expect(report.bytes - report.waitingBytes < empty + 40_000, "\(order): \(report), seed \(seed)")
        for key in keys.prefix(1_000) { #expect(index.insert(key, 1) == nil) }
        try index.checkInvariants()
    }

    @Test func batchesAnswerAsSingleLookups() throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        for count in [0, 1, 500, 30_000] {
            let keys = KeySet.uniform.keys(count, &generator).sorted()
            let index = try LearnedIndex.loading(keys, keys.map { $0 &+ 1 })
            let asked = (0..<777).map { number in number % 3 == 0 || keys.isEmpty ? generator.next() : keys[Int(generator.next() % UInt64(count))] }
            let values = index.lookup(asked.span, missing: 7)
            let found = values.count { $0 != 7 }
            #expect(values == asked.map { index.lookup($0) ?? 7 }, "seed \(seed)")
            #expect(found == asked.count { index.lookup($0) != nil })
        }
    }

    @Test func unorderedBulkIsRefused() {
        let lists: [[UInt64]] = [[3, 2, 1], [1, 2, 2], Array(0..<900) + [5]]
        for keys in lists {
            #expect(throws: LeibrixError.self) { _ = try LearnedIndex.loading(keys, keys) }
        }
    }

    @Test func theLastKeysOfTheRange() throws {
        let index = LearnedIndex(domain: EpochDomain())
        for key: UInt64 in [UInt64.max, 0, UInt64.max - 1, 1] { #expect(index.insert(key, key) == nil) }
        #expect(index.last()?.key == .max)
        #expect(index.first()?.key == 0)
        #expect(index.erase(.max) == .max)
        #expect(index.lookup(.max) == nil)
        #expect(index.last(through: .max)?.key == UInt64.max - 1)
        #expect(index.last(through: 0)?.key == 0)
        try index.checkInvariants()
    }
}
