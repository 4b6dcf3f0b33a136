/// A query's text for the engine, in pieces: the client's own bytes, replacements, and places where the session's state
/// goes in. Pieces remember where they come from, so that an error's position can be told in the client's text.
public struct RewrittenSQL: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        /// Bytes of the original, unchanged.
        case verbatim(Range<Int>)
        /// Other text, standing for the original from `origin` on.
        case replacement(String, origin: Int)
        /// What the session says; `alias` is the column's name where the reference is a whole item of a select list.
        case session(SessionReference, alias: String?, origin: Int)
        /// $n
        case parameter(Int, origin: Int)
    }

    let bytes: [UInt8]
    let pieces: [Piece]
    /// What the text asks of the session, in order.
    public let references: [SessionReference]
    /// The numbers of the parameters that the text itself holds, ascending.
    public let parameters: [Int]

    init(bytes: [UInt8], pieces: [Piece]) {
        self.bytes = bytes
        self.pieces = pieces
        references = pieces.compactMap { if case .session(let reference, _, _) = $0 { reference } else { nil } }
        parameters = Set(pieces.compactMap { if case .parameter(let number, _) = $0 { number } else { nil } }).sorted()
    }

    /// The number that $n has in the engine's text: the engine wants them without gaps, and where only a session
    /// reference has $n it never sees it.
    public func engineNumber(_ number: Int) -> Int { (parameters.firstIndex(of: number) ?? parameters.count) + 1 }

    /// The engine's text: each session reference replaced by the SQL that `session` gives for it, each $n by what
    /// `parameter` gives for n and for its name in the engine's text.
    public func assemble(
        session: (SessionReference) -> String, parameter: (Int, String) -> String = { $1 }
    ) -> AssembledSQL {
        let names = Dictionary(uniqueKeysWithValues: parameters.enumerated().map { ($1, "$\($0 + 1)") })
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + 32)
        var marks: [AssembledSQL.Mark] = []
        for piece in pieces {
            switch piece {
            case .verbatim(let range):
                marks.append(.init(start: text.count, origin: range.lowerBound, isVerbatim: true))
                text.append(contentsOf: bytes[range])
            case .replacement(let replacement, let origin):
                marks.append(.init(start: text.count, origin: origin, isVerbatim: false))
                text.append(contentsOf: Array(replacement.utf8))
            case .session(let reference, let alias, let origin):
                marks.append(.init(start: text.count, origin: origin, isVerbatim: false))
                let suffix = alias.map { " AS \"\($0)\"" } ?? ""
                text.append(contentsOf: Array((session(reference) + suffix).utf8))
            case .parameter(let number, let origin):
                marks.append(.init(start: text.count, origin: origin, isVerbatim: false))
                text.append(contentsOf: Array(parameter(number, names[number]!).utf8))
            }
        }
        return AssembledSQL(sql: String(decoding: text, as: UTF8.self), marks: marks)
    }
}

/// A text for the engine and the way back from it.
public struct AssembledSQL: Sendable, Hashable {
    struct Mark: Sendable, Hashable {
        let start: Int
        let origin: Int
        let isVerbatim: Bool
    }

    public let sql: String
    let marks: [Mark]

    /// The byte of the client's text that byte `offset` of `sql` stands for.
    public func origin(ofByte offset: Int) -> Int {
        guard let mark = marks.last(where: { $0.start <= offset }) else { return 0 }
        return mark.isVerbatim ? mark.origin + offset - mark.start : mark.origin
    }

    /// The 1-based character of the client's text that the 1-based character `position` of `sql` stands for.
    public func originalPosition(_ position: Int, in text: SQLText) -> Int {
        let scalars = sql.unicodeScalars
        let index = scalars.index(scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex) ?? scalars.endIndex
        let offset = sql.utf8.distance(from: sql.startIndex, to: index)
        return text.characters(before: origin(ofByte: offset)) + 1
    }
}

/// What a query asks of the session that runs it. The engine's connections are shared between sessions, so these never
/// reach it: their values go into the text.
public enum SessionReference: Sendable, Hashable {
    /// A constant of the text or the n of $n.
    public enum Argument: Sendable, Hashable {
        case text(String)
        case parameter(Int)
    }

    case currentUser, sessionUser, currentDatabase, currentSchema
    /// current_schemas(include implicit ones)
    case currentSchemas(Bool)
    case version, backendPID, transactionID
    case postmasterStart
    case currentSetting(Argument, missingOK: Bool)
    case setConfig(Argument, value: Argument, isLocal: Argument)
    /// The relations pg_prepared_statements and pg_cursors, as sub-selects.
    case preparedStatements, cursors
    /// nextval, currval, setval or lastval up to the first argument: what is called is the server's, for this session.
    case sequence(String)
}
