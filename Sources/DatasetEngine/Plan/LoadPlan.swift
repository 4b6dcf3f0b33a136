// What one refresh will do to a dataset: which epochs to load from which snapshot, which to keep, which to retire.
internal import Base
internal import Catalog
internal import Columnar

struct LoadPlan: Sendable {
    var planID: String
    var dataset: TenantName
    var table: SourceTable
    var keys: EpochKeys
    /// What the dataset serves once the plan is done.
    var columns: [ColumnDefinition]
    /// To be written, by key.
    var loads: [PlannedEpoch]
    /// READY versions that stay as they are.
    var kept: [EpochRecord]
    /// READY versions that are replaced, are gone from the source, or are past the window; with the reason.
    var retired: [(record: EpochRecord, reason: String)]

    /// Rows to write.
    var rows: Int64 { loads.reduce(0) { $0 + $1.expected.rows } }
    var isEmpty: Bool { loads.isEmpty && retired.isEmpty }
}

struct PlannedEpoch: Sendable {
    var key: Int64
    var slot: EpochSlot
    /// What the source says of exactly these rows.
    var expected: Survey.Epoch
    var sourceMark: String
}

extension LoadPlan {
    /// Bytes that the epochs will take at most, roughly: the widths of the columns, 16 bytes for a value without one.
    static func estimatedBytes(rows: Int64, columns: [ColumnDefinition]) -> Int64 {
        rows * columns.reduce(Int64(0)) { $0 + Int64(width($1.type)) }
    }

    private static func width(_ type: DataType) -> Int {
        switch type.base {
        case .structure(let fields), .union(let fields): fields.reduce(0) { $0 + width($1.type) }
        case .array(let element, let size): width(element) * size
        case .list(let element): 8 + width(element) * 2
        case .map(let key, let value): 8 + (width(key) + width(value)) * 2
        case .varchar, .blob, .bit: 12
        default: type.physicalWidth
        }
    }

    /// Loads put together so that each group is one statement over the source: small neighbours share a scan, and no
    /// group holds more unsealed rows than memory allows.
    func groups(threads: Int, rowGroupRows: Int64 = Int64(rowGroupRowsMax)) -> [[PlannedEpoch]] {
        let width = max(Self.estimatedBytes(rows: 1, columns: columns), 1)
        var groups: [[PlannedEpoch]] = []
        var rows: Int64 = 0
        var staged: Int64 = 0
        for epoch in loads.sorted(by: { $0.key < $1.key }) where epoch.expected.rows > 0 {
            let own = min(epoch.expected.rows, Int64(threads) * rowGroupRows) * width
            let isFull = rows >= DatasetLimits.groupRowsMin && !sharesFiles(groups.last?.last, epoch)
            if groups.isEmpty || isFull || staged + own > DatasetLimits.stagedBytesMax
                || groups[groups.count - 1].count >= DatasetLimits.groupEpochsMax
            {
                groups.append([])
                rows = 0
                staged = 0
            }
            groups[groups.count - 1].append(epoch)
            rows += epoch.expected.rows
            staged += own
        }
        return groups
    }

    /// Whether some file holds rows of both, so that loading them apart would read it twice.
    private func sharesFiles(_ a: PlannedEpoch?, _ b: PlannedEpoch) -> Bool {
        guard let first = a?.slot.range, let second = b.slot.range, !table.files.isEmpty else { return true }
        return table.files.contains { file in
            guard let bounds = file.timeBounds else { return true }
            return bounds.overlaps(first) && bounds.overlaps(second)
        }
    }

    /// The dataset's columns in order, as the source's table gives them.
    var selection: String {
        let names = Dictionary(uniqueKeysWithValues: table.columns.map { ($0.name.lowercased(), $0) })
        let picked = columns.map { column in
            guard let source = names[column.name.lowercased()] else { return "NULL::\(column.type) AS \(SQLText.name(column.name))" }
            let name = SQLText.name(source.name)
            return source.type == column.type ? name : "CAST(\(name) AS \(column.type)) AS \(SQLText.name(column.name))"
        }
        return picked.joined(separator: ", ")
    }

    /// The rows of the dataset as one query of the source.
    var wholeQuery: String {
        let isAll = keys.isWhole || (keys.dimensions.isEmpty && keys.filter.isOpen)
        return "SELECT \(selection) FROM \(table.relation)" + (isAll ? "" : " WHERE (\(keys.expression)) IS NOT NULL")
    }

    /// The statement that reads a group: the dataset's columns, then the key.
    func query(_ group: [PlannedEpoch]) -> String {
        "SELECT \(selection), \(keys.expression) AS __lbx_key FROM \(table.relation) WHERE \(predicate(group))"
    }

    /// Skips files and row groups by time. What is left of rows outside the group has a key that the router does not know.
    private func predicate(_ group: [PlannedEpoch]) -> String {
        let isAll = group.count == loads.count && kept.isEmpty && keys.filter.isOpen
        let ranges = group.compactMap(\.slot.range)
        guard !isAll, keys.timeColumn != nil, let start = ranges.map(\.startMS).min(), let end = ranges.map(\.endMS).max() else {
            return "true"
        }
        let inside = keys.predicate(from: start, to: end)
        return ranges.count == group.count ? inside : "(\(inside)) OR (\(keys.time ?? "NULL")) IS NULL"
    }
}
