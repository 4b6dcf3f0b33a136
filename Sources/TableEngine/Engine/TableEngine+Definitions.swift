internal import Base
internal import Catalog
internal import Synchronization

extension TableEngine {
    func makeStore(_ table: TableDefinition) throws(LeibrixError) -> TableStore {
        let store = try TableStore(
            table, rowsPerGroup: configuration.rowsPerGroup, generation: nextGeneration.wrappingAdd(1, ordering: .relaxed).oldValue)
        if isRecovering.load(ordering: .relaxed) { store.locked { $0.indexes = [] } }
        everyStore.withLock { $0.append(WeakStore(store)) }
        return store
    }

    /// Who else has the schema lock; nil when the transaction has it now.
    func takeSchemaLock(_ id: TransactionID) -> TransactionID? {
        schemaOwner.withLock { owner in
            if let owner, owner != id { return owner }
            owner = id
            return nil
        }
    }

    func releaseSchemaLock(_ id: TransactionID) { schemaOwner.withLock { if $0 == id { $0 = nil } } }

    /// A transaction's locks on a row went over to its new version: it is to release them there, too.
    func carried(_ store: TableStore, _ row: RowID, _ holder: TransactionID) {
        carriedLocks.withLock { $0[holder, default: []].append((store, row)) }
    }

    func releaseCarried(_ id: TransactionID) {
        let locks = carriedLocks.withLock { $0.isEmpty ? nil : $0.removeValue(forKey: id) }
        for (store, row) in locks ?? [] { store.locked { $0.locks.remove(row, by: id) } }
    }
}
