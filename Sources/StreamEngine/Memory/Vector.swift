/// How a value lies in the engine's vectors. Narrow integers, dates, times and timestamps are 64 bits wide here and take
/// their SQL width again at the edge; decimals are unscaled 128-bit integers.
enum LaneKind: UInt8, BitwiseCopyable, Sendable, Hashable {
    case bool, int, double, text, huge

    @inline(__always)
    var width: Int {
        switch self {
        case .bool: 1
        case .int, .double: 8
        case .text, .huge: 16
        }
    }
}

/// Values of one kind with a byte a row for NULL (1 = NULL), which is looked at only where `hasNulls`.
struct Vector: BitwiseCopyable, Sendable {
    var data: Memory
    var nulls: Lane<UInt8>
    var hasNulls: Bool

    @inline(__always) var ints: Lane<Int64> { data.lane(Int64.self) }
    @inline(__always) var doubles: Lane<Double> { data.lane(Double.self) }
    @inline(__always) var bools: Lane<UInt8> { data.lane(UInt8.self) }
    @inline(__always) var texts: Lane<TextRef> { data.lane(TextRef.self) }
    @inline(__always) var huges: Lane<Int128> { data.lane(Int128.self) }

    @inline(__always) func isNull(_ row: Int) -> Bool { hasNulls && nulls[row] != 0 }
}

/// Up to `chunkRowsMax` rows on their way through the operators: views of memory that others own, valid during one call.
struct Chunk: BitwiseCopyable, Sendable {
    var count: Int
    var columns: Lane<Vector>
    /// The watermark each row met, where rows of one chunk met different ones; else `mark` holds for all.
    var marks: Lane<Int64>
    var hasMarks: Bool
    var mark: Int64
    /// +1 for a row that is there now, -1 for one taken back; all +1 where `hasWeights` is false.
    var weights: Lane<Int8>
    var hasWeights: Bool

    init(count: Int, columns: Lane<Vector>, mark: Int64 = .min) {
        self.count = count
        self.columns = columns
        self.marks = .absent
        self.hasMarks = false
        self.mark = mark
        self.weights = .absent
        self.hasWeights = false
    }

    /// The watermark row `row` met.
    @inline(__always) func mark(_ row: Int) -> Int64 { hasMarks ? marks[row] : mark }
    @inline(__always) func weight(_ row: Int) -> Int8 { hasWeights ? weights[row] : 1 }
}
