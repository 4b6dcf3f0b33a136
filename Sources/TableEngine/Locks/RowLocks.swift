// Locks that SELECT FOR … and foreign keys take on rows without changing them. A changed row needs none: its delete stamp is one.
// Guarded by the table's lock; a table without row locks pays one comparison.

/// PostgreSQL's four strengths.
public enum RowLockMode: Int, Sendable, Hashable, Comparable {
    case keyShare, share, noKeyUpdate, update

    public static func < (a: RowLockMode, b: RowLockMode) -> Bool { a.rawValue < b.rawValue }

    /// PostgreSQL's table of row-level lock conflicts.
    func conflicts(with other: RowLockMode) -> Bool {
        switch (self, other) {
        case (.keyShare, .update), (.update, .keyShare): true
        case (.keyShare, _), (_, .keyShare): false
        case (.share, .share): false
        default: true
        }
    }
}

struct RowLocks {
    private var holders: [RowID: [(transaction: TransactionID, mode: RowLockMode)]] = [:]

    var isEmpty: Bool { holders.isEmpty }

    /// Who keeps `transaction` from locking or changing the row; nil when nobody does.
    func blocker(of row: RowID, _ mode: RowLockMode, by transaction: TransactionID) -> TransactionID? {
        guard !holders.isEmpty, let locks = holders[row] else { return nil }
        return locks.first { $0.transaction != transaction && $0.mode.conflicts(with: mode) }?.transaction
    }

    /// Whether the transaction had no lock on the row before.
    mutating func add(_ row: RowID, _ mode: RowLockMode, by transaction: TransactionID) -> Bool {
        if let place = holders[row]?.firstIndex(where: { $0.transaction == transaction }) {
            holders[row]![place].mode = max(holders[row]![place].mode, mode)
            return false
        }
        holders[row, default: []].append((transaction, mode))
        return true
    }

    mutating func remove(_ row: RowID, by transaction: TransactionID) {
        guard var locks = holders[row] else { return }
        locks.removeAll { $0.transaction == transaction }
        holders[row] = locks.isEmpty ? nil : locks
    }

    /// Others' locks on a row that was updated hold on its new version, too. Returns whose.
    mutating func carry(from old: RowID, to new: RowID, except transaction: TransactionID) -> [TransactionID] {
        guard !holders.isEmpty, let locks = holders[old] else { return [] }
        var carried: [TransactionID] = []
        for lock in locks where lock.transaction != transaction && add(new, lock.mode, by: lock.transaction) {
            carried.append(lock.transaction)
        }
        return carried
    }
}
