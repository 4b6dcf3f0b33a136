/// The first rows of each group in an order, over the whole stream.
struct TopPlan: Sendable {
    struct Order: Sendable {
        var scalar: Scalar
        var isDescending: Bool
        var nullsFirst: Bool
    }

    var keys: [Scalar]
    var order: [Order]
    var count: Int
    /// Rows leave when the input ends, in their order, instead of as they come and go.
    var isFinal: Bool
    /// A key that is event time, and how far it may lie before the watermark: groups behind that are closed.
    var timeKey: Int?
    var timeLag: Int64
    /// Rows that come may be taken back: all are kept.
    var retracts = false
    /// Which keys decide the core.
    var partition: [Int] = []
}
