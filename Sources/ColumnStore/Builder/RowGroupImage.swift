public import Columnar
public import DuckDBKit

/// A row group in memory of its own: what small relations and tables are made of. Immutable, so it crosses threads.
public final class RowGroupImage: @unchecked Sendable {
    let node: RowGroupNode
    public let types: [DataType]
    private let memory: AlignedBuffer

    init(node: RowGroupNode, types: [DataType], memory: consuming AlignedBuffer) {
        self.node = node
        self.types = types
        self.memory = memory
    }

    public var rows: Int { node.rows }
    /// Memory held, slack included.
    public var bytes: Int { memory.capacity }

    /// The columns as pointers that are valid as long as this object.
    public var layouts: [ColumnLayout] { node.columns.map { unsafe $0.root.layout(at: memory.base) } }
}

extension RowGroupImage {
    /// The row group as the scan takes it; it keeps this object.
    public func rowGroup() -> RowGroup { RowGroup(rows: rows, columns: layouts, owner: self) }
}
