/// A join of two streams with a bound in time.
struct JoinPlan: Sendable {
    enum Kind: Sendable { case inner, left, right, full, semi, anti }

    /// Which of the right rows within the bounds an ASOF join takes: the last, the first, or the nearest (the earlier of two).
    enum Direction: Sendable { case last, first, nearest }

    var kind: Kind
    /// Over the left's columns, and over the right's: equal in pairs.
    var leftKeys: [Scalar]
    var rightKeys: [Scalar]
    var leftTime: Int
    var rightTime: Int
    /// right time - left time lies between.
    var lower: Int64
    var upper: Int64
    /// Each left row meets one right row at most.
    var asof: Direction?
    /// Over the left's columns and the right's behind them.
    var residual: Scalar?
    /// How far each side's time may lie before its watermark.
    var leftLag: Int64
    var rightLag: Int64
    /// Rows of a side may be taken back: there is no time, and all of the condition beyond the keys is in `residual`.
    var isOfChanges = false
    /// Which of the keys decide the core.
    var partition: [Int] = []
}
