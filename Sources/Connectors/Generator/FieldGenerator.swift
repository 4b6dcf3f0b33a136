// One column of generated rows: a function of seed, column and row number alone, so that any row can be made again at any time.
internal import Columnar
internal import Glibc
internal import Platform

struct FieldGenerator: Sendable {
    enum Rule: Sendable, Hashable {
        case sequence(start: Int64, step: Int64)
        case integers(ClosedRange<Int64>)
        case uniform(Double, Double)
        case normal(mean: Double, deviation: Double)
        /// Numbers 1 to `count`; number k comes with a likelihood of 1 / k^skew.
        case zipf(count: Int64, skew: Double)
        case choice([String])
        case constant(String)
        /// `prefix` and a number below `count`.
        case text(prefix: String, count: Int64)
        /// True with that likelihood.
        case chance(Double)
        /// Microseconds: `start` and `step` a row, less up to `jitter`.
        case time(start: Int64, step: Int64, jitter: Int64)
    }

    let rule: Rule
    private let salt: UInt64

    init(_ rule: Rule, seed: UInt64, column: Int) {
        self.rule = rule
        var generator = SeededGenerator(seed: seed ^ (UInt64(column) &* 0xD6E8_FEB8_6659_FD93))
        salt = generator.next()
    }

    /// Writes row `number`'s value.
    func write(_ number: Int, _ column: Int, _ builder: BatchBuilder) throws(Misfit) {
        var generator = SeededGenerator(seed: salt &+ UInt64(number) &* 0x9FB2_1C65_1E98_DF25)
        switch rule {
        case .sequence(let start, let step): try builder.set(column, start &+ step &* Int64(number))
        case .integers(let range): try builder.set(column, Self.integer(range, &generator))
        case .uniform(let low, let high): try builder.set(column, low + (high - low) * Self.unit(&generator))
        case .normal(let mean, let deviation): try builder.set(column, mean + deviation * Self.normal(&generator))
        case .zipf(let count, let skew): try builder.set(column, Zipf(count: count, skew: skew).draw(&generator))
        case .choice(let texts): try builder.set(column, texts[Int(generator.next() % UInt64(texts.count))])
        case .constant(let text): try builder.set(column, text)
        case .text(let prefix, let count): try builder.set(column, prefix + String(generator.next() % UInt64(count)))
        case .chance(let likelihood): try builder.set(column, Self.unit(&generator) < likelihood)
        case .time(let start, let step, let jitter):
            let micros = start &+ step &* Int64(number) &- (jitter > 0 ? Int64(generator.next() % UInt64(jitter)) : 0)
            try builder.set(column, micros / Self.unitMicros(builder.types[column]))
        }
    }

    private static func unitMicros(_ type: DataType) -> Int64 {
        switch type.base {
        case .bigInt: 1_000
        case .date: 86_400_000_000
        default: 1
        }
    }

    static func unit(_ generator: inout SeededGenerator) -> Double { Double(generator.next() >> 11) / Double(1 << 53) }

    static func integer(_ range: ClosedRange<Int64>, _ generator: inout SeededGenerator) -> Int64 {
        let span = UInt64(bitPattern: range.upperBound &- range.lowerBound) &+ 1
        return span == 0 ? Int64(bitPattern: generator.next()) : range.lowerBound &+ Int64(bitPattern: generator.next() % span)
    }

    /// Twelve uniform numbers less six: mean 0, deviation 1, and the same bits on every machine.
    static func normal(_ generator: inout SeededGenerator) -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += unit(&generator) }
        return sum
    }
}

/// Zipf-distributed numbers without a table: rejection from the integral of the density (Hörmann and Derflinger,
/// "Rejection-inversion to generate variates from monotone discrete distributions", 1996).
struct Zipf {
    let count: Int64
    let skew: Double

    private func integral(_ x: Double) -> Double {
        skew == 1 ? Glibc.log(x) : (Glibc.pow(x, 1 - skew) - 1) / (1 - skew)
    }

    private func inverse(_ y: Double) -> Double {
        skew == 1 ? Glibc.exp(y) : Glibc.pow(1 + y * (1 - skew), 1 / (1 - skew))
    }

    func draw(_ generator: inout SeededGenerator) -> Int64 {
        let low = integral(1.5) - 1
        let high = integral(Double(count) + 0.5)
        while true {
            let y = low + FieldGenerator.unit(&generator) * (high - low)
            let x = inverse(y)
            let k = min(max(x.rounded(), 1), Double(count))
            if y >= integral(k + 0.5) - Glibc.pow(k, -skew) { return Int64(k) }
        }
    }
}
