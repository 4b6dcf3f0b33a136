internal import Catalog
internal import Columnar

/// The columns of one system relation, with what a row holds where nothing is said: zero, false and '' where PostgreSQL
/// has NOT NULL, otherwise NULL.
struct TableShape: Sendable {
    struct Column: Sendable {
        let name: String
        /// pg_type.typname
        let typeName: String
        let isNotNull: Bool
        let type: DataType
    }

    let schema: String
    let name: String
    let oid: UInt32
    /// r or v
    let kind: String
    let rowTypeOID: UInt32
    let arrayTypeOID: UInt32
    let isShared: Bool
    let columns: [Column]
    private let positions: [String: Int]
    private let defaults: [Value]

    /// One row of `SystemFacts.relations`.
    init(facts cells: [Substring]) {
        schema = String(cells[0])
        name = String(cells[1])
        oid = UInt32(cells[2]) ?? 0
        kind = String(cells[3])
        rowTypeOID = UInt32(cells[4]) ?? 0
        arrayTypeOID = UInt32(cells[5]) ?? 0
        isShared = cells[6] == "1"
        columns = cells[7].split(separator: ",").map(Column.init(facts:))
        positions = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1.name, $0) })
        defaults = columns.map { $0.isNotNull ? $0.zero : .null }
    }

    /// A row from the columns that are named. A name that is not a column's is a mistake of the caller.
    func row(_ values: KeyValuePairs<String, Value>) -> [Value] {
        var row = defaults
        for (name, value) in values {
            guard let position = positions[name] else { preconditionFailure("\(self.name) has no column \(name)") }
            row[position] = value
        }
        return row
    }

    static let all: [TableShape] = SystemFacts.relations.map(TableShape.init(facts:))
    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ("\($0.schema).\($0.name)", $0) })

    /// A relation that is known to exist.
    static subscript(_ name: String, in schema: String = "pg_catalog") -> TableShape { byName["\(schema).\(name)"]! }
}

extension TableShape.Column {
    init(facts text: Substring) {
        let space = text.firstIndex(of: " ") ?? text.endIndex
        let typeText = text[space...].dropFirst()
        name = String(text[..<space])
        isNotNull = typeText.hasSuffix("!")
        typeName = String(isNotNull ? typeText.dropLast() : typeText)
        type = SystemType.named(typeName)
    }

    fileprivate var zero: Value {
        switch type.base {
        case .boolean: false
        case .varchar: ""
        case .list: .list([])
        case .real: .real(0)
        case .double: .double(0)
        case .blob: .blob([])
        default: 0
        }
    }
}
