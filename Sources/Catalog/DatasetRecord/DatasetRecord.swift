/// A dataset as the control store keeps it: its spec, and what it serves.
public struct DatasetRecord: Sendable, Hashable {
    public var spec: DatasetSpec
    /// Columns of the READY set; empty until its first load is planned.
    public var columns: [ColumnDefinition]
    /// The snapshot of the READY set; nil until the first whole set is READY.
    public var snapshotID: String?
    /// What the last poll saw of the source; equal means that there is nothing to load.
    public var sourceMark: String?
    public var createdMicros: Int64
    /// When the READY set last changed.
    public var flippedMicros: Int64?

    public init(
        spec: DatasetSpec, columns: [ColumnDefinition] = [], snapshotID: String? = nil, sourceMark: String? = nil,
        createdMicros: Int64, flippedMicros: Int64? = nil
    ) {
        self.spec = spec
        self.columns = columns
        self.snapshotID = snapshotID
        self.sourceMark = sourceMark
        self.createdMicros = createdMicros
        self.flippedMicros = flippedMicros
    }
}
