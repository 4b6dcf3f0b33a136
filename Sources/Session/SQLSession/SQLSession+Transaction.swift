internal import Base
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    func perform(_ statement: TransactionStatement) async throws(LeibrixError) -> SQLExecution {
        switch statement {
        case .begin(let modes, let isStart): return begin(modes, tag: isStart ? "START TRANSACTION" : "BEGIN")
        case .commit(let chain): return try await end(commits: true, chain: chain)
        case .rollback(let chain): return try await end(commits: false, chain: chain)
        case .savepoint(let name): return try savepoint(name)
        case .release(let name):
            try requireBlock("RELEASE SAVEPOINT")
            try transaction.release(name)
            return SQLExecution(tag: .fixed("RELEASE"))
        case .rollbackTo(let name): return try await rollBack(to: name)
        case .setTransaction(let modes, let position): return try setTransaction(modes, position)
        case .setConstraints(let names, let isDeferred): return try await setConstraints(names, isDeferred: isDeferred)
        case .setSessionCharacteristics(let modes):
            if transaction.enter() { settings.beginTransaction() }
            try setDefaults(modes)
            return SQLExecution(tag: .fixed("SET"))
        }
    }

    func begin(_ modes: TransactionModes, tag: String) -> SQLExecution {
        if transaction.isBlock {
            apply(modes)
            let warning = LeibrixError(.failedTransaction, "there is already a transaction in progress", sqlState: "25001")
            return SQLExecution(tag: .fixed(tag), notices: [warning])
        }
        // What came before BEGIN in the same query joins the block.
        if transaction.phase == .none { settings.beginTransaction() }
        transaction.begin(server.nextTransaction())
        let derived = derived
        apply(
            TransactionModes(
                isolation: modes.isolation ?? derived.isolation, readOnly: modes.readOnly ?? derived.isReadOnly,
                deferrable: modes.deferrable ?? derived.isDeferrable))
        noteState("idle in transaction")
        return SQLExecution(tag: .fixed(tag))
    }

    private func apply(_ modes: TransactionModes) {
        if let isolation = modes.isolation { settings.impose("transaction_isolation", isolation.rawValue) }
        if let readOnly = modes.readOnly { settings.impose("transaction_read_only", readOnly ? "on" : "off") }
        if let deferrable = modes.deferrable { settings.impose("transaction_deferrable", deferrable ? "on" : "off") }
        transaction.apply(
            isolation: modes.isolation ?? transaction.isolation, readOnly: modes.readOnly ?? transaction.isReadOnly)
    }

    private func end(commits: Bool, chain: Bool) async throws(LeibrixError) -> SQLExecution {
        guard transaction.isBlock else {
            if chain { try requireBlock(commits ? "COMMIT AND CHAIN" : "ROLLBACK AND CHAIN") }
            if commits { try await commitTables() } else { rollBackTables() }
            if transaction.phase == .implicit {
                settings.endTransaction(committed: commits)
                transaction.end()
            }
            let warning = LeibrixError(.noActiveTransaction, "there is no transaction in progress")
            return SQLExecution(tag: .fixed(commits ? "COMMIT" : "ROLLBACK"), notices: [warning])
        }
        let committed = commits && !transaction.isFailed
        let modes = TransactionModes(isolation: transaction.isolation, readOnly: transaction.isReadOnly)
        do throws(LeibrixError) {
            try await endCursors(committed: committed)
            if committed { try await commitTables() }
        } catch {
            await abandon()
            throw error
        }
        rollBackTables()
        await releaseHeld()
        settings.endTransaction(committed: committed)
        transaction.end()
        if chain { _ = begin(modes, tag: "") } else { noteState("idle") }
        return SQLExecution(tag: .fixed(committed ? "COMMIT" : "ROLLBACK"))
    }

    /// Ends a block whose COMMIT failed: nothing of it is left.
    private func abandon() async {
        await closeCursors(Set(cursors.keys))
        rollBackTables()
        await releaseHeld()
        settings.endTransaction(committed: false)
        transaction.end()
        noteState("idle")
    }

    func requireBlock(_ command: String) throws(LeibrixError) {
        guard !transaction.isBlock else { return }
        throw LeibrixError(
            .noActiveTransaction, "\(command) can only be used in transaction blocks", hint: "BEGIN first.")
    }

    private func savepoint(_ name: Identifier) throws(LeibrixError) -> SQLExecution {
        try requireBlock("SAVEPOINT")
        let mark = server.tables == nil ? nil : try tableTransaction().mark()
        try transaction.save(
            TransactionState.Savepoint(name: name.name, settings: settings.layers, cursors: Set(cursors.keys), mark: mark, pendingCount: pendingRows.count))
        return SQLExecution(tag: .fixed("SAVEPOINT"))
    }

    /// Settings go back to what they were, cursors opened since are closed, and a failed block is whole again. If the
    /// error ended the engine's snapshot of a REPEATABLE READ block, its next query says so.
    private func rollBack(to name: Identifier) async throws(LeibrixError) -> SQLExecution {
        try requireBlock("ROLLBACK TO SAVEPOINT")
        let savepoint = try transaction.rollBack(to: name)
        settings.restore(savepoint.settings)
        if pendingRows.count > savepoint.pendingCount { pendingRows.removeSubrange(savepoint.pendingCount...) }
        if let mark = savepoint.mark {
            tables?.rollBack(to: mark)
            if definitions != 0 { definitions = server.nextTransaction() }
        }
        await closeCursors(Set(cursors.keys).subtracting(savepoint.cursors))
        noteState("idle in transaction")
        return SQLExecution(tag: .fixed("ROLLBACK"))
    }

    private func setTransaction(_ modes: TransactionModes, _ position: Int) throws(LeibrixError) -> SQLExecution {
        guard transaction.isBlock else {
            let warning = LeibrixError(.noActiveTransaction, "SET TRANSACTION can only be used in transaction blocks")
            return SQLExecution(tag: .fixed("SET"), notices: [warning])
        }
        if let isolation = modes.isolation, isolation != transaction.isolation, transaction.hasRead {
            throw LeibrixError(
                .failedTransaction, "SET TRANSACTION ISOLATION LEVEL must be called before any query",
                hint: "Set it right after BEGIN.", position: position, sqlState: "25001")
        }
        if modes.readOnly == false, transaction.isReadOnly, transaction.hasRead {
            throw LeibrixError(
                .failedTransaction, "transaction read-write mode must be set before any query",
                hint: "Set it right after BEGIN.", position: position, sqlState: "25001")
        }
        apply(modes)
        return SQLExecution(tag: .fixed("SET"))
    }

    private func setDefaults(_ modes: TransactionModes) throws(LeibrixError) {
        if let isolation = modes.isolation { try settings.set("default_transaction_isolation", [isolation.rawValue], .session) }
        if let readOnly = modes.readOnly { try settings.set("default_transaction_read_only", [readOnly ? "on" : "off"], .session) }
        if let deferrable = modes.deferrable { try settings.set("default_transaction_deferrable", [deferrable ? "on" : "off"], .session) }
    }
}
