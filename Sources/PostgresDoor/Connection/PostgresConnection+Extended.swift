// The extended protocol: Parse, Bind, Describe, Execute, Close, Sync.
internal import Base
internal import Catalog
internal import Columnar
internal import Reactor
internal import Session

extension PostgresConnection {
    /// Runs one message's work. What goes wrong is reported, and all that follows is skipped until Sync.
    func extended(_ body: () async throws(LeibrixError) -> Void) async throws(LeibrixError) {
        do throws(LeibrixError) {
            try await body()
        } catch {
            try await extendedFailed(error)
        }
    }

    func extendedFailed(_ error: LeibrixError) async throws(LeibrixError) {
        if isBroken { throw error }
        output.report(error, .error)
        machine.extendedFailed()
        await absorb()
    }

    func parse(_ name: String, _ sql: String, _ types: [UInt32]) async throws(LeibrixError) {
        guard let session else { return }
        if !name.isEmpty, statements[name] != nil || session.namedStatement(name) != nil {
            throw LeibrixError(.duplicateStatement, "prepared statement \"\(name)\" already exists", hint: "Close it first, or use another name.")
        }
        if name.isEmpty { statements[""] = nil }
        descriptions.forget()
        try statements.checkRoom(for: sql.utf8.count)
        let texts = try session.split(sql)
        guard texts.count <= 1 else {
            throw LeibrixError(.syntax, "cannot insert multiple commands into a prepared statement", hint: "Prepare them one by one.")
        }
        let parameterTypes = types.map { oid in PostgresType[oid]?.dataType }
        statements[name] = try await session.prepare(texts.first ?? StatementText(sql: sql), parameterTypes: parameterTypes)
        statements.declare(types, of: name)
        if !name.isEmpty { session.note(protocolStatement: name, statements[name]) }
        output.parseComplete()
    }

    private func statement(_ name: String) throws(LeibrixError) -> PreparedStatement {
        if let statement = statements[name] ?? (name.isEmpty ? nil : session?.namedStatement(name)) { return statement }
        if name.isEmpty { throw LeibrixError(.undefinedStatement, "unnamed prepared statement does not exist") }
        throw LeibrixError(.undefinedStatement, "prepared statement \"\(name)\" does not exist")
    }

    func portal(_ name: String) throws(LeibrixError) -> Portal<Session> {
        guard let portal = portals[name] else { throw LeibrixError(.undefinedCursor, "portal \"\(name)\" does not exist") }
        return portal
    }

    func bind(_ bind: BindMessage) async throws(LeibrixError) {
        if let old = portals[bind.portal], bind.portal.isEmpty {
            portals[""] = nil
            await old.close()
        }
        _ = try bindNow(bind)
    }

    /// As `bind`; false, with nothing done, where the portal before it has to be waited for.
    func bindNow(_ bind: BindMessage) throws(LeibrixError) -> Bool {
        let statement = try statement(bind.statement)
        if !bind.portal.isEmpty, portals[bind.portal] != nil {
            throw LeibrixError(.duplicateCursor, "cursor \"\(bind.portal)\" already exists", hint: "Close it first, or use another name.")
        }
        guard portals.count < DoorLimits.portalsMax else {
            throw LeibrixError(.limitExceeded, "too many open portals: \(portals.count)", hint: "Close those that are no longer used, or send Sync.")
        }
        let decoder = ParameterDecoder(context: context)
        let parameters = try decoder.values(bind.parameters, formats: bind.parameterFormats, types: statement.parameterTypes)
        let formats = try WireFormat.expand(bind.resultFormats, count: statement.columns.count, of: "result")
        if bind.portal.isEmpty, let old = portals[""], !old.closeNow() { return false }
        portals[bind.portal] = Portal(statement: statement, parameters: parameters, formats: formats)
        if !bind.portal.isEmpty { session?.note(portal: bind.portal, statement) }
        output.bindComplete()
        return true
    }

    func describe(_ target: FrontendMessage.Target) throws(LeibrixError) {
        switch target {
        case .statement(let name):
            let statement = try statement(name)
            output.parameterDescription(statement.parameterTypes, declared: statements.declared(of: name))
            describe(statement, [WireFormat](repeating: .text, count: statement.columns.count))
        case .portal(let name):
            // A cursor of SQL's DECLARE is a portal too; its rows are fetched as text unless FETCH itself is bound otherwise.
            if portals[name] == nil, let columns = session?.cursorColumns(name) {
                return output.rowDescription(columns, [WireFormat](repeating: .text, count: columns.count))
            }
            let portal = try portal(name)
            describe(portal.statement, portal.formats)
        }
    }

    private func describe(_ statement: PreparedStatement, _ formats: [WireFormat]) {
        if statement.describesRows { descriptions.append(statement, formats, to: output) } else { output.noData() }
    }

    func execute(_ name: String, _ rowsMax: Int) async throws(LeibrixError) {
        guard let session else { return }
        let portal = try portal(name)
        let before = session.transactionStatus
        do throws(LeibrixError) {
            try await run(portal, rowsMax: rowsMax, describes: false)
        } catch {
            await portal.close()
            var placed = error
            placed.position = error.position.map { $0 + portal.statement.text.offset }
            throw placed
        }
        // COMMIT and ROLLBACK take the transaction's portals with them.
        if before != .idle, session.transactionStatus == .idle { await closePortals(except: portal) }
    }

    func close(_ target: FrontendMessage.Target) async {
        switch target {
        case .statement(let name):
            statements[name] = nil
            descriptions.forget()
            session?.note(protocolStatement: name, nil)
        case .portal(let name):
            session?.note(portal: name, nil)
            if let portal = portals.remove(name) { await portal.close() }
        }
        output.closeComplete()
    }

    func sync(failed: Bool) async throws(LeibrixError) {
        guard let session else { return }
        if session.transactionStatus == .idle { await closePortals() }
        await endImplicitTransaction(session, failed: failed)
        await absorb()
        ready()
    }
}
