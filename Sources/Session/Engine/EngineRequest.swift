internal import Base
internal import Columnar
internal import SQLSyntax

/// The settings of a session that an executor must have applied before it runs the session's statements.
struct ExecutionProfile: Hashable, Sendable {
    /// Schemas in order, as DuckDB's search_path takes them; empty leaves the connection's own.
    let searchPath: String
    let timeZone: String
    /// Rows that a statement\'s scans may read: the tenant\'s max_scan_rows.
    var scanRowsMax: Int64?
    /// One spelling of everything that changes answers.
    let key: String

    init(searchPath: String, timeZone: String) {
        self.searchPath = searchPath
        self.timeZone = timeZone
        key = searchPath + "\u{1}" + timeZone
    }

    static func == (a: Self, b: Self) -> Bool { a.key == b.key && a.scanRowsMax == b.scanRowsMax }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// A text for the engine with the way back to the client's, for the positions of errors.
struct EngineText: Sendable {
    let assembled: AssembledSQL
    let source: SQLText
    /// Bytes put in front of the text (EXPLAIN, COPY's SELECT) that the client did not write.
    let prefix: String
    let suffix: String

    init(_ assembled: AssembledSQL, source: SQLText, prefix: String = "", suffix: String = "") {
        self.assembled = assembled
        self.source = source
        self.prefix = prefix
        self.suffix = suffix
    }

    var sql: String { prefix.isEmpty && suffix.isEmpty ? assembled.sql : prefix + assembled.sql + suffix }

    /// An engine's error with its position in the client's text.
    func located(_ error: LeibrixError) -> LeibrixError {
        var error = error
        if let position = error.position {
            let inside = position - prefix.unicodeScalars.count
            error.position = inside >= 1 ? assembled.originalPosition(inside, in: source) : nil
        }
        return error
    }
}

/// One statement for an executor.
struct EngineRequest: Sendable {
    var text: EngineText
    var profile: ExecutionProfile
    /// Value and planned type of $n, by number.
    var parameters: [Int: (value: Value, type: DataType)]
    /// The columns that were described; an answer of other types is an error. nil where nothing was described.
    var expected: [DataType.Field]?
    /// The snapshot of tables to read at: a TableTransaction's, or 0 where none are read.
    var scanToken: UInt64 = 0
}

/// What is known of a statement before it runs.
struct Description: Sendable {
    /// One a parameter, $1 first: what the client's values are of.
    var parameterTypes: [DataType]
    /// What the engine expects for $n, where it is known.
    var bindTypes: [Int: DataType]
    var columns: [DataType.Field]
    /// Parameters that the text must cast, because the engine cannot tell their type.
    var casts: [Int: DataType]
    /// Relations named, as the engine prints them.
    var relations: [String]
    /// The same without what stands behind views: what a user must be allowed to read. nil where there are no views.
    var named: [String]?
    /// Whether the answer depends on nothing but text, parameters, settings and the published relations.
    var isCacheable: Bool
    /// Whether it names tables, so that it must be read at a transaction's snapshot.
    var readsTables: Bool
    /// The columns' names on the wire and where they come from, where they are known: one a column.
    var output: [OutputColumn]?
}
