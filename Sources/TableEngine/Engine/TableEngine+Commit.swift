// Committing, in steps:
//
// 1. The records are encoded, without a lock: the rows are the transaction's own and do not change.
// 2. Under the commit lock the transaction is validated (SERIALIZABLE), takes its number and its place in the log, and its stamps
//    become the number. Nobody's snapshot reaches the number yet, so nobody sees half of it.
// 3. Without a lock it waits for the log. Whoever meets its rows meanwhile waits for it as for a running transaction.
// 4. Durable: the number is decided (on the log's thread, but for definitions), and published as soon as all before it are; the
//    transaction ends when it is published, so that its client sees what it did. Failed: stamps are undone first, then the number is
//    decided as one that changed nothing.
public import Base
internal import Catalog
internal import Platform
internal import Synchronization
internal import WriteAheadLog

extension TableTransaction {
    /// Makes everything durable and visible, then returns. Throws, with everything undone, when that cannot be: 40001 when a
    /// SERIALIZABLE transaction cannot have run in any order with the others, or what the log says. Without `waits`
    /// (synchronous_commit off) it returns when the commit is in the log's memory: a crash may lose the last ones.
    public func commit(waits: Bool = true) async throws(LeibrixError) {
        guard try mayCommit() else { return }
        let durability = engine.durability
        let number: UInt64
        let isPublished: Bool
        do throws(LeibrixError) {
            try engine.requireWritable()
            guard let durability else { return try commitInMemory(number: nil) }
            let position: LSN
            while true {
                let watch = engine.changeReaders.watch
                let payload = try encodeCommit(watch.tables)
                durability.faults.reach(.commitEncoded)
                let ticket = try await durability.log.admit(payload.count)
                if let done = try numbered(durability, payload, watch, ticket, waits: waits) {
                    (number, position) = done
                    break
                }
            }
            durability.faults.reach(.commitAppended)
            if waits, ownVersion == nil {
                isPublished = try await decided(durability, number, position)
            } else {
                if waits { try await wait(durability, number, position) }
                durability.faults.reach(.commitDurable)
                isPublished = engine.decide(number, hasFailed: false)
            }
        } catch {
            rollback()
            throw error
        }
        if !isPublished { await engine.waitForPublication(of: number) }
        finish()
    }

    /// Waits until the commit is durable, and decides it where that is known, on the log's thread: that tells of commits in their
    /// order, so by the time one goes on all before it are published, wherever their sessions run. Whether it is published.
    private func decided(_ durability: Durability, _ number: UInt64, _ position: LSN) async throws(LeibrixError) -> Bool {
        let engine = engine
        let outcome: Result<Bool, LeibrixError> = await unsafe withUnsafeContinuation { continuation in
            durability.log.log.whenDurable(position) { failure in
                if let failure { return unsafe continuation.resume(returning: .failure(failure)) }
                durability.faults.reach(.commitDurable)
                unsafe continuation.resume(returning: .success(engine.decide(number, hasFailed: false)))
            }
        }
        if case .failure(let error) = outcome {
            engine.refuseWrites(error)
            failCommit(number)
            throw error
        }
        return try outcome.get()
    }

    /// Ends a transaction that has written nothing; false, with nothing done, for others.
    public func endReading() -> Bool {
        guard !hasEnded, !hasWritten else { return false }
        finish()
        return true
    }

    /// Steps 2 with a log; nil when somebody has begun to follow tables since the commit was encoded: then it is encoded again.
    private func numbered(
        _ durability: Durability, _ payload: [UInt8], _ watch: ChangeReaders.Watch, _ ticket: CommitTicket, waits: Bool
    ) throws(LeibrixError) -> (number: UInt64, position: LSN)? {
        try engine.number(self) { (number) throws(LeibrixError) in
            guard engine.changeReaders.isCurrent(watch) else { return nil }
            return try durability.log.append(payload, number: number, ticket, waits: waits)
        }
    }

    private func wait(_ durability: Durability, _ number: UInt64, _ position: LSN) async throws(LeibrixError) {
        do throws(LeibrixError) {
            try await durability.log.log.durable(upTo: position)
        } catch {
            engine.refuseWrites(error)
            failCommit(number)
            throw error
        }
    }

