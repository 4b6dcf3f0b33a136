public import Base
internal import CDuckDB
public import Columnar

/// A column of a relation.
public struct RelationColumn: Sendable, Hashable {
    public var name: String
    public var type: DataType
    public var notNull: Bool

    public init(_ name: String, _ type: DataType, notNull: Bool = false) {
        self.name = name
        self.type = type
        self.notNull = notNull
    }
}

/// An immutable set of row groups under column names: one moment of a relation.
///
/// The row groups live until the last of these is gone: this object, the catalogs that published it, the transactions
/// that began while it was published, and the scans over it. Then `onRelease` is called once, on whatever thread let go
/// last; it must not call DuckDB.
@safe
public final class RelationSnapshot: @unchecked Sendable {
    public let columns: [RelationColumn]
    public let rowCount: Int
    let handle: OpaquePointer

    /// Throws `internal` when a layout's encoding or width does not fit its column's type.
    /// Complexity: O(row groups * columns).
    public init(
        columns: [RelationColumn], rowGroups: [RowGroup], onRelease: (@Sendable () -> Void)? = nil
    ) throws(LeibrixError) {
        self.columns = columns
        self.rowCount = rowGroups.reduce(0) { $0 + $1.rows }
        unsafe handle = try unsafe Self.makeHandle(columns: columns, rowGroups: rowGroups, onRelease: onRelease)
    }

    /// What a scan of a live relation reads; `statisticsVersion` (above 0) is that of the facts it lies within.
    public init(
        columns: [RelationColumn], rowGroups: [RowGroup], statisticsVersion: UInt64, onRelease: (@Sendable () -> Void)? = nil
    ) throws(LeibrixError) {
        precondition(statisticsVersion > 0)
        self.columns = columns
        self.rowCount = rowGroups.reduce(0) { $0 + $1.rows }
        unsafe handle = try unsafe Self.makeHandle(
            columns: columns, rowGroups: rowGroups, statisticsVersion: statisticsVersion, onRelease: onRelease)
    }

    /// The facts of a live relation.
    init(columns: [RelationColumn], facts: RelationFacts) throws(LeibrixError) {
        precondition(facts.version > 0 && facts.columns.count == columns.count)
        self.columns = columns
        self.rowCount = facts.rows
        unsafe handle = try unsafe Self.makeHandle(columns: columns, rowGroups: [], statisticsVersion: facts.version, facts: facts)
    }

    deinit { unsafe lbx_snapshot_release(handle) }

    /// A reference of the C side's own, to be released or given away.
    static func makeHandle(
        columns: [RelationColumn], rowGroups: [RowGroup], statisticsVersion: UInt64 = 0, facts: RelationFacts? = nil,
        onRelease: (@Sendable () -> Void)? = nil
    ) throws(LeibrixError) -> OpaquePointer {
        let holder = unsafe Unmanaged.passRetained(SnapshotMemory(rowGroups, onRelease))
        guard let made = unsafe make(columns, rowGroups, statisticsVersion, facts, owner: holder.toOpaque()) else {
            // The C side did not take the holder over; its memory goes without a call to `onRelease`.
            unsafe holder.takeRetainedValue().onRelease = nil
            throw LeibrixError(.internal, "a row group's layout does not fit its columns' types")
        }
        return unsafe made
    }

    private static func make(
        _ columns: [RelationColumn], _ rowGroups: [RowGroup], _ statisticsVersion: UInt64, _ facts: RelationFacts?,
        owner: UnsafeMutableRawPointer
    ) -> OpaquePointer? {
        let known = facts.map { FactsMemory($0) }
        defer { withExtendedLifetime(known) {} }
        var types: [duckdb_logical_type?] = unsafe columns.map { column in unsafe LogicalType(column.type).leak() }
        defer { for index in unsafe types.indices { unsafe duckdb_destroy_logical_type(&types[index]) } }
        let groups: [UnsafePointer<lbx_row_group>?] = unsafe rowGroups.map { unsafe UnsafePointer($0.layout) }
        let notNull: [UInt8] = columns.map { $0.notNull ? 1 : 0 }
        return unsafe withCStrings(columns.map(\.name)) { names in
            unsafe types.withUnsafeBufferPointer { types in
                unsafe groups.withUnsafeBufferPointer { groups in
                    unsafe notNull.withUnsafeBufferPointer { notNull in
                        var relation = unsafe lbx_relation()
                        unsafe relation.column_names = unsafe UnsafePointer(names)
                        unsafe relation.column_types = types.baseAddress
                        unsafe relation.column_not_null = notNull.baseAddress
                        unsafe relation.column_count = UInt32(columns.count)
                        unsafe relation.row_groups = groups.baseAddress
                        unsafe relation.row_group_count = UInt64(groups.count)
                        unsafe relation.facts = known?.columns
                        unsafe relation.facts_rows = UInt64(facts?.rows ?? 0)
                        unsafe relation.statistics_version = statisticsVersion
                        unsafe relation.owner = owner
                        unsafe relation.release = { owner in
                            let memory = unsafe Unmanaged<SnapshotMemory>.fromOpaque(owner!).takeRetainedValue()
                            memory.release()
                        }
                        return unsafe lbx_snapshot_make(&relation)
                    }
                }
            }
        }
    }
}

/// What a snapshot's C side holds: the row groups, and whom to tell when it lets go.
private final class SnapshotMemory {
    private var rowGroups: [RowGroup]
    var onRelease: (@Sendable () -> Void)?

    init(_ rowGroups: [RowGroup], _ onRelease: (@Sendable () -> Void)?) {
        self.rowGroups = rowGroups
        self.onRelease = onRelease
    }

    func release() {
        rowGroups = []
        onRelease?()
        onRelease = nil
    }
}
