internal import Platform

enum Timing {
    static func seconds<T>(_ body: () throws -> T) rethrows -> (seconds: Double, value: T) {
        let start = Clock.system.monotonicNanos()
        let value = try body()
        return (Double(Clock.system.monotonicNanos() - start) / 1e9, value)
    }

    static func best(of rounds: Int, _ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<max(rounds, 1) { best = min(best, try seconds(body).seconds) }
        return best
    }

    /// The middle of `count` runs, in microseconds.
    static func medianMicros(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
        var runs: [Double] = []
        for _ in 0..<count { runs.append(try seconds(body).seconds * 1e6) }
        return quantile(runs, 0.5)
    }

    static func quantile(_ values: [Double], _ fraction: Double) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * fraction))]
    }
}
