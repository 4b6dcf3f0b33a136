internal import Columnar

/// Rows of a batch on their way into a source.
struct PushedRows: Sendable {
    var batch: Batch
    var range: Range<Int>
    /// By row of the batch; nil: all +1.
    var weights: [Int8]?
    /// Where the producer stands after the batch's last row.
    var position: String?
}
