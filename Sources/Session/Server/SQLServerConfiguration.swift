/// What a deployment may bound.
public struct SQLServerConfiguration: Sendable {
    public var database = "leibrix"
    /// The catalog of published relations inside the engine; nil leaves DuckDB's own (tests).
    public var relationCatalog: String? = "lbx"
    public var connectionsMax = 2_500
    /// Statements working in the engine at a time.
    public var concurrency = 4
    /// Statements waiting for that.
    public var queueMax = 1_024
    /// Connections to the engine, those held by cursors, portals and transactions included.
    public var executorsMax = 256
    public var resultCacheBytesMax = 64 << 20
    public var resultCacheEntryBytesMax = 256 << 10
    /// Bytes of rows that a session may keep in memory for WITH HOLD and SCROLL cursors.
    public var heldRowsBytesMax = 64 << 20
    /// Shown as server_version: what clients compare, and what it really is.
    public var compatibleVersion = "15.8"
    public var productVersion = "0.1.0"

    public init() {}

    var compatibleVersionNumber: Int {
        let parts = compatibleVersion.split(separator: ".").compactMap { Int($0) }
        return (parts.first ?? 0) * 10_000 + (parts.count > 1 ? parts[1] : 0)
    }
}
