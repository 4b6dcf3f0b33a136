internal import Columnar
internal import Synchronization

/// Prepared statements that ask nothing of their session, for all sessions: a text sent again is neither parsed nor planned again,
/// and where an index answers, nor is one that differs in its constants alone. A key holds everything a plan depends on.
final class StatementCache: Sendable {
    struct Key: Hashable {
        var sql: String
        var profile: ExecutionProfile
        var relations: UInt64
        var tables: PlanVersion
        var clientTypes: [DataType?]
        /// Sizes of the lifted constants; empty for a text as it was sent.
        var classes: [UInt16] = []

        /// The text tells nearly all apart; the rest is compared.
        func hash(into hasher: inout Hasher) { hasher.combine(sql) }
    }

    /// What is known of a text without its constants.
    enum Shape: Sendable {
        /// Sent once.
        case seen
        /// Its constants have to stay.
        case whole
        case lifted(PreparedStatement)
    }

    private let statements = Mutex(LRUCache<Key, PreparedStatement>(countMax: SessionLimits.plansMax))
    private let shapes = Mutex(LRUCache<Key, Shape>(countMax: SessionLimits.plansMax))

    func statement(_ key: Key) -> PreparedStatement? { statements.withLock { $0.value(for: key) } }
    func keep(_ statement: PreparedStatement, for key: Key) { statements.withLock { $0.insert(statement, for: key) } }
    func shape(_ key: Key) -> Shape? { shapes.withLock { $0.value(for: key) } }
    func keep(_ shape: Shape, for key: Key) { shapes.withLock { $0.insert(shape, for: key) } }
}
