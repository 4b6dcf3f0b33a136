internal import Columnar
internal import Synchronization

/// Point plans by what they depend on, for all sessions; also that there is none.
final class PointCache: Sendable {
    struct Key: Hashable {
        var sql: String
        var searchPath: [String]
        var parameterTypes: [DataType]
        var version: PlanVersion
    }

    private let cache = Mutex(LRUCache<Key, PointStatement?>(countMax: SessionLimits.descriptionsMax))

    /// `.some(nil)`: it is known that there is none.
    func lookup(_ key: Key) -> PointStatement?? { cache.withLock { $0.value(for: key) } }
    func insert(_ key: Key, _ statement: PointStatement?) { cache.withLock { $0.insert(statement, for: key) } }
}
