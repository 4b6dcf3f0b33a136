internal import Columnar
internal import Synchronization

/// What was learned by describing statements, for all sessions. A key holds everything a description depends on.
final class DescriptionCache: Sendable {
    struct Key: Hashable {
        var sql: String
        var profile: ExecutionProfile
        var version: UInt64
        var tables: PlanVersion
        var clientTypes: [DataType?]
    }

    private let cache = Mutex(LRUCache<Key, Description>(countMax: SessionLimits.descriptionsMax))

    func lookup(_ key: Key) -> Description? { cache.withLock { $0.value(for: key) } }
    func insert(_ key: Key, _ description: Description) { cache.withLock { $0.insert(description, for: key) } }
}
