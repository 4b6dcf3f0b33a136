internal import Columnar

/// Window functions over rows in the order of their event time: what is computed, and over which rows before each.
struct OverPlan: Sendable {
    /// Which rows up to the current one (and its peers, rows of the same time) a frame has.
    struct Frame: Sendable, Hashable {
        enum Extent: Sendable, Hashable {
            /// All rows since the beginning.
            case unbounded
            /// So many rows before the current one.
            case rows(Int)
            /// So many units of time before the current one's.
            case range(Int64)
        }

        var extent: Extent
        /// Rows of the current one's time are in, those behind it too.
        var hasPeers: Bool

        var isBounded: Bool { extent != .unbounded }
    }

    /// One window function's result.
    enum Function: Sendable {
        case rowNumber, rank, denseRank
        /// The value so many rows before, or the default; arguments are numbers of `arguments`.
        case lag(frame: Int, rows: Int, argument: Int, otherwise: Int?)
        case lead(rows: Int, argument: Int, otherwise: Int?)
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
    var leadMax: Int {
        functions.reduce(0) { if case .lead(let rows, _, _) = $1 { max($0, rows) } else { $0 } }
    }

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
