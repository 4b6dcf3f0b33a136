// The index over bytes against a sorted array of keys: short and long, with shared beginnings of every length.
import Columnar
import LearnedIndex
import Platform
import Testing

enum WordSet: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case random, numbered, deep, branching, mail, composite

    var testDescription: String { rawValue }

    func keys(_ count: Int, _ generator: inout SeededGenerator) throws -> [[UInt8]] {
        var seen: Set<[UInt8]> = []
        var keys: [[UInt8]] = []
        for number in 0..<count {
            let key = try key(number, &generator)
            if seen.insert(key).inserted { keys.append(key) }
        }
        return keys
    }

    private func text(_ text: String) throws -> [UInt8] { try KeyEncoder.key([.string(text)]) }

    private func key(_ number: Int, _ generator: inout SeededGenerator) throws -> [UInt8] {
        let random = generator.next()
        switch self {
        case .random: return try KeyEncoder.key([.blob((0..<Int(random % 30)).map { _ in UInt8(truncatingIfNeeded: generator.next()) })])
        case .numbered: return try text("user\(String(number * 7919 % 100_000_007))")
        // One long beginning, differing late: one layer far down.
        case .deep: return try text(String(repeating: "/path", count: 12) + "\(random % 5_000)")
        // Beginnings of every length, so that later keys differ inside what layers skip.
        case .branching: return try text(String(repeating: "a", count: Int(random % 70)) + "\(generator.next() % 50)")
        case .mail: return try text("\(["anna", "bert", "carla.maria"][Int(random % 3)]).\(generator.next() % 900)@example\(random >> 8 % 3).org")
        case .composite: return try KeyEncoder.key([.integer(Int64(random % 20)), random & 64 == 0 ? .null : .string("k\(random >> 32 % 40)"), .integer(Int64(number))])
        }
    }
}

@Suite struct BytesTests {
    @Test(arguments: WordSet.allCases)
    func everyOperationInAnyOrder(set: WordSet) throws {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: seed)
        let keys = try set.keys(1_500, &generator)
        let index = BytesIndex(domain: EpochDomain())
        var pairs: [[UInt8]: UInt64] = [:]
        for round in 0..<4 {
            for _ in 0..<3_000 {
                let key = keys[Int(generator.next() % UInt64(keys.count))]
                let value = generator.next()
                switch generator.next() % 10 {
                case 0..<(round % 2 == 0 ? 6 : 2):
                    #expect(index.insert(key, value) == pairs[key], "seed \(seed)")
                    if pairs[key] == nil { pairs[key] = value }
                case 7: #expect(index.upsert(key, value) == pairs.updateValue(value, forKey: key), "seed \(seed)")
                case 8:
                    #expect(index.update(key, value) == pairs[key], "seed \(seed)")
                    if pairs[key] != nil { pairs[key] = value }
                default: #expect(index.erase(key) == pairs.removeValue(forKey: key), "seed \(seed)")
                }
            }
            try expectSame(index, pairs, &generator, "round \(round), seed \(seed)")
        }
        for key in pairs.keys { #expect(index.erase(key) != nil) }
        try index.checkInvariants()
        for _ in 0..<3 { index.reclaim() }
        let report = index.report()
        #expect(report.keys == 0 && report.layers == 1)
        #expect(report.bytes - report.waitingBytes < 30_000, "\(report), seed \(seed)")
    }

    private func expectSame(_ index: BytesIndex, _ pairs: [[UInt8]: UInt64], _ generator: inout SeededGenerator, _ note: Comment) throws {
        try index.checkInvariants()
        let sorted = pairs.keys.sorted { $0.lexicographicallyPrecedes($1) }
        #expect(index.count == sorted.count)
        #expect(collect { index.scan($0) } == sorted, note)
        #expect(collect { index.scanReverse($0) } == sorted.reversed(), note)
        for key in sorted { #expect(index.lookup(key) == pairs[key], note) }
        guard !sorted.isEmpty else { return }
        for _ in 0..<40 {
            var bounds = (0..<2).map { _ in sorted[Int(generator.next() % UInt64(sorted.count))] }
            // Half of the bounds are the beginning of a key, or a key with something after it.
            if generator.next() % 2 == 0 { bounds[0] = Array(bounds[0].prefix(Int(generator.next() % 40))) + (generator.next() % 3 == 0 ? [7] : []) }
            bounds.sort { $0.lexicographicallyPrecedes($1) }
            let (lower, upper) = (bounds[0], bounds[1])
            let (hasLower, hasUpper) = (generator.next() % 2 == 0, generator.next() % 2 == 0)
            let wanted = sorted.filter { key in
                (lower.lexicographicallyPrecedes(key) || (hasLower && key == lower)) && (key.lexicographicallyPrecedes(upper) || (hasUpper && key == upper))
            }
            #expect(collect { index.scan(from: lower, inclusive: hasLower, to: upper, upperInclusive: hasUpper, $0) } == wanted, note)
            #expect(collect { index.scanReverse(from: upper, inclusive: hasUpper, to: lower, lowerInclusive: hasLower, $0) } == wanted.reversed(), note)
        }
    }

    private func collect(_ scan: ((Span<UInt8>, UInt64) -> Bool) -> Void) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        scan { key, _ in
            keys.append(key.indices.map { key[$0] })
            return true
        }
        return keys
    }

    @Test func aScanEndsWhenTold() throws {
        let index = BytesIndex(domain: EpochDomain())
        for number in 0..<500 { _ = index.insert(try KeyEncoder.key([.integer(Int64(number))]), UInt64(number)) }
        for stop in [1, 8, 9, 300] {
            var seen: [UInt64] = []
            index.scan { _, value in
                seen.append(value)
                return seen.count < stop
            }
            #expect(seen == (0..<UInt64(stop)).map { $0 })
        }
    }
}
