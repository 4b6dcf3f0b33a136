public import Columnar

/// An expression as written. Operators are calls whose name is the operator (`+`, `||`, `~~` for LIKE).
public struct Expression: Sendable, Hashable {
    public var kind: Kind
    /// AS name; in a call's arguments the argument's name.
    public var alias: String?
    /// Byte of the text, from 0.
    public var location: Int?

    public init(_ kind: Kind, alias: String? = nil, location: Int? = nil) {
        self.kind = kind
        self.alias = alias
        self.location = location
    }

    public indirect enum Kind: Sendable, Hashable {
        /// One to four names: [catalog.][schema.][table.]column, or fields of a structure behind it.
        case column([String])
        case star(Star)
        case constant(Value, DataType)
        /// `$1` is "1"; `?` is numbered by its place.
        case parameter(String)
        /// `#1`.
        case position(Int)
        /// DEFAULT in VALUES.
        case defaultValue
        case call(FunctionCall)
        case comparison(Comparison, Expression, Expression)
        case and([Expression])
        case or([Expression])
        case not(Expression)
        case isNull(Expression)
        case isNotNull(Expression)
        /// `operand [NOT] IN (list)`.
        case inList(Expression, [Expression], isNegated: Bool)
        case between(Expression, lower: Expression, upper: Expression)
        case coalesce([Expression])
        /// `CASE operand WHEN` comes as comparisons with the operand.
        case conditional([Branch], otherwise: Expression)
        /// A type that is not built in is `DataType.other(name)`.
        case cast(Expression, DataType, isTry: Bool)
        case collate(Expression, String)
        case array([Expression])
        case element(Expression, Expression)
        /// `list[a:b]` and `list[a:b:c]`: the list, then the bounds.
        case slice([Expression])
        case field(Expression, String)
        /// TRY(expression).
        case attempt(Expression)
        /// GROUPING(keys).
        case grouping([Expression])
        case subquery(Subquery)
        case window(WindowCall)
        case lambda(Expression, Expression)
        case other(String)
    }

    public struct Branch: Sendable, Hashable {
        public var condition: Expression
        public var result: Expression
    }
}

public enum Comparison: Sendable, Hashable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, distinct, notDistinct

    /// The comparison with its sides exchanged.
    public var mirrored: Comparison {
        switch self {
        case .equal, .notEqual, .distinct, .notDistinct: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

/// `*`, `t.*`, `COLUMNS(…)`.
public struct Star: Sendable, Hashable {
    public var relation: String?
    /// EXCLUDE, qualified names joined by a point.
    public var excluded: [String]
    public var replaced: [Replacement]
    public var renamed: [Renaming]
    /// COLUMNS(…): nil for `*`. The argument, where there is one.
    public var isColumns: Bool
    public var pattern: Expression?

    public struct Replacement: Sendable, Hashable {
        public var name: String
        public var expression: Expression
    }

    public struct Renaming: Sendable, Hashable {
        public var from: String
        public var to: String
    }

    /// `*` or `t.*`, nothing left out or replaced.
    public var isPlain: Bool { excluded.isEmpty && replaced.isEmpty && renamed.isEmpty && !isColumns && pattern == nil }
}

public struct FunctionCall: Sendable, Hashable {
    /// In lower case, as DuckDB keeps it.
    public var name: String
    public var schema: String?
    public var arguments: [Expression]
    public var isOperator: Bool
    public var isDistinct: Bool
    /// FILTER (WHERE …).
    public var filter: Expression?
    /// ORDER BY inside the call, and WITHIN GROUP.
    public var order: [OrderKey]

    /// Neither DISTINCT nor FILTER nor ORDER BY.
    public var isPlain: Bool { !isDistinct && filter == nil && order.isEmpty }
}

public struct Subquery: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case scalar, exists
        /// `operand comparison ANY (query)`; IN is `= ANY`, ALL is a NOT of the contrary. `= ANY(array)` has the query
        /// `SELECT unnest(array)`, which `anyElement` takes apart.
        case any(Expression, Comparison)
        case other(String)
    }

    public var kind: Kind
    public var query: Query

    /// The array of `operand comparison ANY (array)`.
    public var anyElement: Expression? {
        guard case .any = kind, let select = query.select, select.from.kind == .none, select.list.count == 1,
            query.limit == nil, query.distinct == nil, select.filter == nil,
            case .call(let call) = select.list[0].kind, call.name == "unnest", call.arguments.count == 1
        else { return nil }
        return call.arguments[0]
    }
}

public struct WindowCall: Sendable, Hashable {
    public var call: FunctionCall
    public var partitions: [Expression]
    public var order: [OrderKey]
    public var frame: Frame
    public var ignoresNulls: Bool
    /// lag's and lead's second and third argument.
    public var offset: Expression?
    public var defaultValue: Expression?

    public struct Frame: Sendable, Hashable {
        public enum Unit: Sendable, Hashable { case rows, range, groups }
        public enum Bound: Sendable, Hashable {
            case unboundedPreceding, unboundedFollowing
            case currentRow(Unit)
            case preceding(Expression, Unit)
            case following(Expression, Unit)
            case other(String)
        }
        public enum Exclusion: Sendable, Hashable { case nothing, currentRow, group, ties }

        public var start: Bound
        public var end: Bound
        public var exclusion: Exclusion
    }
}
