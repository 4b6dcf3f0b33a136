// Key sets, orders and an oracle: a sorted array beside the index.
import LearnedIndex
import Platform
import Testing

/// A seed of its own a run, or LEIBRIX_SEED's; printed by the tests that use it when they fail.
func freshSeed() -> UInt64 { Random.integer(UInt64.self) >> 32 }

enum KeySet: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case uniform, dense, lognormal, clustered, steps, exponential, zipf, ends, adversarial

    var testDescription: String { rawValue }

    /// Distinct keys in the order in which they are to be inserted.
    func keys(_ count: Int, _ generator: inout SeededGenerator) -> [UInt64] {
        var seen: Set<UInt64> = []
        var keys: [UInt64] = []
        var number = 0
        while keys.count < count, number < count * 8 {
            let key = key(number, of: count, &generator)
            if seen.insert(key).inserted { keys.append(key) }
            number += 1
        }
        return keys
    }

    private func key(_ number: Int, of count: Int, _ generator: inout SeededGenerator) -> UInt64 {
        let random = generator.next()
        switch self {
        case .uniform: return random
        case .dense: return 1_000_000_000 + random % UInt64(count * 2)
        case .lognormal: return UInt64(Self.power(2, 20 + 2 * Self.normal(&generator)) * 1_000_000)
        // Few dense clusters far apart, as cell ids of a map.
        case .clustered: return (random % 37) * 0x0123_4567_89AB_CDE + generator.next() % 4096
        // Runs of consecutive keys between jumps of many sizes.
        case .steps: return UInt64(number % 100) + (UInt64(number / 100) << (20 + random % 20))
        case .exponential: return (1 << (random % 64)) &+ generator.next() % 64
        case .zipf: return UInt64(Double(count) / (Double(random % 1_000_000) / 1_000_000 + 0.000_001))
        case .ends: return random & 1 == 0 ? generator.next() % 5_000 : .max - generator.next() % 5_000
        // Always between the two last ones: one spot, ever narrower, then onwards.
        case .adversarial: return (UInt64(number % 48) << 56) | (UInt64.max >> (8 + random % 56))
        }
    }

    static func normal(_ generator: inout SeededGenerator) -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += Double(generator.next() >> 11) / 9_007_199_254_740_992 }
        return sum
    }

    private static func power(_ base: Double, _ exponent: Double) -> Double {
        var result = 1.0
        for _ in 0..<Int(max(exponent, 0)) { result *= base }
        return result * (1 + exponent - exponent.rounded(.down))
    }
}

enum Order: String, CaseIterable, CustomTestStringConvertible, Sendable {
    case asDrawn, ascending, descending, inward, outward, hammered

    var testDescription: String { rawValue }

    func arrange(_ keys: [UInt64]) -> [UInt64] {
        let sorted = keys.sorted()
        switch self {
        case .asDrawn: return keys
        case .ascending: return sorted
        case .descending: return sorted.reversed()
        case .inward: return sorted.indices.map { $0 % 2 == 0 ? sorted[$0 / 2] : sorted[sorted.count - 1 - $0 / 2] }
        case .outward: return Array(Order.inward.arrange(keys).reversed())
        // The outer half at random, then the middle in order: every insert at one spot.
        case .hammered:
            let quarter = sorted.count / 4
            var arranged = Array(sorted[..<quarter])
            arranged += sorted[(quarter * 3)...]
            arranged += sorted[quarter..<quarter * 3]
            return arranged
        }
    }
}

/// What the index must say.
struct Oracle {
    var keys: [UInt64] = []
    var values: [UInt64: UInt64] = [:]

    init(_ pairs: [UInt64: UInt64]) {
        values = pairs
        keys = pairs.keys.sorted()
    }

    func firstIndex(from key: UInt64) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension LearnedIndex {
    static func loading(_ keys: [UInt64], _ values: [UInt64]) throws -> LearnedIndex {
        try LearnedIndex(ascending: keys.span, values: values.span)
    }

    /// Everything, both ways, and a few ranges, against the oracle.
    func expectSame(as oracle: Oracle, _ generator: inout SeededGenerator, _ note: Comment, _ location: SourceLocation = #_sourceLocation) throws {
        try checkInvariants()
        #expect(count == oracle.keys.count, note, sourceLocation: location)
        var up: [UInt64] = []
        scan(from: 0, through: .max) { key, value in
            up.append(key)
            if oracle.values[key] != value { Issue.record("value of \(key): \(note)", sourceLocation: location) }
            return true
        }
        #expect(up == oracle.keys, note, sourceLocation: location)
        var down: [UInt64] = []
        scanReverse(from: .max, through: 0) { key, _ in (down.append(key), true).1 }
        #expect(down == oracle.keys.reversed(), note, sourceLocation: location)
        for _ in 0..<20 {
            let (from, through) = bounds(oracle, &generator)
            let limit = generator.next() % 2 == 0 ? Int.max : Int(generator.next() % 700)
            let first = oracle.firstIndex(from: from)
            let end = through == .max ? oracle.keys.count : oracle.firstIndex(from: through + 1)
            let wanted = first < end ? Array(oracle.keys[first..<end]) : []
            var found: [UInt64] = []
            scan(from: from, through: through, limit: limit) { key, _ in (found.append(key), true).1 }
            #expect(found == Array(wanted.prefix(limit)), note, sourceLocation: location)
            found = []
            scanReverse(from: through, through: from, limit: limit) { key, _ in (found.append(key), true).1 }
            #expect(found == Array(wanted.reversed().prefix(limit)), note, sourceLocation: location)
            #expect(self.first(from: from)?.key == (first < oracle.keys.count ? oracle.keys[first] : nil), note, sourceLocation: location)
        }
    }

    private func bounds(_ oracle: Oracle, _ generator: inout SeededGenerator) -> (UInt64, UInt64) {
        func draw() -> UInt64 {
            guard !oracle.keys.isEmpty, generator.next() % 4 > 0 else { return generator.next() }
            return oracle.keys[Int(generator.next() % UInt64(oracle.keys.count))] &+ generator.next() % 3 &- 1
        }
        let (one, two) = (draw(), draw())
        return (min(one, two), max(one, two))
    }
}
