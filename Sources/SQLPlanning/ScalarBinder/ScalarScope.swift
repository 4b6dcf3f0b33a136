public import Columnar

/// What names mean in an expression: the columns of one relation, the parameters' types.
public struct ScalarScope: Sendable {
    public private(set) var columns: [Column]
    /// Names that a column may be qualified with: the alias, or the table with and without its schema.
    public var qualifiers: [[String]]
    /// By number from 1; nil where the type is open.
    public var parameterTypes: [DataType?]
    /// Columns behind these are EXCLUDED's.
    private let ownCount: Int

    public struct Column: Sendable {
        public var name: String
        public var type: DataType

        public init(_ name: String, _ type: DataType) {
            self.name = name
            self.type = type
        }
    }

    public init(columns: [Column] = [], qualifiers: [[String]] = [], parameterTypes: [DataType?] = []) {
        self.columns = columns
        self.qualifiers = qualifiers
        self.parameterTypes = parameterTypes
        ownCount = columns.count
    }

    /// ON CONFLICT's: the same columns once more, behind the others, under the name `excluded`.
    var withExcluded: ScalarScope {
        var both = self
        both.columns += columns
        return both
    }

    /// The column's place; nil for none, or more than one, of that name.
    public func column(_ path: [String]) -> Int? {
        guard let name = path.last else { return nil }
        let qualifier = Array(path.dropLast())
        if ownCount < columns.count, Self.isSame(qualifier, ["excluded"]) { return place(name).map { $0 + ownCount } }
        guard qualifier.isEmpty || qualifiers.contains(where: { Self.isSame($0, qualifier) }) else { return nil }
        return place(name)
    }

    private func place(_ name: String) -> Int? {
        let found = (0..<ownCount).filter { Self.isSame(columns[$0].name, name) }
        return found.count == 1 ? found[0] : nil
    }

    static func isSame(_ a: [String], _ b: [String]) -> Bool {
        a.count == b.count && zip(a, b).allSatisfy { isSame($0, $1) }
    }

    /// Without regard to ASCII case, as DuckDB and the table catalog compare names.
    static func isSame(_ a: String, _ b: String) -> Bool {
        a.utf8.elementsEqual(b.utf8) { x, y in x == y || (x | 32 == y | 32 && (97...122).contains(x | 32)) }
    }
}
