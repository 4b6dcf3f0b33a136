/// What stands in FROM.
public struct TableReference: Sendable, Hashable {
    public var kind: Kind
    public var alias: String?
    /// `AS t(a, b)`.
    public var columnAliases: [String]
    public var sample: Sample?
    /// Byte of the text, from 0.
    public var location: Int?

    public indirect enum Kind: Sendable, Hashable {
        /// No FROM at all.
        case none
        case table(TableName)
        case join(Join)
        case subquery(Query)
        /// A table function, its arguments in `arguments`; named ones are comparisons of a column with a value.
        case function(FunctionCall, withOrdinality: Bool)
        case values([[Expression]])
        case other(String)
    }

    public init(_ kind: Kind) {
        self.kind = kind
        self.alias = nil
        self.columnAliases = []
        self.sample = nil
        self.location = nil
    }
}

extension TableReference {
    /// The name that columns are qualified with: the alias, else the table's own.
    public var name: String? {
        if let alias { return alias }
        return switch kind {
        case .table(let table): table.name
        case .function(let call, _): call.name
        default: nil
        }
    }
}

public struct TableName: Sendable, Hashable {
    public var catalog: String?
    public var schema: String?
    public var name: String
    /// AT (VERSION => …) or AT (TIMESTAMP => …).
    public var at: TimeTravel?

    public init(catalog: String? = nil, schema: String? = nil, name: String, at: TimeTravel? = nil) {
        self.catalog = catalog
        self.schema = schema
        self.name = name
        self.at = at
    }

    public struct TimeTravel: Sendable, Hashable {
        public var unit: String
        public var value: Expression
    }
}

public struct Join: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case inner, left, right, full, semi, anti
        case other(String)
    }

    public enum Condition: Sendable, Hashable {
        /// CROSS JOIN, and the comma.
        case none
        case on(Expression)
        case using([String])
        case natural
        case positional
    }

    public var kind: Kind
    public var isASOF: Bool
    public var condition: Condition
    public var left: TableReference
    public var right: TableReference
}
