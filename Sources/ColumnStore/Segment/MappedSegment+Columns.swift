public import Base
internal import Columnar
public import DuckDBKit

extension MappedSegment {
    /// The row groups with the columns of a relation that may have grown since the segment was written: matched by name
    /// without regard to case, a column that the segment lacks is NULL in every row.
    ///
    /// Content that is not verified yet is verified by the scans, each column of a row group before it is first read; a damaged
    /// one ends the statement with `corruptSegment`. Throws `typeMismatch` for a column of another type.
    public func rowGroups(for relation: [RelationColumn]) throws(LeibrixError) -> [RowGroup] {
        let places = try relation.map { column throws(LeibrixError) in try place(of: column) }
        return placed.indices.map { index in
            let group = placed[index]
            let start = unsafe mapping.start + group.offset
            let layouts = places.map { place in
                place.map { unsafe group.node.columns[$0].root.layout(at: start) } ?? Self.absent(rows: group.node.rows)
            }
            if isVerified { return RowGroup(rows: group.node.rows, columns: layouts, owner: mapping) }
            return RowGroup(rows: group.node.rows, columns: layouts, owner: self) { [unowned self] column throws(LeibrixError) in
                if let place = places[column] { try verifyChunk(index, place) }
            }
        }
    }

    private func place(of column: RelationColumn) throws(LeibrixError) -> Int? {
        guard let index = columns.firstIndex(where: { $0.name.lowercased() == column.name.lowercased() }) else { return nil }
        guard columns[index].type == column.type else {
            throw LeibrixError(
                .typeMismatch, "column \"\(column.name)\" of segment \(path) is of type \(columns[index].type), not \(column.type)")
        }
        return index
    }

    private static func absent(rows: Int) -> ColumnLayout {
        unsafe ColumnLayout(encoding: .allNull, statistics: ColumnStatistics(nullCount: UInt64(rows)))
    }
}
