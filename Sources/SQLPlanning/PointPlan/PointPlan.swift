// A statement that an index answers: which index, with which keys, what is filtered and computed on the rows found. All
// names are resolved and all expressions bound, so that running one needs neither parser nor engine. A plan is good while
// the catalog's version is the one it was made on.

public import Catalog
public import Columnar

/// How rows are found.
public enum PointAccess: Sendable {
    /// One row without a table.
    case nothing
    /// At most one row a key: every column of a unique index is given.
    case keys(PointKeys)
    /// All rows of a part of an index, in its order. To be given up for the columnar route when it holds too many.
    case range(PointRange)
}

/// Whole keys of a unique index.
public struct PointKeys: Sendable {
    public var index: TableID
    /// One program a column of the index, but for the one that `list` gives. No column is read by them. A key with a NULL finds nothing.
    public var columns: [KeyPart]
    public var list: List?

    /// The column that has several values. Equal values are looked up once.
    public struct List: Sendable {
        public enum Source: Sendable {
            case values([KeyPart])
            /// An array parameter's place, from 0: `= ANY($1)`.
            case parameter(Int)
        }
        public var place: Int
        /// The column's type.
        public var type: DataType
        public var source: Source
    }
}

/// A value of a key, in the column's type. `needsRange`: the program's integers may lie outside the column's type, where no row can be.
public struct KeyPart: Sendable {
    public var program: ScalarProgram
    public var type: DataType
    public var needsRange: Bool

    /// Whether the column's type holds the value; such a value can be equal to a column's.
    public func fits(_ value: Scalar) -> Bool {
        guard needsRange, case .integer(let number) = value, let type = ScalarType(type) else { return true }
        return type.range.contains(number)
    }
}

/// A part of an index: equal values of its first columns, then bounds of the next.
public struct PointRange: Sendable {
    public struct Bound: Sendable {
        public var part: KeyPart
        public var isInclusive: Bool
    }
    public var index: TableID
    public var prefix: [KeyPart]
    public var lower: Bound?
    public var upper: Bound?
    public var isReverse: Bool
    /// Rows come in the order that the statement asks for, so that its LIMIT ends the scan.
    public var isOrdered: Bool
}

/// What a row gives.
public struct PointOutput: Sendable {
    /// nil: DuckDB's name of an expression.
    public var name: String?
    public var type: DataType
    public var source: Source

    public enum Source: Sendable {
        /// A column's place in the table.
        case column(Int)
        case program(ScalarProgram)
    }
}

public struct PointOrder: Sendable {
    public var program: ScalarProgram
    public var isDescending: Bool

    /// Before (negative), equal or after.
    public func order(_ a: Scalar, _ b: Scalar) -> Int {
        guard let type = program.resultType else { return 0 }
        let order = ScalarProgram.order(type, a, b)
        return isDescending ? -order : order
    }
}

/// The rows of one table that a statement is about.
public struct PointSource: Sendable {
    /// nil for `.nothing`.
    public var table: TableDefinition?
    public var access: PointAccess
    /// Rows for which it is not true are left out.
    public var filter: ScalarProgram?
}

/// SELECT.
public struct PointSelect: Sendable {
    public var source: PointSource
    public var outputs: [PointOutput]
    /// To be sorted by; empty where the access gives the order or none is asked for. No key is NULL.
    public var order: [PointOrder]
    /// NULL is none; neither reads a column.
    public var limit: ScalarProgram?
    public var offset: ScalarProgram?
}

/// A new value of a column.
public struct PointAssignment: Sendable {
    /// The column's place in the table.
    public var column: Int
    public var value: PointValue
}

public enum PointValue: Sendable {
    case program(ScalarProgram)
    /// A sequence's next number, of serial and identity columns.
    case next(of: TableID)
}

/// UPDATE, and the DO UPDATE of an INSERT, whose programs read the old row's columns and behind them EXCLUDED's.
public struct PointUpdate: Sendable {
    public var source: PointSource
    public var assignments: [PointAssignment]
    public var returning: [PointOutput]
}

public struct PointDelete: Sendable {
    public var source: PointSource
    public var returning: [PointOutput]
}

/// INSERT … VALUES.
public struct PointInsert: Sendable {
    public var table: TableDefinition
    /// A value for every column of the table, a row each.
    public var rows: [[PointValue]]
    public var conflict: Conflict?
    public var returning: [PointOutput]

    public struct Conflict: Sendable {
        /// The unique index whose key decides; nil is any.
        public var index: TableID?
        /// nil is DO NOTHING.
        public var assignments: [PointAssignment]?
        public var filter: ScalarProgram?
    }
}

public enum PointPlan: Sendable {
    case select(PointSelect)
    case update(PointUpdate)
    case delete(PointDelete)
    case insert(PointInsert)
}
