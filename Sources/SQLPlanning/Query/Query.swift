// A query as DuckDB's parser understood it: names are not resolved, types are those that were written, and every place
// keeps its byte in the text. What the parser knows and this tree has no shape for is `.other(kind)`, so that whoever
// stands on the tree refuses it by name instead of overlooking it.

/// A SELECT, a set operation or VALUES, with what surrounds it. DISTINCT, ORDER BY and LIMIT apply in that order.
public struct Query: Sendable, Hashable {
    /// WITH, in the order written; later ones see earlier ones.
    public var commonTables: [CommonTable]
    public var body: Body
    public var distinct: Distinct?
    public var order: [OrderKey]
    public var limit: Limit?

    public init(_ body: Body) {
        self.commonTables = []
        self.body = body
        self.distinct = nil
        self.order = []
        self.limit = nil
    }

    public indirect enum Body: Sendable, Hashable {
        case select(Select)
        case setOperation(SetOperation)
        /// WITH RECURSIVE's own query.
        case recursive(RecursiveQuery)
        case other(String)
    }

    public enum Distinct: Sendable, Hashable {
        case all
        case on([Expression])
    }
}

extension Query {
    /// The SELECT, where the query is one.
    public var select: Select? {
        if case .select(let select) = body { return select }
        return nil
    }
}

/// WITH name (columns) AS (query); MATERIALIZED is not kept by DuckDB's serialization.
public struct CommonTable: Sendable, Hashable {
    public var name: String
    public var columns: [String]
    public var query: Query
}

/// One SELECT … FROM … WHERE … without what orders and limits it.
public struct Select: Sendable, Hashable {
    public var list: [Expression]
    public var from: TableReference
    public var filter: Expression?
    public var grouping: Grouping
    public var having: Expression?
    public var qualify: Expression?
    /// USING SAMPLE.
    public var sample: Sample?

    public enum Grouping: Sendable, Hashable {
        /// No GROUP BY.
        case none
        case keys([Expression])
        /// GROUP BY ALL; also a HAVING without GROUP BY.
        case all
        /// GROUPING SETS, ROLLUP and CUBE: each set names keys by their places in `keys`.
        case sets(keys: [Expression], sets: [[Int]])
    }
}

/// left UNION | INTERSECT | EXCEPT right.
public struct SetOperation: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case union, unionByName, except, intersect
        case other(String)
    }

    public var kind: Kind
    /// ALL: duplicates are kept.
    public var keepsDuplicates: Bool
    public var left: Query
    public var right: Query
}

/// The two halves of a recursive common table.
public struct RecursiveQuery: Sendable, Hashable {
    public var name: String
    public var columns: [String]
    public var keepsDuplicates: Bool
    public var left: Query
    public var right: Query
    /// USING KEY.
    public var keys: [Expression]
}

public struct OrderKey: Sendable, Hashable {
    public enum Direction: Sendable, Hashable { case unspecified, ascending, descending }
    public enum Nulls: Sendable, Hashable { case unspecified, first, last }

    public var expression: Expression
    public var direction: Direction
    public var nulls: Nulls
}

/// LIMIT and OFFSET as written; NULL or nothing is no limit.
public struct Limit: Sendable, Hashable {
    public var count: Expression?
    public var offset: Expression?
    public var isPercentage: Bool
}

/// TABLESAMPLE, USING SAMPLE.
public struct Sample: Sendable, Hashable {
    public var size: Double
    public var isPercentage: Bool
    public var method: String
}
