// The columns an expression may name.
internal import Base
internal import Columnar

struct Scope: Sendable {
    struct Column: Hashable, Sendable {
        var relation: String?
        var name: String
        var type: DataType
        /// Known by its relation's name alone: USING has merged it with the other side's.
        var isHidden = false
    }

    var columns: [Column]

    init(_ columns: [Column]) { self.columns = columns }

    /// The column of that name, the last part its own, one before it its relation's.
    func find(_ names: [String], _ location: Int?) throws(LeibrixError) -> Int {
        let name = names[names.count - 1]
        let relation = names.count > 1 ? names[names.count - 2] : nil
        let found = columns.indices.filter {
            columns[$0].name.lowercased() == name.lowercased()
                && (relation == nil && !columns[$0].isHidden || columns[$0].relation?.lowercased() == relation?.lowercased())
        }
        let shown = names.joined(separator: ".")
        guard let first = found.first else {
            throw LeibrixError(
                .undefinedColumn, "column \"\(shown)\" does not exist",
                hint: "There are: \(columns.map(\.name).prefix(20).joined(separator: ", ")).", position: location.map { $0 + 1 })
        }
        if found.count > 1 {
            throw LeibrixError(
                .ambiguousName, "column reference \"\(shown)\" is ambiguous", hint: "Put the relation's name before it.",
                position: location.map { $0 + 1 })
        }
        return first
    }
}
