// Schema evolution. A dataset's columns may grow at any place and widen; whatever would change or take away an answer
// that clients get today is refused and asks for a new dataset.
internal import Columnar

/// How a source's columns differ from those a dataset serves.
public enum SchemaChange: Sendable, Hashable {
    case none
    /// The columns to serve from now on. `widened` names columns whose old epochs hold a narrower type.
    case compatible(columns: [ColumnDefinition], added: [String], widened: [String])
    case incompatible(reason: String)

    /// Compares by name, without regard to case. Columns that the dataset has keep their order; new ones follow.
    public static func between(dataset old: [ColumnDefinition], source new: [ColumnDefinition]) -> SchemaChange {
        if old == new { return .none }
        var byName: [String: ColumnDefinition] = [:]
        for column in new { byName[column.name.lowercased()] = column }
        var columns: [ColumnDefinition] = []
        var widened: [String] = []
        for column in old {
            guard let found = byName.removeValue(forKey: column.name.lowercased()) else {
                return .incompatible(reason: "column \"\(column.name)\" is gone from the source")
            }
            if found.type == column.type || canHold(found.type, in: column.type) {
                columns.append(column)
            } else if canHold(column.type, in: found.type) {
                columns.append(ColumnDefinition(column.name, found.type))
                widened.append(column.name)
            } else {
                return .incompatible(reason: "column \"\(column.name)\" changed from \(column.type) to \(found.type)")
            }
        }
        let added = new.filter { byName[$0.name.lowercased()] != nil }
        if added.isEmpty && widened.isEmpty { return .none }
        return .compatible(columns: columns + added, added: added.map(\.name), widened: widened)
    }

    /// Whether every value of `narrow` is a value of `wide`, spelled the same.
    static func canHold(_ narrow: DataType, in wide: DataType) -> Bool {
        switch (narrow, wide) {
        case (.decimal(let width, let scale), .decimal(let wider, let sameScale)):
            return scale == sameScale && wider >= width
        case (.real, .double): return true
        case (.structure(let old), .structure(let new)):
            return old.count == new.count && zip(old, new).allSatisfy { $0.name == $1.name && ($0.type == $1.type || canHold($0.type, in: $1.type)) }
        case (.list(let old), .list(let new)): return old == new || canHold(old, in: new)
        default: break
        }
        let signed: [DataType] = [.tinyInt, .smallInt, .integer, .bigInt, .hugeInt]
        let unsigned: [DataType] = [.unsignedTinyInt, .unsignedSmallInt, .unsignedInteger, .unsignedBigInt, .unsignedHugeInt]
        for family in [signed, unsigned] {
            if let from = family.firstIndex(of: narrow), let to = family.firstIndex(of: wide) { return from <= to }
        }
        return false
    }
}
