// INSERT, UPDATE, DELETE, MERGE and COPY FROM. What is an expression or a query is a range of bytes in the statement.

/// The relation that is changed, and the name it has in expressions.
public struct ChangeTarget: Sendable, Hashable {
    public var name: ObjectName
    public var alias: Identifier?
    /// The bytes of the name.
    public var range: Range<Int>
    public init(name: ObjectName, alias: Identifier? = nil, range: Range<Int>) {
        self.name = name
        self.alias = alias
        self.range = range
    }
    /// What expressions call it.
    public var reference: Identifier { alias ?? name.last }
}

/// A value to be stored.
public enum ChangeValue: Sendable, Hashable {
    case expression(Range<Int>)
    case defaultValue
}

public struct Assignment: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        case value(ChangeValue)
        /// (a, b) = (1, DEFAULT)
        case row([ChangeValue])
        /// (a, b) = (SELECT …)
        case query(Range<Int>)
    }
    public var columns: [Identifier]
    public var source: Source
}

/// One item of RETURNING.
public enum ReturningItem: Sendable, Hashable {
    /// * or t.*
    case all(of: Identifier?)
    case column(of: Identifier?, Identifier, alias: Identifier?)
    /// Anything else, its alias included.
    case expression(Range<Int>)
}

public struct Returning: Sendable, Hashable {
    public var items: [ReturningItem]
    /// The whole list.
    public var range: Range<Int>
}

public struct OnConflict: Sendable, Hashable {
    public enum Arbiter: Sendable, Hashable {
        case any
        case columns([Identifier])
        case constraint(Identifier)
    }
    public enum Action: Sendable, Hashable {
        case nothing
        case update([Assignment], condition: Range<Int>?)
    }
    public var arbiter: Arbiter
    public var action: Action
    public var position: Int
}

public struct InsertStatement: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        /// DEFAULT VALUES
        case defaults
        /// VALUES with nothing behind it: each row's values, and all the bytes from VALUES on.
        case values([[ChangeValue]], Range<Int>)
        case query(Range<Int>)
    }
    public enum Overriding: Sendable, Hashable { case system, user }

    /// WITH and its queries.
    public var with: Range<Int>?
    public var target: ChangeTarget
    /// Empty for all.
    public var columns: [Identifier]
    public var overriding: Overriding?
    public var source: Source
    public var conflict: OnConflict?
    public var returning: Returning?

    public init(
        with: Range<Int>? = nil, target: ChangeTarget, columns: [Identifier] = [], overriding: Overriding? = nil, source: Source,
        conflict: OnConflict? = nil, returning: Returning? = nil
    ) {
        self.with = with
        self.target = target
        self.columns = columns
        self.overriding = overriding
        self.source = source
        self.conflict = conflict
        self.returning = returning
    }
}

public struct UpdateStatement: Sendable, Hashable {
    public var with: Range<Int>?
    public var target: ChangeTarget
    public var assignments: [Assignment]
    public var from: Range<Int>?
    public var condition: Range<Int>?
    public var returning: Returning?
}

public struct DeleteStatement: Sendable, Hashable {
    public var with: Range<Int>?
    public var target: ChangeTarget
    public var using: Range<Int>?
    public var condition: Range<Int>?
    public var returning: Returning?
}

public struct MergeStatement: Sendable, Hashable {
    public enum Match: Sendable, Hashable { case matched, notMatchedByTarget, notMatchedBySource }
    public enum Action: Sendable, Hashable {
        case nothing
        case delete
        case update([Assignment])
        /// No values is DEFAULT VALUES.
        case insert(columns: [Identifier], overriding: InsertStatement.Overriding?, values: [ChangeValue]?)
    }
    public struct Clause: Sendable, Hashable {
        public var match: Match
        public var condition: Range<Int>?
        public var action: Action
    }
    public var with: Range<Int>?
    public var target: ChangeTarget
    /// A relation or a query in brackets, with its alias.
    public var source: Range<Int>
    public var condition: Range<Int>
    public var clauses: [Clause]
    public var returning: Returning?
}

public indirect enum ChangeStatement: Sendable, Hashable {
    case insert(InsertStatement)
    case update(UpdateStatement)
    case delete(DeleteStatement)
    case merge(MergeStatement)

    public var command: String {
        switch self {
        case .insert: "INSERT"
        case .update: "UPDATE"
        case .delete: "DELETE"
        case .merge: "MERGE"
        }
    }

    public var target: ChangeTarget {
        switch self {
        case .insert(let insert): insert.target
        case .update(let update): update.target
        case .delete(let delete): delete.target
        case .merge(let merge): merge.target
        }
    }

    public var returning: Returning? {
        switch self {
        case .insert(let insert): insert.returning
        case .update(let update): update.returning
        case .delete(let delete): delete.returning
        case .merge(let merge): merge.returning
        }
    }
}

/// WITH whose queries include some that change tables, and the query or change that reads them.
public struct CombinedStatement: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        public var name: Identifier
        /// (a, b), brackets included.
        public var columns: Range<Int>?
        public var body: Range<Int>
        /// INSERT, UPDATE or DELETE.
        public var isChange: Bool
    }
    public var isRecursive: Bool
    public var items: [Item]
    public var main: Range<Int>
}

/// COPY table FROM STDIN.
public struct CopyFromStatement: Sendable, Hashable {
    public var name: ObjectName
    public var columns: [Identifier]
    public var options: [StatementOption]
    /// WHERE
    public var condition: Range<Int>?
}

/// SELECT … FOR UPDATE and its kind.
public struct LockingClause: Sendable, Hashable {
    public enum Strength: Sendable, Hashable { case keyShare, share, noKeyUpdate, update }
    public enum Waiting: Sendable, Hashable { case wait, noWait, skipLocked }
    public var strength: Strength
    /// OF these; empty is all.
    public var relations: [Identifier]
    public var waiting: Waiting
    public var position: Int
}

/// A query that locks what it reads: SELECT list FROM relations rest FOR ….
public struct LockingQuery: Sendable, Hashable {
    /// A relation named in FROM, and what it is called there.
    public struct Relation: Sendable, Hashable {
        public var name: ObjectName
        public var alias: Identifier?
        public var reference: Identifier { alias ?? name.last }
    }
    /// WITH and SELECT up to FROM.
    public var head: Range<Int>
    /// From FROM up to the first FOR.
    public var tail: Range<Int>
    public var relations: [Relation]
    public var clauses: [LockingClause]
}
