internal import Columnar

/// Window functions over rows in the order of their event time: what is computed, and over which rows before each.
struct OverPlan: Sendable {
    /// Which rows around the current one a frame has: by their number in the partition, or by their time (then rows of one time are
    /// all in or all out).
    struct Frame: Sendable, Hashable {
        enum Unit: Sendable, Hashable { case rows, range }

        var unit: Unit
        /// The first, so many rows or units of time behind the current one (before it where negative); nil: all since the beginning.
        var from: Int64?
        /// The last.
        var to: Int64

        var isBounded: Bool { from != nil }
    }

    /// One window function's result.
    enum Function: Sendable {
        case rowNumber, rank, denseRank
        /// The value of a frame's one row, or the default; arguments are numbers of `arguments`.
        case shifted(frame: Int, argument: Int, otherwise: Int?)
        case first(frame: Int, argument: Int)
        case last(frame: Int, argument: Int)
        case nth(frame: Int, place: Int, argument: Int)
        /// Which result of the frame's aggregates.
        case aggregate(frame: Int, result: Int)
    }

    var keys: [Scalar]
    /// The event time's column, and how far it may lie before the watermark.
    var time: Int
    var lag: Int64
    /// What functions read of a row, computed when it comes.
    var arguments: [Scalar]
    var frames: [Frame]
    /// By frame: its aggregates' arguments (numbers of `arguments`), layout and result types.
    var aggregates: [FrameAggregates]
    /// In the order of the columns behind the child's.
    var functions: [Function]
    var functionTypes: [DataType]
    /// Which keys decide the core.
    var partition: [Int] = []

    struct FrameAggregates: Sendable {
        var arguments: [Int] = []
        var layout: AggregateLayout
        var resultTypes: [DataType] = []
    }

    /// Rows a row waits for behind it.
    var rowsAhead: Int64 { frames.reduce(0) { $1.unit == .rows ? max($0, $1.to) : $0 } }

    /// Units of time that must have passed behind a row.
    var timeAhead: Int64 { frames.reduce(0) { $1.unit == .range ? max($0, $1.to) : $0 } }

    /// Rows kept from a partition's beginning.
    var pinnedMax: Int {
        functions.reduce(0) { most, function in
            switch function {
            case .first(let frame, _) where !frames[frame].isBounded: max(most, 1)
            case .nth(let frame, let place, _) where !frames[frame].isBounded: max(most, place)
            default: most
            }
        }
    }
}
