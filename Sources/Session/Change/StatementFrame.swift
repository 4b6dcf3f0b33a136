// A statement that writes or locks, from its mark to its end. It is atomic: what it did is undone when it fails, and before
// it waits for another transaction or runs again on a newer snapshot.
//
//   READ COMMITTED   a row that was changed since the snapshot: undo, new snapshot, run again
//   the others       the engine of tables throws 40001 instead
internal import Base
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import Synchronization
internal import TableEngine

/// What came of one attempt.
enum Attempt<T: Sendable>: Sendable {
    case done(T)
    case blocked(by: TransactionID)
    case changed

    init(_ outcome: WriteOutcome, _ value: T) {
        switch outcome {
        case .done: self = .done(value)
        case .blocked(let other): self = .blocked(by: other)
        case .changed: self = .changed
        }
    }
}

extension SQLSession {
    /// Runs `body` as one atomic statement, again for as long as others are in the way; one that is known to be is waited for first.
    func atomically<T: Sendable>(
        _ control: StatementControl, after other: TransactionID? = nil,
        _ body: (TableTransaction) async throws(LeibrixError) -> Attempt<T>
    ) async throws(LeibrixError) -> T {
        let tables = try tableTransaction()
        transaction.hasRead = true
        if let other {
            try await wait(for: other, tables, control)
            try control.check()
        }
        tables.beginStatement()
        let mark = tables.mark()
        while true {
            let attempt: Attempt<T>
            do throws(LeibrixError) {
                attempt = try await body(tables)
            } catch {
                tables.rollBack(to: mark)
                throw error
            }
            switch attempt {
            case .done(let value): return value
            case .blocked(let other):
                tables.rollBack(to: mark)
                try await wait(for: other, tables, control)
            case .changed: tables.rollBack(to: mark)
            }
            try control.check()
            tables.beginStatement()
        }
    }

    /// Waits for another transaction's end. Cancel requests, statement_timeout and lock_timeout end the wait.
    func wait(for other: TransactionID, _ tables: TableTransaction, _ control: StatementControl) async throws(LeibrixError) {
        let engine = try requireTables()
        let id = tables.id
        guard control.wait({ engine.cancelWait(of: id, LeibrixError(.cancelled, "canceling statement due to user request")) }) else {
            return try control.check()
        }
        defer { _ = control.wait(nil) }
        let timeoutMS = settings.integer("lock_timeout")
        do throws(LeibrixError) {
            try await engine.wait(for: other, by: tables, timeoutMS: timeoutMS > 0 ? timeoutMS : nil)
        } catch {
            throw control.translated(error)
        }
    }

    /// Runs a statement of the session's own with its record, its timeout and the way to cancel it.
    func recorded<T: Sendable>(
        _ parsed: ParsedQuery, route: String, shown: String? = nil, _ body: (StatementControl) async throws(LeibrixError) -> T
    ) async throws(LeibrixError) -> T {
        let record = begin(parsed, shown: shown)
        record.update { $0.route = route }
        let control = StatementControl()
        let finish = ending(record, arm(control), control)
        expose(control)
        do throws(LeibrixError) {
            try control.check()
            let value = try await body(control)
            finish(SQLExecution.End(rows: 0, bytes: 0, error: nil, isPartial: false))
            return value
        } catch {
            let error = explained(error)
            finish(SQLExecution.End(rows: 0, bytes: 0, error: error, isPartial: true))
            throw error
        }
    }

    /// All rows of a query of the server's own, at the transaction's snapshot.
    func rows(
        of plan: EnginePlan, _ parameters: [Value], _ control: StatementControl
    ) async throws(LeibrixError) -> [Batch] {
        let resolved = try resolve(plan.rewritten.references, parameters)
        let request = EngineRequest(
            text: plan.text { resolved[$0] ?? "NULL" }, profile: profile, parameters: bound(plan, parameters),
            expected: plan.description.columns, scanToken: try tableTransaction().scanToken)
        let started: Engine.Started
        do throws(LeibrixError) {
            started = try await start(request, control)
        } catch {
            held?.noteFailure()
            throw error.inAssignment()
        }
        lastExecutor = started.stream.executorNumber
        guard !started.isFinished else { return started.batches }
        let stream = started.stream
        let first = started.batches
        return try await server.engine.pool.run { () throws(LeibrixError) -> [Batch] in
            var batches = first
            var bytes = batches.reduce(0) { $0 + $1.compactBytes }
            while true {
                let group = try stream.fetchGroup(control)
                batches += group.batches
                bytes += group.batches.reduce(0) { $0 + $1.compactBytes }
                guard bytes <= SessionLimits.changeBytesMax else {
                    stream.release()
                    throw LeibrixError(
                        .limitExceeded, "a statement changes more than \(SessionLimits.changeBytesMax) bytes", hint: "Change the rows in several statements.")
                }
                if group.isFinished { return batches }
            }
        }
    }

    /// Long work off the event loop, short work in place.
    func placed<T: Sendable>(rows: Int, _ body: @escaping @Sendable () throws(LeibrixError) -> T) async throws(LeibrixError) -> T {
        if rows <= SessionLimits.rowsInPlaceMax { return try body() }
        return try await server.engine.pool.run(body)
    }
}
