// Key sets of `leibrix bench index`: uniform, and shapes that are hard for models (after the books and osm sets of SOSD, Kipf
// et al. 2019, which are too large to carry), and orders of insertion made to hurt.
internal import Platform

enum IndexKeys: String, CaseIterable {
    case uniform, lognormal, books, osm, dense

    /// About `count` distinct keys in ascending order.
    func sorted(_ count: Int, seed: UInt64) -> [UInt64] {
        var generator = SeededGenerator(seed: seed)
        var keys = draw(count + count / 16, &generator)
        keys.sort()
        var kept = 0
        for index in keys.indices where kept == 0 || keys[index] != keys[kept - 1] {
            keys[kept] = keys[index]
            kept += 1
        }
        keys.removeSubrange(min(kept, count)...)
        return keys
    }

    private func draw(_ count: Int, _ generator: inout SeededGenerator) -> [UInt64] {
        switch self {
        case .uniform: return (0..<count).map { _ in generator.next() }
        case .lognormal: return (0..<count).map { _ in Self.exponential(of: Self.normal(&generator) * 2 + 40) }
        case .books: return Self.books(count, &generator)
        case .osm: return (0..<count).map { _ in Self.cell(&generator) }
        case .dense: return (0..<count).map { UInt64($0) * 2 + 1_000_000_007 }
        }
    }

    /// Sums of gaps with a heavy tail: smooth from afar, rough from near.
    private static func books(_ count: Int, _ generator: inout SeededGenerator) -> [UInt64] {
        var key: UInt64 = 0
        return (0..<count).map { _ in
            let uniform = Double((generator.next() >> 11) + 1) / 9_007_199_254_740_992
            key += UInt64(min(4 / (uniform * uniform.squareRoot()), 1e10)) + 1
            return key
        }
    }

    /// A map's cells: towns of few sizes inside regions inside continents, each a few bits wide.
    private static func cell(_ generator: inout SeededGenerator) -> UInt64 {
        var key: UInt64 = 0
        for level in 0..<8 {
            let random = generator.next()
            // The smaller of three draws: some of the 256 parts of a level hold most of it, and other ones elsewhere.
            let part = min(random & 255, random >> 8 & 255, random >> 16 & 255)
            let mixed = level < 6 ? (part &* 167 &+ (key & 0xFF) &* 59) & 255 : random >> 24 & 255
            key = key << 8 | mixed
        }
        return key
    }

    private static func normal(_ generator: inout SeededGenerator) -> Double {
        (0..<12).reduce(-6.0) { sum, _ in sum + Double(generator.next() >> 11) / 9_007_199_254_740_992 }
    }

    /// 2 to a power.
    private static func exponential(of power: Double) -> UInt64 {
        let whole = power.rounded(.down)
        let fraction = power - whole
        let mantissa = 1 + fraction * (0.6565 + fraction * 0.3435)
        return UInt64(mantissa * Double(1 << UInt64(max(min(whole, 62), 0))))
    }
}

/// Orders of insertion.
enum IndexOrder: String, CaseIterable {
    case random, ascending, descending, hammered, exponential, ends

    func keys(_ count: Int, seed: UInt64) -> [UInt64] {
        var generator = SeededGenerator(seed: seed)
        switch self {
        case .random: return (0..<count).map { _ in generator.next() }
        case .ascending: return (0..<count).map { UInt64($0) * 3 + 17 }
        case .descending: return (0..<count).map { UInt64(count - $0) * 3 + 17 }
        // Half at random, the rest in order into one gap between two of them.
        case .hammered:
            let half = count / 2
            return (0..<half).map { _ in generator.next() | 1 } + (0..<count - half).map { 0x7FFF_FFFF_0000_0000 + UInt64($0) * 2 }
        // Gaps that double: each power of two has as many keys as the next.
        case .exponential: return (0..<count).map { _ in (1 << (generator.next() % 44 + 20)) &+ generator.next() % (1 << 22) }
        case .ends: return (0..<count).map { $0 % 2 == 0 ? UInt64($0) * 5 : .max - UInt64($0) * 7 }
        }
    }
}
