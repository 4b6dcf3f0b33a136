/// What one operator did: a row of leibrix.operators. `rowsIn = emitted + filtered + late + buffered`, always.
public struct OperatorStatistics: Sendable, Hashable {
    public var stream: String
    /// From the input: 0 is the first.
    public var position: Int
    public var kind: String
    public var rowsIn: Int
    /// Input rows whose effect has left.
    public var emitted: Int
    /// Input rows left out, failed ones among them.
    public var filtered: Int
    public var late: Int
    /// Input rows that wait in state.
    public var buffered: Int
    public var rowsOut: Int
    public var failed: Int
    /// The code of the last row that failed.
    public var lastError: String?
    public var stateBytes: Int
    public var stateKeys: Int
    /// Of the filtered rows, those that a full buffer let go.
    public var dropped = 0

    mutating func add(_ other: OperatorStatistics) {
        rowsIn += other.rowsIn
        emitted += other.emitted
        filtered += other.filtered
        late += other.late
        buffered += other.buffered
        rowsOut += other.rowsOut
        failed += other.failed
        lastError = other.lastError ?? lastError
        stateBytes += other.stateBytes
        stateKeys += other.stateKeys
    }

    public var isConserved: Bool { rowsIn == emitted + filtered + late + buffered }
}

extension Operator {
    func statistics(_ stream: String, _ position: Int) -> OperatorStatistics {
        OperatorStatistics(
            stream: stream, position: position, kind: name, rowsIn: counts.rowsIn, emitted: counts.emitted, filtered: counts.filtered,
            late: counts.late, buffered: counts.buffered, rowsOut: counts.rowsOut, failed: counts.failed,
            lastError: counts.lastError == 0 ? nil : "LDB-\(counts.lastError)", stateBytes: stateBytes, stateKeys: stateKeys)
    }
}
