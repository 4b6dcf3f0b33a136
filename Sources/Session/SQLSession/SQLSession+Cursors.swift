internal import Base
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import Synchronization

extension SQLSession {
    func declare(
        _ plan: EnginePlan, _ parameters: [Value], _ name: Identifier, isScroll: Bool, isHold: Bool
    ) async throws(LeibrixError) -> SQLExecution {
        if !isHold && !transaction.isBlock {
            throw LeibrixError(
                .noActiveTransaction, "DECLARE CURSOR can only be used in transaction blocks",
                hint: "BEGIN first, or declare the cursor WITH HOLD.", position: name.position)
        }
        guard cursors[name.name] == nil else {
            throw LeibrixError(
                .duplicateCursor, "cursor \"\(name.name)\" already exists", hint: "CLOSE it first.", position: name.position)
        }
        guard cursors.count < SessionLimits.cursorsMax else {
            throw LeibrixError(.limitExceeded, "a session keeps at most \(SessionLimits.cursorsMax) cursors open", hint: "CLOSE some.")
        }
        let execution = try await query(plan, parameters, tag: .rows("FETCH"), isCursor: true)
        let cursor = Cursor(
            name: name.name, text: plan.parsed.sql, createdMicros: server.clock.wallMicros(), columns: plan.columns, isHold: isHold,
            isScroll: isScroll, execution: execution)
        try await cursor.prepareScrolling(bytesMax: server.configuration.heldRowsBytesMax)
        // Outside a block the transaction ends with this statement: the rows must outlive it.
        if isHold && !transaction.isBlock { try await execution.materialize(bytesMax: server.configuration.heldRowsBytesMax) }
        cursors[name.name] = cursor
        return SQLExecution(tag: .fixed("DECLARE CURSOR"))
    }

    func isSubscribe(_ parsed: ParsedQuery, _ query: Range<Int>) -> Bool {
        parsed.text.tokens(in: query).first.map { parsed.text.isWord($0, "subscribe") } ?? false
    }

    /// DECLARE … CURSOR FOR SUBSCRIBE.
    func declarePlan(
        _ parsed: ParsedQuery, _ text: StatementText, _ name: Identifier, isScroll: Bool, isHold: Bool, _ query: Range<Int>
    ) throws(LeibrixError) -> PreparedStatement {
        guard !isScroll else {
            throw LeibrixError(.streamNotSupported, "a subscription cannot be scrolled", hint: "Leave SCROLL out.", position: name.position)
        }
        let inner = try server.parsed.parse(parsed.text.string(query))
        guard case .stream(.subscribe(let subscribe)) = inner.statement else { throw LeibrixError(.internal, "SUBSCRIBE was read as something else") }
        let plan = try subscribePlan(parsed, inner, subscribe, tag: "FETCH")
        return PreparedStatement(
            text: text, parameterTypes: [], outcome: .command, plan: StatementPlan.declareSubscription(plan, name, isHold: isHold))
    }

    /// A cursor over a subscription: FETCH gives what has come since the last one. WITH HOLD it outlives its block.
    func declare(_ plan: SubscribePlan, _ name: Identifier, isHold: Bool) async throws(LeibrixError) -> SQLExecution {
        if !isHold && !transaction.isBlock {
            throw LeibrixError(
                .noActiveTransaction, "DECLARE CURSOR can only be used in transaction blocks",
                hint: "BEGIN first, or declare the cursor WITH HOLD.", position: name.position)
        }
        guard cursors[name.name] == nil else {
            throw LeibrixError(.duplicateCursor, "cursor \"\(name.name)\" already exists", hint: "CLOSE it first.", position: name.position)
        }
        guard cursors.count < SessionLimits.cursorsMax else {
            throw LeibrixError(.limitExceeded, "a session keeps at most \(SessionLimits.cursorsMax) cursors open", hint: "CLOSE some.")
        }
        cursors[name.name] = Cursor(
            name: name.name, text: plan.parsed.sql, createdMicros: server.clock.wallMicros(), columns: plan.columns, isHold: isHold,
            isScroll: false, execution: try await subscribe(plan, isCursor: true))
        return SQLExecution(tag: .fixed("DECLARE CURSOR"))
    }

    func perform(_ statement: CursorStatement) async throws(LeibrixError) -> SQLExecution {
        switch statement {
        case .fetch(let name, let direction):
            let cursor = try cursor(name)
            let batches = try await fetch(cursor, direction)
            return SQLExecution(columns: cursor.columns, batches: batches, tag: .rows("FETCH"))
        case .move(let name, let direction):
            let batches = try await fetch(try cursor(name), direction)
            return SQLExecution(tag: .fixed("MOVE \(batches.reduce(0) { $0 + $1.rowCount })"))
        case .close(let name):
            _ = try cursor(name)
            await closeCursors([name.name])
            return SQLExecution(tag: .fixed("CLOSE CURSOR"))
        case .closeAll:
            await closeCursors(Set(cursors.keys))
            return SQLExecution(tag: .fixed("CLOSE CURSOR ALL"))
        case .declare: throw LeibrixError(.internal, "DECLARE is planned as its query")
        }
    }

    /// Cancel requests and statement_timeout reach the cursor's query while it is fetched from.
    private func fetch(_ cursor: Cursor, _ direction: CursorDirection) async throws(LeibrixError) -> [Batch] {
        let control = cursor.execution.control
        let deadline = arm(control)
        expose(control)
        defer {
            deadline.map(server.deadlines.disarm)
            status.withLock { $0.control = nil }
        }
        return try await cursor.fetch(direction)
    }

    public func cursorColumns(_ name: String) -> [ResultColumn]? { cursors[name]?.columns }

    func closeCursors(_ names: Set<String>) async {
        for name in names {
            if let cursor = cursors.removeValue(forKey: name) { await cursor.execution.close() }
        }
    }

    /// At the end of a block: cursors WITH HOLD keep their rows in memory, the others are closed.
    func endCursors(committed: Bool) async throws(LeibrixError) {
        for cursor in Array(cursors.values) {
            guard committed && cursor.isHold else {
                await closeCursors([cursor.name])
                continue
            }
            do throws(LeibrixError) {
                try await cursor.execution.materialize(bytesMax: server.configuration.heldRowsBytesMax)
            } catch {
                await closeCursors([cursor.name])
                throw error
            }
        }
    }
}
