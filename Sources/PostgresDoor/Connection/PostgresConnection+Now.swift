// Messages whose answer is at hand: bound, run, written and committed (where nothing was written) in one call each, without a
// suspension. What needs more is left to the general way, which takes over where this one stopped.
internal import Base
internal import Columnar
internal import Reactor
internal import Session

extension PostgresConnection {
    /// False where the general way has to go on. Throws what fails the message.
    func performNow(_ action: ConnectionMachine.Action) throws(LeibrixError) -> Bool {
        switch action {
        case .bind(let bind): return try bindNow(bind)
        case .describe(let target):
            try describe(target)
            return true
        case .execute(let name, let rowsMax):
            guard rowsMax == 0 else { return false }
            return try executeNow(try portal(name))
        case .sync(let failed): return !failed && syncNow()
        default: return false
        }
    }

    private func executeNow(_ portal: Portal<Session>) throws(LeibrixError) -> Bool {
        guard let session, portal.execution == nil, !portal.isFinished else { return false }
        switch portal.statement.outcome {
        case .command, .rows: break
        default: return false
        }
        do throws(LeibrixError) {
            guard let execution = try session.executeNow(portal.statement, parameters: portal.parameters) else { return false }
            portal.execution = execution
            guard try writeNow(portal, execution) else { return false }
            portal.isFinished = true
            completeNow(portal, execution)
            return true
        } catch {
            // What has failed has nothing to be waited for; if it had, Sync would.
            _ = portal.closeNow()
            var placed = error
            placed.position = error.position.map { $0 + portal.statement.text.offset }
            throw placed
        }
    }

    /// Writes the rows where they are few; false with the first batch left in the portal.
    private func writeNow(_ portal: Portal<Session>, _ execution: Session.Execution) throws(LeibrixError) -> Bool {
        while true {
            switch try execution.poll() {
            case .end: return true
            case .unknown: return false
            case .batch(let batch):
                if batch.rowCount == 0 { continue }
                guard batch.rowCount <= DirectRows.rowsMax, DirectRows.append(batch, portal.formats, to: output) else {
                    portal.batch = batch
                    portal.row = 0
                    return false
                }
                portal.rowsSent += batch.rowCount
            }
        }
    }

    private func completeNow(_ portal: Portal<Session>, _ execution: Session.Execution) {
        for notice in execution.takeNotices() { output.report(notice, notice.sqlState.hasPrefix("01") ? .warning : .notice) }
        output.commandComplete(execution.commandTag(rows: portal.rowsSent))
        portal.rowsSent = 0
    }

    private func syncNow() -> Bool {
        guard let session else { return false }
        if session.transactionStatus == .idle, !closePortalsNow() { return false }
        guard session.endImplicitTransactionNow(failed: false) else { return false }
        report(session.takeParameterStatus())
        _ = forget(session.takeForgotten())
        ready()
        return true
    }

    /// Settings that changed.
    func report(_ settings: [(name: String, value: String)]) {
        for (name, value) in settings {
            context.apply(name, value)
            output.parameterStatus(name, value)
        }
    }

    /// Drops the statements that DISCARD and DEALLOCATE named. Whether all portals are to go, too.
    func forget(_ forgotten: Forgotten) -> Bool {
        switch forgotten {
        case .nothing: return false
        case .statements(let names): for name in names { statements[name] = nil }
        case .allStatements: statements.removeAll()
        case .everything:
            statements.removeAll()
            return true
        }
        return false
    }
}
