internal import Base
internal import Columnar
internal import DuckDBKit
internal import Synchronization

/// What the result columns of one query are called and whose they are, asked of the engine's parser at most once a shape
/// of query: constants change neither.
struct OutputQuestion: Sendable {
    /// The client's text.
    let text: String
    let searchPath: [String]
    let lookup: RelationLookup
    let cache: OutputCache
    /// nil: not worth keeping.
    let key: OutputCache.Key?

    /// On a pool thread. `engineText` is what is asked when the engine's parser cannot read the client's text. nil where
    /// the engine's names are to stay.
    func ask(_ connection: Connection, engineText: String) -> [OutputColumn]? {
        if let key, let known = cache.lookup(key) { return known.columns }
        let columns = parsed(connection, text) ?? parsed(connection, engineText)
        if let key { cache.insert(key, OutputCache.Entry(columns: columns)) }
        return columns
    }

    private func parsed(_ connection: Connection, _ sql: String) -> [OutputColumn]? {
        Self.tree(sql, connection).flatMap { OutputColumns(text: Array(sql.utf8), searchPath: searchPath, lookup: lookup).columns(of: $0) }
    }

    /// The syntax tree of a query as the engine's parser sees it; nil when it cannot read it.
    static func tree(_ sql: String, _ connection: Connection) -> JSON? {
        let question = "SELECT json_serialize_sql(\(Value.string(sql).duckDBLiteral), skip_null := true, skip_empty := true)"
        guard let tree = try? connection.rows(question).first?.first?.text, let json = try? JSON.parse(tree), json["error"] != .bool(true) else {
            return nil
        }
        return json
    }
}

/// Answers by the shape of the query, and by what else they depend on.
final class OutputCache: Sendable {
    struct Key: Hashable, Sendable {
        var shape: String
        var searchPath: String
        var version: UInt64
    }

    struct Entry: Sendable {
        var columns: [OutputColumn]?
    }

    private let cache = Mutex(LRUCache<Key, Entry>(countMax: SessionLimits.descriptionsMax))

    func lookup(_ key: Key) -> Entry? { cache.withLock { $0.value(for: key) } }
    func insert(_ key: Key, _ entry: Entry) { cache.withLock { $0.insert(entry, for: key) } }
}
