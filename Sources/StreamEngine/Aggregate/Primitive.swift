// What a record keeps for aggregates. SQL's aggregates are made of these, and share them: COUNT, SUM and AVG of one argument
// are one count and one sum. Every state is valid when zeroed, so a new group needs no set-up.

struct Primitive: Hashable, Sendable {
    enum Operation: Hashable, Sendable {
        /// Rows, or rows whose argument is not NULL.
        case rows, count
        case sumInt, sumHuge, sumDouble
        case least(LaneKind), greatest(LaneKind)
        case first(LaneKind), last(LaneKind)
        /// The argument of the row whose second argument is least or greatest.
        case atLeast(LaneKind, LaneKind), atGreatest(LaneKind, LaneKind)
        /// Count, mean and second central moment (Welford 1962); merged as Chan, Golub and LeVeque (1979).
        case moments
        /// Sums of the first four powers.
        case powers
        /// Count, both means, co-moment, both second moments.
        case comoments
        case allTrue, anyTrue
        case bitAnd, bitOr, bitXor
        case product
        /// Every value in order, or every pair of values: the address of a tree.
        case tree(LaneKind), pairTree(LaneKind, LaneKind)
        /// 1,024 registers of HyperLogLog (Flajolet et al. 2007).
        case distinctSketch
    }

    var operation: Operation
    /// Which argument vector, and for two-argument ones the second; -1 for none.
    var argument: Int
    var second: Int = -1
    /// Counts each distinct value of the argument once; the number of the set, or -1.
    var distinctSet: Int = -1

    /// Bytes in the record.
    var stateBytes: Int {
        switch operation {
        case .rows, .count, .sumDouble, .tree, .pairTree: 8
        case .sumInt, .sumHuge, .allTrue, .anyTrue, .bitAnd, .bitOr, .bitXor, .product: 16
        case .least(let kind), .greatest(let kind), .first(let kind), .last(let kind): max(kind.width, 8) + 8
        case .atLeast(let kind, let by), .atGreatest(let kind, let by): max(kind.width, 8) + max(by.width, 8) + 16
        case .moments: 24
        case .powers: 40
        case .comoments: 48
        case .distinctSketch: 1_024
        }
    }

    /// Whether every value is kept.
    var isTree: Bool {
        switch operation {
        case .tree, .pairTree: true
        default: false
        }
    }

    /// Whether a row can be taken back.
    var isInvertible: Bool {
        switch operation {
        case .rows, .count, .sumInt, .sumHuge, .sumDouble, .moments, .powers, .comoments, .tree, .pairTree: true
        default: false
        }
    }
}

/// A primitive and its place in the record.
struct PlacedPrimitive: BitwiseCopyable, Sendable {
    enum Code: UInt8, BitwiseCopyable {
        case rows, count, sumInt, sumHuge, sumDouble, least, greatest, first, last, atLeast, atGreatest
        case moments, powers, comoments, allTrue, anyTrue, bitAnd, bitOr, bitXor, product, distinctSketch, tree
    }

    var code: Code
    var kind: LaneKind
    var byKind: LaneKind
    var argument: Int32
    var second: Int32
    var distinctSet: Int32
    var offset: Int32
    /// Which of the state's trees; -1 for none.
    var tree: Int32 = -1

    init(_ primitive: Primitive, offset: Int) {
        var kinds: (LaneKind, LaneKind) = (.int, .int)
        switch primitive.operation {
        case .rows: code = .rows
        case .count: code = .count
        case .sumInt: code = .sumInt
        case .sumHuge: code = .sumHuge
        case .sumDouble: code = .sumDouble
        case .least(let kind): (code, kinds.0) = (.least, kind)
        case .greatest(let kind): (code, kinds.0) = (.greatest, kind)
        case .first(let kind): (code, kinds.0) = (.first, kind)
        case .last(let kind): (code, kinds.0) = (.last, kind)
        case .atLeast(let kind, let by): (code, kinds) = (.atLeast, (kind, by))
        case .atGreatest(let kind, let by): (code, kinds) = (.atGreatest, (kind, by))
        case .moments: code = .moments
        case .powers: code = .powers
        case .comoments: code = .comoments
        case .allTrue: code = .allTrue
        case .anyTrue: code = .anyTrue
        case .bitAnd: code = .bitAnd
        case .bitOr: code = .bitOr
        case .bitXor: code = .bitXor
        case .product: code = .product
        case .distinctSketch: code = .distinctSketch
        case .tree(let kind): (code, kinds.0) = (.tree, kind)
        case .pairTree(let kind, let other): (code, kinds) = (.tree, (kind, other))
        }
        (kind, byKind) = kinds
        argument = Int32(primitive.argument)
        second = Int32(primitive.second)
        distinctSet = Int32(primitive.distinctSet)
        self.offset = Int32(offset)
    }
}
