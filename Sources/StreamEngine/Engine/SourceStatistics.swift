/// A source's rows and time: a row of leibrix.sources, and its row in leibrix.operators.
public struct SourceStatistics: Sendable, Hashable {
    public var name: String
    /// Rows that were pushed or offered, without those rejected: `rowsIn = emitted + dropped + pending`, always.
    public var rowsIn: Int
    /// Rows that were worked on.
    public var emitted: Int
    /// Rows that a full buffer let go.
    public var dropped: Int
    /// Rows that wait in the buffer.
    public var pending: Int
    /// Rows that were refused with an error, and were never the source's.
    public var rejected: Int
    /// Rows since the source was made, before restarts too.
    public var offset: Int
    /// Event time, in the source's unit; nil before the first row.
    public var watermark: Int64?

    public var isConserved: Bool { rowsIn == emitted + dropped + pending }

    /// The source as the first operator of what reads it: rows dropped are filtered ones.
    public var asOperator: OperatorStatistics {
        OperatorStatistics(
            stream: name, position: 0, kind: "source", rowsIn: rowsIn, emitted: emitted, filtered: dropped, late: 0, buffered: pending, rowsOut: emitted,
            failed: 0, lastError: nil, stateBytes: 0, stateKeys: 0, dropped: dropped)
    }
}

extension StreamEngine {
    /// Every source's rows, by name.
    public var sourceStatistics: [SourceStatistics] {
        enter {
            sources.values.sorted { $0.definition.name < $1.definition.name }.map { source in
                let counts = source.pending?.counts ?? PendingRows.Counts()
                return SourceStatistics(
                    name: source.definition.name, rowsIn: source.taken + counts.dropped + counts.waiting, emitted: source.taken, dropped: counts.dropped,
                    pending: counts.waiting, rejected: counts.rejected, offset: source.offset,
                    watermark: source.tracker.watermark == .min ? nil : source.tracker.watermark)
            }
        }
    }
}
