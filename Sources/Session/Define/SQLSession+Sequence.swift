internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    func createSequence(
        _ name: SQLSyntax.ObjectName, _ ifNotExists: Bool, _ isTemporary: Bool, _ options: SequenceOptions, _ control: StatementControl
    ) async throws(LeibrixError) -> Defined {
        if let skipped = try taken(name, ifNotExists, isTemporary: isTemporary) { return skipped }
        let (schema, last) = try newName(name, isTemporary: isTemporary)
        var sequence = SequenceDefinition(id: try requireTables().makeID(), schema: schema, name: last, owner: user.name)
        try SequenceRules.apply(options, to: &sequence, isNew: true)
        sequence.ownedBy = try ownership(options) ?? nil
        let made = sequence
        try await defining(control) { (tables) async throws(LeibrixError) in
            let outcome = made.schema == temporarySchema ? try makeTemporarySchema(tables) : .done
            return outcome == .done ? try tables.put(made) : outcome
        }
        return Defined()
    }

    func alterSequence(
        _ name: SQLSyntax.ObjectName, _ ifExists: Bool, _ options: SequenceOptions, _ control: StatementControl
    ) async throws(LeibrixError) -> Defined {
        guard case .sequence(let id)? = try lookup(name), let old = tableCatalog.sequence(id) else {
            if ifExists, try lookup(name) == nil {
                return Defined(notices: [LeibrixError(.undefinedRelation, "relation \"\(name.text)\" does not exist, skipping", sqlState: "00000")])
            }
            throw try missing(name, wanted: "sequence")
        }
        try requireOwner(old.owner, "sequence", old.name)
        var sequence = old
        try SequenceRules.apply(options, to: &sequence, isNew: false)
        if let ownership = try ownership(options) { sequence.ownedBy = ownership }
        let changed = sequence
        try await defining(control) { (tables) async throws(LeibrixError) in
            let outcome = try tables.put(changed)
            if outcome == .done, let restart = options.restart { try tables.setValue(id, restart ?? changed.start, isCalled: false) }
            return outcome
        }
        return Defined()
    }

    /// OWNED BY table.column; `.some(nil)` for NONE.
    private func ownership(_ options: SequenceOptions) throws(LeibrixError) -> SequenceDefinition.Ownership?? {
        guard let owner = options.ownedBy else { return nil }
        guard let owner else { return .some(nil) }
        guard owner.parts.count > 1 else {
            throw LeibrixError(.syntax, "invalid OWNED BY option", hint: "Specify OWNED BY table.column or OWNED BY NONE.", position: owner.position)
        }
        let table = try table(SQLSyntax.ObjectName(Array(owner.parts.dropLast())))
        let number = try TableBuilder.attributes([owner.last], of: table)[0]
        return .some(SequenceDefinition.Ownership(table: table.id, attributeNumber: number))
    }
}

/// What nextval and its kind do when the engine calls them: on the engine's thread, for the session whose number is the first
/// argument, while that session waits for its statement.
final class SequenceCalls: Sendable {
    private let find: @Sendable (Int32) -> SQLSession?

    init(_ find: @escaping @Sendable (Int32) -> SQLSession?) { self.find = find }

    private func resolve(_ values: [Value]) throws(LeibrixError) -> (session: SQLSession, sequence: SequenceDefinition)? {
        guard case .integer(let number) = values[0], let session = find(Int32(truncatingIfNeeded: number)) else {
            throw LeibrixError(.internal, "a sequence function was called for no session")
        }
        let catalog = session.tableCatalog
        switch values[1] {
        case .integer(let id):
            if let sequence = catalog.sequence(TableID(UInt32(truncatingIfNeeded: id))) { return (session, sequence) }
            throw LeibrixError(.undefinedRelation, "relation with OID \(id) does not exist", hint: "Name a sequence.")
        case .string(let text): return (session, try session.sequence(named: text))
        default: return nil
        }
    }

    func next(_ values: [Value]) throws(LeibrixError) -> Value {
        guard let (session, sequence) = try resolve(values) else { return .null }
        try session.refuseReadOnly("nextval()")
        // By its number only an identity column asks, for which the table's INSERT is enough.
        if case .string = values[1] { try session.require(oneOf: [.usage, .update], on: sequence) }
        let value = try session.tableTransaction().nextValue(sequence.id)
        session.sequenceValues[sequence.id] = value
        session.lastSequence = sequence.id
        return .integer(value)
    }

    func current(_ values: [Value]) throws(LeibrixError) -> Value {
        guard let (session, sequence) = try resolve(values) else { return .null }
        try session.require(oneOf: [.usage, .select], on: sequence)
        if let value = session.sequenceValues[sequence.id] { return .integer(value) }
        throw LeibrixError(
            .notReady, "currval of sequence \"\(sequence.name)\" is not yet defined in this session", hint: "Call nextval first.")
    }

    func last(_ values: [Value]) throws(LeibrixError) -> Value {
        guard case .integer(let number) = values[0], let session = find(Int32(truncatingIfNeeded: number)), let id = session.lastSequence,
            let value = session.sequenceValues[id]
        else { throw LeibrixError(.notReady, "lastval is not yet defined in this session", hint: "Call nextval first.") }
        return .integer(value)
    }

    func set(_ values: [Value]) throws(LeibrixError) -> Value {
        guard let (session, sequence) = try resolve(values), case .integer(let value) = values[2] else { return .null }
        try session.refuseReadOnly("setval()")
        try session.require(oneOf: [.update], on: sequence)
        let isCalled = values.count < 4 || values[3] == .boolean(true)
        try session.tableTransaction().setValue(sequence.id, value, isCalled: isCalled)
        if isCalled { session.sequenceValues[sequence.id] = value }
        return .integer(value)
    }
}

extension SQLSession {
    /// A sequence by the text of its name: s, schema.s, "S".
    func sequence(named text: String) throws(LeibrixError) -> SequenceDefinition {
        let parts = try SQLText(text)
        var names: [Identifier] = []
        for token in parts.tokens where token.kind != .dot && token.kind != .end {
            guard let name = parts.name(token) else {
                throw LeibrixError(.invalidName, "invalid name syntax: \"\(text)\"", hint: "Write name or schema.name.")
            }
            names.append(Identifier(name, position: 1))
        }
        guard !names.isEmpty else { throw LeibrixError(.invalidName, "invalid name syntax", hint: "Write name or schema.name.") }
        let name = SQLSyntax.ObjectName(names)
        if case .sequence(let id)? = try lookup(name), let sequence = tableCatalog.sequence(id) { return sequence }
        var error = try missing(name, wanted: "table")
        error.position = nil
        throw error
    }
}
