// Committing, in steps:
//
// 1. The records are encoded, without a lock: the rows are the transaction's own and do not change.
// 2. Under the commit lock the transaction is validated (SERIALIZABLE), takes its number and its place in the log, and its stamps
//    become the number. Nobody's snapshot reaches the number yet, so nobody sees half of it.
// 3. Without a lock it waits for the log. Whoever meets its rows meanwhile waits for it as for a running transaction.
// 4. Durable: the number is decided, and published as soon as all before it are; the transaction ends when it is published, so that
//    its client sees what it did. Failed: stamps are undone first, then the number is decided as one that changed nothing.
public import Base
internal import Catalog
internal import Synchronization

extension TableTransaction {
    /// Makes everything durable and visible, then returns. Throws, with everything undone, when that cannot be: 40001 when a
    /// SERIALIZABLE transaction cannot have run in any order with the others, or what the log says.
    public func commit() async throws(LeibrixError) {
        guard let (number, position) = try beginCommit() else { return }
        if let log = engine.configuration.log {
            do throws(LeibrixError) {
                try await log.wait(for: position)
            } catch {
                failCommit(number)
                throw error
            }
        }
        let isPublished = engine.decide(number, hasFailed: false)
        if !isPublished { await engine.waitForPublication(of: number) }
        finish()
    }

    /// For callers that know the log is in memory. O(rows written).
    func commitInMemory() throws(LeibrixError) {
        precondition(engine.configuration.log == nil)
        guard let (number, _) = try beginCommit() else { return }
        _ = engine.decide(number, hasFailed: false)
        finish()
    }

    /// Steps 1 and 2; nil when there was nothing to commit and the transaction has ended.
    private func beginCommit() throws(LeibrixError) -> (number: UInt64, position: UInt64)? {
        guard !hasEnded else { throw LeibrixError(.internal, "a transaction was committed after its end") }
        guard hasWritten else {
            finish()
            return nil
        }
        do throws(LeibrixError) {
            try engine.requireWritable()
            let payload = try engine.configuration.log?.encode(CommitRecords(transaction: self))
            return try engine.number(self, payload)
        } catch {
            rollback()
            throw error
        }
    }

    /// The log has refused: the commit never was.
    private func failCommit(_ number: UInt64) {
        rollBack(to: Mark(writes: 0, edits: 0))
        _ = engine.decide(number, hasFailed: true)
        finish()
    }

    /// The stamps of all that was written become the commit's number.
    func stampWrites(_ number: UInt64) {
        for entry in writes {
            let store = touched[Int(entry.store)]
            guard let reader = unsafe store.reader(entry.row) else { continue }
            switch entry.kind {
            case .delete: unsafe reader.pointee.deleted[entry.row.slot].store(number, ordering: .releasing)
            case .insert:
                for slot in entry.row.slot..<entry.row.slot + Int(entry.count) {
                    unsafe reader.pointee.inserted[slot].store(number, ordering: .releasing)
                }
            }
        }
    }

    /// What the tables count at a commit.
    func countWrites(_ number: UInt64) {
        for (place, store) in touched.enumerated() {
            store.locked { state in
                for entry in writes where entry.store == UInt32(place) {
                    guard let group = state.group(entry.row.group) else { continue }
                    switch entry.kind {
                    case .insert:
                        state.liveRows += Int(entry.count)
                        group.uncommitted -= Int(entry.count)
                        group.newestInsert = max(group.newestInsert, number)
                    case .delete:
                        state.liveRows -= 1
                        group.ended += 1
                        state.endedRows.append((number, entry.row))
                    }
                }
                state.newestCommit = max(state.newestCommit, number)
                state.changes += 1
            }
        }
    }
}

extension TableEngine {
    /// Commits what the engine itself did.
    func commitBehind(_ transaction: TableTransaction) {
        guard configuration.log == nil else {
            Task { try? await transaction.commit() }
            return
        }
        try? transaction.commitInMemory()
    }

    /// Steps 2: number, log, stamps.
    func number(_ transaction: TableTransaction, _ payload: [UInt8]?) throws(LeibrixError) -> (number: UInt64, position: UInt64) {
        let id = transaction.id
        let result = commits.withLock { commits -> Result<(number: UInt64, position: UInt64), LeibrixError> in
            do throws(LeibrixError) {
                try validate(transaction, commits)
                var position: UInt64 = 0
                if let payload, let log = configuration.log { position = try log.append(payload, number: commits.last + 1) }
                let number = commits.add(id) { number in
                    transaction.ownVersion.map { CatalogVersion($0.catalog, $0.stores, validFrom: number) }
                }
                transaction.stampWrites(number)
                commits.note(CommittedWrites(number: number, writes: transaction.writes, touched: transaction.touched))
                return .success((number, position))
            } catch {
                return .failure(error)
            }
        }
        let (number, position) = try result.get()
        transaction.countWrites(number)
        return (number, position)
    }

    /// Step 4. Whether the number itself is published.
    func decide(_ number: UInt64, hasFailed: Bool) -> Bool {
        let (isPublished, waiting, catalog) = commits.withLock { commits in
            let ready = commits.decide(number, hasFailed: hasFailed)
            if ready.number > 0 {
                // First the definitions, then the number from which on they hold: `begin` looks in this order, too.
                if let catalog = ready.catalog { publish(catalog) }
                committed.store(ready.number, ordering: .releasing)
                commits.forget(upTo: validationFloor(ready.number))
            }
            return (ready.number >= number, ready.waiting, ready.catalog)
        }
        if let catalog { announce(catalog) }
        for resume in waiting { resume() }
        return isPublished
    }

    func waitForPublication(of number: UInt64) async {
        await withCheckedContinuation { continuation in
            let waits = commits.withLock { $0.wait(for: number) { continuation.resume() } }
            if !waits { continuation.resume() }
        }
    }

    /// Who is about to publish a number; nil when it is published.
    func committing(_ number: UInt64) -> TransactionID? {
        if number <= committed.load(ordering: .acquiring) { return nil }
        return commits.withLock { $0.transaction(number) }
    }

    private func publish(_ catalog: CatalogVersion) {
        let old = published.withLock { published in
            defer { published = catalog }
            return published
        }
        for (id, store) in old.stores where catalog.stores[id] !== store { store.isRetired.store(true, ordering: .releasing) }
    }
}
