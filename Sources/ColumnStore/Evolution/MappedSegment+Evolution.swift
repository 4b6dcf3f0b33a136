public import Base
internal import Columnar
public import DuckDBKit

extension MappedSegment {
    /// The row groups as `wanted` has them: columns match by name (case does not count), one that the file has not is NULL, one
    /// that `wanted` has not is left out, and narrower integers, decimals and floats are widened. Verifies first, as
    /// `rowGroups()` does. Throws `incompatibleSchema` naming the column whose type cannot become the wanted one.
    ///
    /// Widening copies plain values: `widenedBytes(as:)` tells how many bytes beyond the mapping that takes. All else is free.
    public func rowGroups(as wanted: [RelationColumn]) throws(LeibrixError) -> [RowGroup] {
        let sources = try matching(wanted)
        try verify()
        var groups: [RowGroup] = []
        for group in placed {
            let memory = ViewMemory()
            memory.kept = [mapping]
            let start = unsafe mapping.start + group.offset
            var layouts: [ColumnLayout] = []
            for (column, source) in zip(wanted, sources) {
                guard let source else {
                    layouts.append(ColumnNode.missing(rows: group.node.rows))
                    continue
                }
                let root = group.node.columns[source].root
                guard let layout = unsafe root.layout(at: start, from: columns[source].type, as: column.type, memory) else {
                    throw incompatible(column, columns[source])
                }
                layouts.append(layout)
            }
            groups.append(RowGroup(rows: group.node.rows, columns: layouts, owner: memory))
        }
        return groups
    }

    /// Bytes that `rowGroups(as:)` copies. O(row groups * columns).
    public func widenedBytes(as wanted: [RelationColumn]) throws(LeibrixError) -> Int {
        let sources = try matching(wanted)
        return placed.reduce(0) { sum, group in
            zip(wanted, sources).reduce(sum) { sum, pair in
                guard let source = pair.1 else { return sum }
                return sum + group.node.columns[source].root.widenedBytes(from: columns[source].type, as: pair.0.type)
            }
        }
    }

    /// Which of the file's columns each wanted one is; nil where there is none.
    private func matching(_ wanted: [RelationColumn]) throws(LeibrixError) -> [Int?] {
        var sources: [Int?] = []
        for column in wanted {
            let name = column.name.lowercased()
            let source = columns.firstIndex { $0.name.lowercased() == name }
            if let source, !Self.fits(columns[source].type, column.type) { throw incompatible(column, columns[source]) }
            if source == nil, column.notNull, rows > 0 {
                throw LeibrixError(
                    .incompatibleSchema, "column \(column.name) is NOT NULL, but segment \(path) does not have it",
                    hint: "Allow NULL in the column, or load the data again.")
            }
            sources.append(source)
        }
        return sources
    }

    /// Whether every nested type widens, too.
    private static func fits(_ old: DataType, _ new: DataType) -> Bool {
        guard let widening = TypeWidening(from: old, to: new) else { return false }
        guard widening == .nested else { return true }
        if case .structure(let oldFields) = old.base, case .structure(let newFields) = new.base {
            return newFields.allSatisfy { field in
                oldFields.first { $0.name.lowercased() == field.name.lowercased() }.map { fits($0.type, field.type) } ?? true
            }
        }
        return zip(old.childTypes, new.childTypes).allSatisfy(fits)
    }

    private func incompatible(_ wanted: RelationColumn, _ stored: RelationColumn) -> LeibrixError {
        LeibrixError(
            .incompatibleSchema, "column \(wanted.name) of type \(stored.type) cannot be read as \(wanted.type)",
            detail: "segment \(path)", hint: "Create the dataset anew, so that its data is loaded with the new type.")
    }
}
