internal import LearnedIndex

/// What an index is made of, as EXPLAIN shows it.
public struct IndexShape: Sendable, Hashable {
    /// Levels of inner nodes above the leaves.
    public var depth: Int
    /// Trees that the index consists of: one over 64-bit keys, more over bytes.
    public var layers: Int
    public var keys: Int
    /// Distance between the slot a model names and the entry's own, in slots: mean when the leaves were built, and the
    /// greatest bound kept now.
    public var meanError: Double
    public var maxError: Int
}

extension TableIndex {
    /// O(nodes).
    public var shape: IndexShape {
        let report = tree.report
        return IndexShape(
            depth: report.depth, layers: report.layers, keys: report.keys, meanError: report.meanError, maxError: report.maxError)
    }
}
