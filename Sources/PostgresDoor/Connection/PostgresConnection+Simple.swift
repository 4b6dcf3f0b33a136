// The simple query: statements one after the other in one implicit transaction. An error ends them all.
internal import Base
internal import Reactor
internal import Session

extension PostgresConnection {
    func simpleQuery(_ sql: String) async throws(LeibrixError) {
        guard let session else { return }
        statements[""] = nil
        if let portal = portals.remove("") { await portal.close() }
        var failed = false
        do throws(LeibrixError) {
            let texts = try session.split(sql)
            if texts.isEmpty { output.emptyQueryResponse() }
            for text in texts where !failed { failed = !(try await runStatement(text, session)) }
        } catch {
            if isBroken { throw error }
            output.report(error, .error)
            failed = true
        }
        if session.transactionStatus == .idle { await closePortals() }
        await endImplicitTransaction(session, failed: failed)
        await absorb()
        ready()
    }

    /// False when the statement failed, which the client has been told.
    private func runStatement(_ text: StatementText, _ session: Session) async throws(LeibrixError) -> Bool {
        var running: Portal<Session>?
        do throws(LeibrixError) {
            let statement = try await session.prepare(text, parameterTypes: [])
            guard statement.parameterTypes.isEmpty else {
                throw LeibrixError(.undefinedParameter, "there is no parameter $1", hint: "Use the extended protocol to send parameters.")
            }
            let formats = [WireFormat](repeating: .text, count: statement.columns.count)
            let portal = Portal<Session>(statement: statement, parameters: [], formats: formats)
            running = portal
            try await run(portal, rowsMax: 0, describes: true)
            await portal.close()
            return true
        } catch {
            await running?.close()
            if isBroken { throw error }
            output.report(error, .error, offset: text.offset)
            await absorb()
            return false
        }
    }
}
