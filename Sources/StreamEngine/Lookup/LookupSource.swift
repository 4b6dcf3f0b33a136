public import Base
public import Columnar

/// Rows by key, from outside the engine: what a lookup join asks.
///
/// Calls come from the thread that pushes rows, or from the engine's cores, several at a time.
public protocol LookupSource: AnyObject, Sendable {
    /// The rows whose `columns` equal a row of `keys`, as they are now. `keys` has a column of the source's type for each of
    /// `columns`, in their order; it is valid during the call, its values are never NULL. An error fails the rows that asked (LDB-9008).
    func lookUp(_ keys: Batch, columns: [Int]) throws(LeibrixError) -> LookupAnswer
}

/// What a lookup found.
public struct LookupAnswer: Sendable {
    /// All columns of the lookup's rows.
    public var rows: Batch
    /// For each of the rows, which row of the keys it answers; ascending.
    public var keyRows: [Int32]

    public init(rows: Batch, keyRows: [Int32]) {
        self.rows = rows
        self.keyRows = keyRows
    }
}

/// A lookup as the planner knows it.
struct LookupDefinition: Sendable {
    var name: String
    var columns: [DataType.Field]
    var source: any LookupSource
}

struct LookupPlan: Sendable {
    var definition: LookupDefinition
    /// Over the input's columns, of the types of the lookup's `columns`.
    var keys: [Scalar]
    var columns: [Int]
    /// Rows without an answer leave with NULLs.
    var isLeft: Bool
    /// Over the input's columns and the lookup's behind them.
    var residual: Scalar?
}
