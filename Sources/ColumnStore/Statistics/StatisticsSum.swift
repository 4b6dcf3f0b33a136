public import Columnar

/// The statistics of several row groups as one: nulls added, bounds widened. Bounds survive only while every part that has a
/// value has them.
public struct StatisticsSum: Sendable {
    private var nulls: UInt64 = 0
    private var minimum: ColumnBound?
    private var maximum: ColumnBound?
    private var longest: UInt32? = 0
    private var isUnbounded = false

    public init() {}

    public mutating func add(_ part: ColumnStatistics, rows: Int) {
        nulls += part.nullCount
        guard part.nullCount < UInt64(rows) else { return }
        longest = longest.flatMap { known in part.lengthMax.map { Swift.max(known, $0) } }
        guard !isUnbounded else { return }
        guard let low = part.min, let high = part.max, let newLow = Self.least(minimum, low),
            let newHigh = Self.greatest(maximum, high)
        else {
            isUnbounded = true
            minimum = nil
            maximum = nil
            return
        }
        minimum = newLow
        maximum = newHigh
    }

    public func statistics(distinct: UInt64) -> ColumnStatistics {
        var sum = ColumnStatistics(nullCount: nulls, distinct: distinct, min: minimum, max: maximum)
        sum.lengthMax = longest == 0 ? nil : longest
        return sum
    }

    private static func least(_ a: ColumnBound?, _ b: ColumnBound) -> ColumnBound? {
        guard let a else { return b }
        return precedes(a, b).map { $0 ? a : b }
    }

    private static func greatest(_ a: ColumnBound?, _ b: ColumnBound) -> ColumnBound? {
        guard let a else { return b }
        return precedes(a, b).map { $0 ? b : a }
    }

    /// nil for bounds of different kinds.
    private static func precedes(_ a: ColumnBound, _ b: ColumnBound) -> Bool? {
        switch (a, b) {
        case (.integer(let x), .integer(let y)): x < y
        case (.double(let x), .double(let y)): x < y
        case (.string(let x), .string(let y)): x.lexicographicallyPrecedes(y)
        default: nil
        }
    }
}
