// Cuts a dataset into epochs: periods of the time column times every combination of dimension values.
public import Base

/// One epoch as planned: its name, the stretch of time and the dimensions' values its rows have.
public struct EpochSlot: Sendable, Hashable {
    public var epochID: String
    public var range: TimeRange?
    public var dimensionValues: [DimensionValue]

    public init(range: TimeRange?, dimensionValues: [DimensionValue]) {
        self.epochID = EpochID.make(range: range, dimensionValues: dimensionValues)
        self.range = range
        self.dimensionValues = dimensionValues
    }
}

public enum EpochPlan {
    /// Every combination of one value a dimension, the last dimension turning fastest; one empty combination without any.
    public static func combinations(_ dimensions: [DatasetSpec.Dimension]) -> [[DimensionValue]] {
        dimensions.reduce([[]]) { product, dimension in
            product.flatMap { head in
                dimension.values.map { head + [DimensionValue(column: dimension.column, value: $0)] }
            }
        }
    }

    /// The periods that a half-open range of time touches, whole ones, in order.
    ///
    /// Throws `invalidOption` for an inverted or empty range, `limitExceeded` when periods times `combinations` pass the
    /// bound. Constant time before the first period is made.
    public static func periods(
        from startMS: Int64, to endMS: Int64, granularity: Granularity, combinations: Int = 1,
        limit: Int = CatalogLimits.epochsPerDatasetMax
    ) throws(LeibrixError) -> ClosedRange<Int64> {
        guard startMS < endMS else {
            throw LeibrixError(
                .invalidOption, "the time range \(Instant.spelled(startMS)) to \(Instant.spelled(endMS)) is empty",
                hint: "The start is in the range, the end is not: the end must be later.")
        }
        let first = granularity.period(holding: startMS)
        let last = granularity.period(holding: endMS - 1)
        let count = (last - first + 1).multipliedReportingOverflow(by: Int64(combinations))
        guard !count.overflow, count.partialValue <= Int64(limit) else {
            throw tooMany(Int64(last - first + 1), combinations, granularity, limit)
        }
        return first...last
    }

    /// All slots of a range: one a period and combination.
    public static func slots(
        from startMS: Int64, to endMS: Int64, granularity: Granularity, dimensions: [DatasetSpec.Dimension],
        limit: Int = CatalogLimits.epochsPerDatasetMax
    ) throws(LeibrixError) -> [EpochSlot] {
        let product = combinations(dimensions)
        let periods = try periods(
            from: startMS, to: endMS, granularity: granularity, combinations: product.count, limit: limit)
        return periods.flatMap { period in
            let range = granularity.range(ofPeriod: period)
            return product.map { EpochSlot(range: range, dimensionValues: $0) }
        }
    }

    public static func tooMany(_ periods: Int64, _ combinations: Int, _ granularity: Granularity, _ limit: Int) -> LeibrixError {
        let product = combinations == 1 ? "" : " times \(combinations) combinations of dimension values"
        return LeibrixError(
            .limitExceeded, "granularity '\(granularity)' cuts the dataset into \(periods) periods\(product), more than \(limit) epochs",
            hint: "Choose a coarser granularity, or a shorter range with start and end.")
    }
}
