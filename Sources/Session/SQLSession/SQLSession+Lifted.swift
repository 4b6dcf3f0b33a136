// Statements that were seen before. A text as it was sent is looked up first; then the text without its constants, whose plan takes
// them as parameters. Such a plan is made at the second sight of a shape, and used only where an index answers and the columns are
// those of the text as it was sent: numbers as PostgreSQL types them there, strings as the engine finds them wanted.
internal import Base
internal import Columnar
internal import SQLPlanning
internal import SQLSyntax

extension SQLSession {
    /// A statement looked up: what is known, or what to keep it under.
    struct Sight {
        var known: PreparedStatement?
        let key: StatementCache.Key
        var shapeKey: StatementCache.Key?
        var lifted: LiftedText?
        var isSecond = false
    }

    /// nil in a failed block, and where the transaction's own definitions decide.
    func sight(of statement: StatementText, _ types: [DataType?]) -> Sight? {
        guard !transaction.isFailed, definitions == 0, statement.sql.utf8.count <= SessionLimits.parsedBytesMax else { return nil }
        let key = StatementCache.Key(
            sql: statement.sql, profile: derived.profile, relations: server.relationVersion, tables: planVersion, clientTypes: types)
        var sight = Sight(key: key)
        if let known = server.statements.statement(key) {
            server.counters.knownTexts.add()
            sight.known = known.renewed(statement)
            return sight
        }
        guard types.isEmpty, server.tables != nil, let lifted = lifted(statement) else { return sight }
        var shapeKey = key
        shapeKey.sql = lifted.sql
        shapeKey.classes = lifted.literals.map(\.sizeClass)
        sight.shapeKey = shapeKey
        sight.lifted = lifted
        switch server.statements.shape(shapeKey) {
        case nil: break
        case .seen: sight.isSecond = true
        case .whole: sight.shapeKey = nil
        case .lifted(let shape):
            sight.shapeKey = nil
            guard case .point(let point)? = shape.plan as? StatementPlan, let values = Self.values(lifted.literals, shape.parameterTypes)
            else { break }
            server.counters.knownShapes.add()
            sight.known = PreparedStatement(
                text: statement, parameterTypes: [], outcome: shape.outcome, plan: StatementPlan.lifted(point, values, sql: statement.sql))
        }
        return sight
    }

    private func lifted(_ statement: StatementText) -> LiftedText? {
        guard let split = lastSplit,
            let place = split.statements.firstIndex(where: { $0.offset == statement.offset && $0.sql == statement.sql })
        else { return nil }
        return LiftedText(split.text, tokens: split.tokens[place])
    }

    /// Keeps what was planned, and at the second sight of its shape plans that too.
    func keep(_ prepared: PreparedStatement, _ sight: Sight) async {
        guard definitions == 0, planVersion == sight.key.tables, let plan = prepared.plan as? StatementPlan, plan.isForAll else { return }
        guard let shapeKey = sight.shapeKey, let lifted = sight.lifted else { return server.statements.keep(prepared, for: sight.key) }
        guard case .point = plan else {
            server.statements.keep(.whole, for: shapeKey)
            return server.statements.keep(prepared, for: sight.key)
        }
        guard sight.isSecond else { return server.statements.keep(.seen, for: shapeKey) }
        server.statements.keep(await shape(lifted, like: prepared) ?? .whole, for: shapeKey)
    }

    private func shape(_ lifted: LiftedText, like prepared: PreparedStatement) async -> StatementCache.Shape? {
        guard let parsed = try? server.parsed.parse(lifted.sql),
            let shape = try? await plan(parsed, StatementText(sql: lifted.sql), lifted.literals.map(\.type)),
            case .point? = shape.plan as? StatementPlan, shape.gives(prepared.outcome), Self.values(lifted.literals, shape.parameterTypes) != nil
        else { return nil }
        return .lifted(shape)
    }

    /// The constants as the parameters' values; nil where one is no plain value of its type.
    private static func values(_ literals: [LiftedText.Literal], _ types: [DataType]) -> [Value]? {
        guard literals.count == types.count else { return nil }
        var values: [Value] = []
        values.reserveCapacity(literals.count)
        for (literal, type) in zip(literals, types) {
            guard let value = literal.value(type) else { return nil }
            values.append(value)
        }
        return values
    }
}

extension LiftedText.Literal {
    /// As PostgreSQL types the constant; nil for a string, whose type its place decides.
    fileprivate var type: DataType? {
        switch self {
        case .integer(let number): Int32(exactly: number) != nil ? .integer : .bigInt
        case .decimal(_, let digits, let scale): .decimal(width: max(digits, scale), scale: scale)
        case .string: nil
        }
    }

    /// Constants of one class have one type wherever they stand: the engine types whole numbers by their size.
    fileprivate var sizeClass: UInt16 {
        switch self {
        case .string: return 0
        case .decimal(_, let digits, let scale): return 256 + UInt16(digits) * 32 + UInt16(scale)
        case .integer(let number):
            switch number.magnitude {
            case 0..<128: return 1
            case 128..<32_768: return 2
            case 32_768..<2_147_483_648: return 3
            default: return 4
            }
        }
    }

    fileprivate func value(_ type: DataType) -> Value? {
        switch (self, type) {
        case (.integer(let number), .integer): Int32(exactly: number).map { _ in .integer(number) }
        case (.integer(let number), .bigInt): .integer(number)
        case (.decimal(let number, _, let scale), .decimal(let width, let wanted)):
            scale == wanted ? .decimal(Int128(number), width: width, scale: scale) : nil
        case (.string(let text), _): literalValue(text, type)
        default: nil
        }
    }
}

extension StatementPlan {
    /// Whether any session may run it.
    fileprivate var isForAll: Bool {
        switch self {
        case .point: true
        case .change(let plan): plan.plans.allSatisfy { $0.isPlain && $0.sourceNames.isEmpty }
        case .engine(let plan):
            if case .query = plan.parsed.statement { plan.isPlain && plan.sourceNames.isEmpty } else { false }
        default: false
        }
    }
}

extension PreparedStatement {
    fileprivate func renewed(_ text: StatementText) -> PreparedStatement {
        text.offset == self.text.offset ? self : PreparedStatement(text: text, parameterTypes: parameterTypes, outcome: outcome, plan: plan)
    }

    fileprivate func gives(_ other: Outcome) -> Bool {
        switch (outcome, other) {
        case (.command, .command): true
        case (.rows(let columns), .rows(let others)): columns == others
        default: false
        }
    }
}
