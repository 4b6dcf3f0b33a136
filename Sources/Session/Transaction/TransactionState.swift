// The state machine of a session's transactions, after PostgreSQL's: outside a block every statement is a transaction of
// its own (or all statements up to the protocol's Sync); BEGIN opens a block; an error inside one makes it failed, and
// then only its end, or a savepoint's, is accepted.
internal import Base
internal import SQLSyntax
internal import TableEngine

struct TransactionState: Sendable {
    enum Phase: Sendable, Equatable { case none, implicit, block, failedBlock }

    struct Savepoint: Sendable {
        let name: String
        let settings: SessionSettings.Layers
        let cursors: Set<String>
        /// Where the tables' transaction stood.
        let mark: TableTransaction.Mark?
        /// How many rows for sources waited for the commit, as they were given.
        let pendingCount: Int
    }

    private(set) var phase = Phase.none
    private(set) var savepoints: [Savepoint] = []
    private(set) var isolation = IsolationLevel.readCommitted
    private(set) var isReadOnly = false
    /// Whether a query has read a snapshot in this block: then its isolation is decided.
    var hasRead = false
    private(set) var number: UInt64 = 0

    var isBlock: Bool { phase == .block || phase == .failedBlock }
    var isFailed: Bool { phase == .failedBlock }
    /// One snapshot for the whole block.
    var holdsSnapshot: Bool { phase == .block && (isolation == .repeatableRead || isolation == .serializable) }

    var status: TransactionStatus {
        switch phase {
        case .none, .implicit: .idle
        case .block: .active
        case .failedBlock: .failed
        }
    }

    /// Before a statement runs. True if an implicit transaction begins with it.
    mutating func enter() -> Bool {
        guard phase == .none else { return false }
        phase = .implicit
        return true
    }

    mutating func begin(_ number: UInt64) {
        phase = .block
        self.number = number
        savepoints = []
        hasRead = false
    }

    mutating func apply(isolation: IsolationLevel, readOnly: Bool) {
        self.isolation = isolation
        isReadOnly = readOnly
    }

    mutating func end() {
        phase = .none
        savepoints = []
        hasRead = false
        isolation = .readCommitted
        isReadOnly = false
    }

    /// A statement failed.
    mutating func fail() { if phase == .block { phase = .failedBlock } }

    mutating func save(_ savepoint: Savepoint) throws(LeibrixError) {
        guard savepoints.count < SessionLimits.savepointsMax else {
            throw LeibrixError(.limitExceeded, "more than \(SessionLimits.savepointsMax) savepoints", hint: "RELEASE some.")
        }
        savepoints.append(savepoint)
    }

    private func index(_ name: Identifier) throws(LeibrixError) -> Int {
        guard let index = savepoints.lastIndex(where: { $0.name == name.name }) else {
            throw LeibrixError(
                .undefinedSavepoint, "savepoint \"\(name.name)\" does not exist",
                hint: suggestion(for: name.name, among: savepoints.map(\.name), what: "savepoints"), position: name.position)
        }
        return index
    }

    mutating func release(_ name: Identifier) throws(LeibrixError) {
        savepoints.removeSubrange(try index(name)...)
    }

    /// The savepoint stays; those inside it are gone; the block is whole again.
    mutating func rollBack(to name: Identifier) throws(LeibrixError) -> Savepoint {
        let index = try index(name)
        savepoints.removeSubrange((index + 1)...)
        phase = .block
        return savepoints[index]
    }
}
