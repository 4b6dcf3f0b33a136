// Who waits for whom. A transaction waits for one other at a time, so the graph is a set of chains, and a deadlock is a chain that
// comes back to where it started: looked for once, when a wait begins, by the transaction that would close it.
internal import Base
internal import Synchronization

final class WaitGraph: Sendable {
    private struct Waiter {
        let transaction: TransactionID
        let resume: @Sendable (LeibrixError?) -> Void
    }

    private struct State {
        var next: UInt64 = 1
        /// Transactions that have written or locked and have not ended, with those who wait for them.
        var running: [TransactionID: [Waiter]] = [:]
        var waitsFor: [TransactionID: TransactionID] = [:]
    }

    private let state = Mutex(State())

    /// A number for a transaction that begins to write.
    func begin() -> TransactionID {
        state.withLock { state in
            while true {
                let id = TransactionID(rawValue: state.next)
                state.next = state.next >= Stamps.transactionMask - 1 ? 1 : state.next + 1
                if state.running[id] == nil {
                    state.running[id] = []
                    return id
                }
            }
        }
    }

    /// Its stamps and locks are gone: those who waited may try again.
    func end(_ id: TransactionID) {
        let waiters = state.withLock { state -> [Waiter] in
            let waiters = state.running.removeValue(forKey: id) ?? []
            for waiter in waiters { state.waitsFor[waiter.transaction] = nil }
            return waiters
        }
        for waiter in waiters { waiter.resume(nil) }
    }

    func isRunning(_ id: TransactionID) -> Bool { state.withLock { $0.running[id] != nil } }

    /// Calls `resume` once: with nil when `other` has ended (at once when it has already), with an error when waiting would never end
    /// or was ended by `cancel`.
    func wait(_ id: TransactionID, for other: TransactionID, _ resume: @escaping @Sendable (LeibrixError?) -> Void) {
        let answer = state.withLock { state -> LeibrixError?? in
            guard state.running[other] != nil else { return .some(nil) }
            var seen = other
            while let next = state.waitsFor[seen] {
                if next == id { return .some(Self.deadlock(id, other)) }
                seen = next
            }
            if seen == id { return .some(Self.deadlock(id, other)) }
            state.waitsFor[id] = other
            state.running[other]?.append(Waiter(transaction: id, resume: resume))
            return nil
        }
        if let answer { resume(answer) }
    }

    /// Ends a wait with an error. Nothing happens when the transaction does not wait.
    func cancel(_ id: TransactionID, _ error: LeibrixError) {
        let waiter = state.withLock { state -> Waiter? in
            guard let other = state.waitsFor.removeValue(forKey: id),
                let place = state.running[other]?.firstIndex(where: { $0.transaction == id })
            else { return nil }
            return state.running[other]?.remove(at: place)
        }
        waiter?.resume(error)
    }

    /// How many transactions wait.
    var waiting: Int { state.withLock { $0.waitsFor.count } }

    private static func deadlock(_ id: TransactionID, _ other: TransactionID) -> LeibrixError {
        LeibrixError(
            .deadlock, "deadlock detected",
            detail: "Transaction \(id.rawValue) would wait for transaction \(other.rawValue), which waits for it.",
            hint: "Run the transaction again; taking rows in one order everywhere avoids this.")
    }
}
