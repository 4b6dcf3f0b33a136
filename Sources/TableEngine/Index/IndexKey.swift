/// A key, or the beginning of one, in an index's own form. Made by `TableIndex.key`, good for that index alone.
public enum IndexKey: Hashable, Sendable {
    /// A unique index over one column of at most eight bytes.
    case word(UInt64)
    case bytes([UInt8])
}
