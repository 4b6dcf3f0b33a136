internal import Base
internal import Columnar
internal import SQLSyntax

/// What a `PreparedStatement` holds for the session that runs it.
enum StatementPlan: Sendable {
    case empty
    /// Rows of the engine's.
    case engine(EnginePlan)
    /// With the point statement where an index answers, if the plan is wanted as text.
    case explain(EnginePlan, PointStatement?, isAnalyze: Bool)
    case route(EnginePlan)
    case copy(EnginePlan)
    /// EXECUTE: the named statement, and the expressions of its arguments.
    case named(PreparedStatement, arguments: [EnginePlan])
    /// What the session does itself.
    case local(ParsedQuery)
    /// What an index answers.
    case point(PointStatement)
    /// What an index answers, of a text whose constants are the values of its parameters.
    case lifted(PointStatement, [Value], sql: String)
    /// INSERT, UPDATE, DELETE, MERGE
    case change(ChangePlan)
    /// Changes in WITH
    case combined(CombinedPlan)
    /// EXPLAIN of a change: what it is, and the engine's plans of its queries where no index answers.
    case explainChange(ChangePlan, PointStatement?, [EnginePlan], isAnalyze: Bool)
    /// SELECT … FOR UPDATE
    case locking(LockingPlan)
    case copyIn(CopyInPlan)
    case subscribe(SubscribePlan)
    case streamExplain(StreamExplainPlan)
    /// DECLARE … FOR SUBSCRIBE
    case declareSubscription(SubscribePlan, Identifier, isHold: Bool)
}

/// A query planned for the engine: its rewritten text and what was learned by describing it.
final class EnginePlan: Sendable {
    let parsed: ParsedQuery
    let rewritten: RewrittenSQL
    /// Put in front and behind by the server.
    let prefix: String
    let suffix: String
    let description: Description
    let tag: String
    /// Datasets that were not READY when it was planned, with those beside them: their sources answer as long as that is so.
    let sourceNames: [String]
    /// As clients see them; `description.columns` has the engine's names.
    let columns: [ResultColumn]
    /// The engine's text, where the session has no part in it.
    private let plainText: EngineText?

    init(
        parsed: ParsedQuery, rewritten: RewrittenSQL, prefix: String, suffix: String, description: Description, tag: String,
        sourceNames: [String] = []
    ) {
        self.parsed = parsed
        self.rewritten = rewritten
        self.prefix = prefix
        self.suffix = suffix
        self.description = description
        self.tag = tag
        self.sourceNames = sourceNames
        let output = description.output.flatMap { $0.count == description.columns.count ? $0 : nil }
        columns = description.columns.enumerated().map { index, field in
            let known = output?[index]
            return ResultColumn(
                known?.name ?? field.name, field.type, tableOID: known?.origin?.table ?? 0,
                attributeNumber: known?.origin?.attribute ?? 0)
        }
        plainText = rewritten.references.isEmpty ? Self.text(parsed, rewritten, prefix, suffix, description.casts) { _ in "NULL" } : nil
    }

    /// Whether the text asks nothing of the session, so that it is the same for all.
    var isPlain: Bool { rewritten.references.isEmpty }

    func text(session: (SessionReference) -> String) -> EngineText {
        plainText ?? Self.text(parsed, rewritten, prefix, suffix, description.casts, session)
    }

    private static func text(
        _ parsed: ParsedQuery, _ rewritten: RewrittenSQL, _ prefix: String, _ suffix: String, _ casts: [Int: DataType],
        _ session: (SessionReference) -> String
    ) -> EngineText {
        let assembled = rewritten.assemble(session: session) { number, name in
            casts[number].map { "CAST(\(name) AS \($0))" } ?? name
        }
        return EngineText(assembled, source: parsed.text, prefix: prefix, suffix: suffix)
    }
}
