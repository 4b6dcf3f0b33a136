/// The one error of the product: a stable code, what happened, and what to do about it.
///
/// `code` decides the SQLSTATE and the HTTP and gRPC statuses through one table (`ErrorCode`). `sqlState` overrides the
/// table's where an inner engine gave a more exact one.
public struct LeibrixError: Error, Sendable, Hashable {
    public var code: ErrorCode
    public var message: String
    public var detail: String?
    /// What the reader can do next, as a sentence.
    public var hint: String?
    /// 1-based position in characters (not bytes) of the statement's text.
    public var position: Int?
    private var exactState: String?
    /// Empty or one: an array is one word, and few errors have a subject.
    private var subjects: [Subject] = []

    public init(
        _ code: ErrorCode, _ message: String, detail: String? = nil, hint: String? = nil, position: Int? = nil,
        sqlState: String? = nil
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
        self.exactState = sqlState
    }

    /// What a breach of a constraint is about, for clients that act on it.
    public struct Subject: Sendable, Hashable {
        public var schema: String
        public var table: String
        public var column: String?
        public var constraint: String?
        /// Where in the client's data: "COPY t, line 2".
        public var context: String?
        public init(schema: String, table: String, column: String? = nil, constraint: String? = nil) {
            self.schema = schema
            self.table = table
            self.column = column
            self.constraint = constraint
        }
    }

    public var subject: Subject? { subjects.first }

    public var context: String? { subjects.first?.context }

    /// The same error, and where in the client's data it is.
    public func within(_ context: String) -> LeibrixError {
        var error = self
        if error.subjects.isEmpty { error.subjects = [Subject(schema: "", table: "")] }
        error.subjects[0].context = context
        return error
    }

    public func about(_ subject: Subject) -> LeibrixError {
        var error = self
        error.subjects = [subject]
        return error
    }

    /// Five characters of the SQL standard's and PostgreSQL's classes.
    public var sqlState: String { exactState ?? code.sqlState }
}

extension LeibrixError: CustomStringConvertible {
    public var description: String {
        var text = "\(code.rawValue): \(message)"
        if let detail { text += " (\(detail))" }
        if let hint { text += " Hint: \(hint)" }
        return text
    }
}
