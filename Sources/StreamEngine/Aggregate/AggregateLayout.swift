// Which primitives an aggregation keeps and how its results are read from them.

struct AggregateLayout: Sendable {
    var keyKinds: [LaneKind]
    var argumentKinds: [LaneKind]
    private(set) var primitives: [Primitive] = []
    private(set) var finals: [Final] = []
    /// Arguments of DISTINCT aggregates: one set of values each.
    private(set) var distinctArguments: [Int] = []
    private var offsets: [Int] = []
    private(set) var stateBytes = 0
    /// Bytes of the record before the states that the operator keeps for itself.
    var headerBytes = 0
    /// Which keys decide the core a group belongs to; none where one core has all.
    var partition: [Int] = []

    init(keyKinds: [LaneKind], argumentKinds: [LaneKind]) {
        self.keyKinds = keyKinds
        self.argumentKinds = argumentKinds
    }

    /// Whether every state can take a row back.
    var isInvertible: Bool { primitives.allSatisfy(\.isInvertible) }

    /// The place of a primitive's state, which equal aggregates share.
    mutating func place(_ primitive: Primitive) -> Int {
        if let known = primitives.firstIndex(of: primitive) { return offsets[known] }
        let offset = stateBytes
        primitives.append(primitive)
        offsets.append(offset)
        stateBytes += (primitive.stateBytes + 7) & ~7
        return offset
    }

    mutating func add(_ final: Final) { finals.append(final) }

    /// The set that counts distinct values of an argument.
    mutating func distinctSet(_ argument: Int) -> Int {
        if let known = distinctArguments.firstIndex(of: argument) { return known }
        distinctArguments.append(argument)
        return distinctArguments.count - 1
    }

    /// Primitives with their offsets in a record whose states begin at `start`.
    func placed(from start: Int) -> [PlacedPrimitive] {
        var placed = zip(primitives, offsets).map { PlacedPrimitive($0, offset: $1 + start) }
        var trees: Int32 = 0
        for index in placed.indices where primitives[index].isTree {
            placed[index].tree = trees
            trees += 1
        }
        return placed
    }

    /// Whether values are kept beside the groups: their number is bounded by the limit too.
    var keepsValues: Bool { !distinctArguments.isEmpty || primitives.contains(where: \.isTree) }
}

/// How one result is read from a record. Offsets are within the record.
struct Final: BitwiseCopyable, Sendable {
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        case count, sumInt, sumHuge, sumDouble, averageInt, averageHuge, averageDouble
        case value, bits, flag, product, sketch
        case variancePop, varianceSamp, deviationPop, deviationSamp, standardError, skewness, kurtosis
        case covariancePop, covarianceSamp, correlation, slope, intercept, rSquared, averageX, averageY, sumXX, sumYY, sumXY
        case regressionCount
        /// Of a tree: the first or last value, or one between.
        case treeLeast, treeGreatest, treeDiscrete, treeContinuous
    }

    var kind: Kind
    var lane: LaneKind = .int
    var offset: Int32
    /// Where the count is that makes the result NULL.
    var countOffset: Int32 = 0
    /// Digits after the point of an average's decimals.
    var scale: Int32 = 0
    /// Of a tree: where in its rows the value lies, and which quantile is asked for.
    var valueOffset: Int32 = 0
    var fraction = 0.0

    init(_ kind: Kind, _ offset: Int, count: Int = 0, lane: LaneKind = .int, scale: Int = 0) {
        self.kind = kind
        self.offset = Int32(offset)
        self.countOffset = Int32(count)
        self.lane = lane
        self.scale = Int32(scale)
    }

    func moved(by start: Int) -> Final {
        var copy = self
        copy.offset += Int32(start)
        copy.countOffset += Int32(start)
        return copy
    }
}