    /// As `commit`, for threads that may block. Throws `diskFull` where it would have to wait for room.
    func commitBlocking(_ durability: Durability) throws(LeibrixError) {
        guard try mayCommit() else { return }
        let number: UInt64
        do throws(LeibrixError) {
            try engine.requireWritable()
            let position: LSN
            while true {
                let watch = engine.changeReaders.watch
                let payload = try encodeCommit(watch.tables)
                guard let ticket = try durability.log.tryAdmit(payload.count) else {
                    throw LeibrixError(.diskFull, "no room for the write-ahead log at the moment")
                }
                if let done = try numbered(durability, payload, watch, ticket, waits: true) {
                    (number, position) = done
                    break
                }
            }
            do throws(LeibrixError) {
                try durability.log.syncBlocking(position)
            } catch {
                engine.refuseWrites(error)
                failCommit(number)
                throw error
            }
        } catch {
            rollback()
            throw error
        }
        if !engine.decide(number, hasFailed: false) {
            let bell = Doorbell()
            let waits = engine.commits.withLock { $0.wait(for: number) { bell.ring() } }
            if waits { bell.wait() }
        }
        finish()
    }

    /// For engines without a log, and for replay, which gives the number that the commit had.
    func commitInMemory(number expected: UInt64? = nil) throws(LeibrixError) {
        precondition(expected != nil || engine.durability == nil, "a durable engine commits through its log")
        guard try mayCommit() else { return }
        let number = try numberInMemory(isReplay: expected != nil)
        precondition(expected == nil || number == expected, "replay gives a commit its own number")
        _ = engine.decide(number, hasFailed: false)
        finish()
    }

    private func numberInMemory(isReplay: Bool) throws(LeibrixError) -> UInt64 {
        while true {
            let watch = engine.changeReaders.watch
            let payload = isReplay || watch.tables.isEmpty ? nil : try encodeCommit(watch.tables)
            let done = try engine.number(self) { (number) throws(LeibrixError) -> LSN? in
                guard isReplay || engine.changeReaders.isCurrent(watch) else { return nil }
                if let payload { engine.memoryChanges.append(payload, number: number, micros: engine.configuration.clock.wallMicros()) }
                return .zero
            }
            if let done { return done.number }
        }
    }

    /// False when there is nothing to commit and the transaction has ended.
    private func mayCommit() throws(LeibrixError) -> Bool {
        guard !hasEnded else { throw LeibrixError(.internal, "a transaction was committed after its end") }
        guard hasWritten else {
            finish()
            return false
        }
        return true
    }

    /// The log has refused: the commit never was.
    private func failCommit(_ number: UInt64) {
        engine.sinkEpochs.remove(number, sinkEdits)
        rollBack(to: Mark(writes: 0, edits: 0, sinks: 0))
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
    /// Commits what the engine itself did. Blocks until it is durable and published. What fails is undone: it is done another time.
    func commitBehind(_ transaction: TableTransaction) {
        guard let durability else {
            try? transaction.commitInMemory()
            return
        }
        try? transaction.commitBlocking(durability)
    }

    /// Steps 2: number, log, stamps. nil, and nothing was done, when `append` gives no position.
    func number(
        _ transaction: TableTransaction, _ append: (UInt64) throws(LeibrixError) -> LSN?
    ) throws(LeibrixError) -> (number: UInt64, position: LSN)? {
        let id = transaction.id
        let result = commits.withLock { commits -> Result<(number: UInt64, position: LSN)?, LeibrixError> in
            do throws(LeibrixError) {
                try validate(transaction, commits)
                try sinkEpochs.require(transaction.sinkEdits)
                guard let position = try append(commits.last + 1) else { return .success(nil) }
                let number = commits.add(id) { number in
                    transaction.ownVersion.map { CatalogVersion($0.catalog, $0.stores, validFrom: number) }
                }
                transaction.stampWrites(number)
                if !transaction.sinkEdits.isEmpty { sinkEpochs.add(number, transaction.sinkEdits, horizon: snapshots.horizon(newest: snapshot)) }
                commits.note(CommittedWrites(number: number, writes: transaction.writes, touched: transaction.touched))
                return .success((number, position))
            } catch {
                return .failure(error)
            }
        }
        let done = try result.get()
        if let done { transaction.countWrites(done.number) }
        return done
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
        publishedVersion.store(catalog.catalog.version, ordering: .sequentiallyConsistent)
        var reshaped: Set<TableID> = []
        for (id, store) in old.stores where catalog.stores[id] !== store {
            store.isRetired.store(true, ordering: .releasing)
            if catalog.stores[id]?.types != store.types { reshaped.insert(id) }
        }
        if !reshaped.isEmpty { changeReaders.lose(reshaped) }
    }
}
