/// The identity of whatever a schema holds: tables, indexes, constraints, sequences, views and schemas themselves draw from
/// one counter. It is the object's oid in pg_catalog, and is never used again.
public struct TableID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// The first that users' objects get, as PostgreSQL's FirstNormalObjectId.
    public static let first = TableID(16_384)

    public static func < (a: TableID, b: TableID) -> Bool { a.rawValue < b.rawValue }
    public var description: String { String(rawValue) }
}
