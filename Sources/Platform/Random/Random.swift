/// Unpredictable bytes from the kernel, and a seeded generator for tests and jitter.
public enum Random {
    /// `count` bytes fit for keys and salts.
    public static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    public static func integer<T: FixedWidthInteger & UnsignedInteger>(_: T.Type) -> T {
        var generator = SystemRandomNumberGenerator()
        return T.random(in: 0...T.max, using: &generator)
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): small, seeded, the same on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64
    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
