public import Base
internal import CDuckDB
public import Columnar
internal import Glibc
internal import Synchronization

/// One name's change in a publication.
public enum RelationChange: Sendable {
    case put(schema: String, name: String, RelationSnapshot)
    /// Nothing happens when there is none.
    case drop(schema: String, name: String)
    /// Rows are made when a statement that names the relation executes, once a scan; one `Value` a column. With a
    /// `version` they are kept, and made again only when it has changed.
    case virtual(
        schema: String, name: String, columns: [RelationColumn], version: (@Sendable () -> UInt64)? = nil,
        rows: @Sendable () throws(LeibrixError) -> [[Value]])
    /// Rows that change while statements over them are planned and run.
    case live(schema: String, name: String, columns: [RelationColumn], any LiveRelation)
    /// A query under a name. Names in it are looked up in its own schema first.
    case view(schema: String, name: String, query: String)
}

/// Relations under real names in one DuckDB instance: an attached database whose tables are published snapshots.
///
/// A DuckDB transaction sees the state that was published when it first used the catalog, whole, to its end. Prepared
/// statements over the catalog are planned again after a publication. Schema `public` is there from the start, and
/// `main` is its alias. Any thread.
@safe
public final class RelationCatalog: @unchecked Sendable {
    public let name: String
    private let handle: OpaquePointer
    /// Keeps the instance.
    private let connection: Connection
    private let published = Atomic<UInt64>(0)

    /// Of the last publication; each has a larger one.
    public var version: UInt64 { published.load(ordering: .acquiring) }

    /// Attaches a database called `name`. The connection stays free for other use.
    public init(attachingTo connection: Connection, name: String) throws(LeibrixError) {
        var message: UnsafeMutablePointer<CChar>?
        guard let made = unsafe lbx_catalog_attach(connection.handle, name, &message) else {
            throw unsafe .taken(message)
        }
        unsafe handle = unsafe made
        self.name = name
        self.connection = connection
    }

    /// Nothing happens when there is one.
    public func addSchema(_ schema: String) { unsafe lbx_catalog_add_schema(handle, schema) }

    /// Applies all changes as one and returns the catalog's new version. Missing schemas are made. Throws, with nothing
    /// changed, when a relation has two columns whose names differ in case only, or a view's query cannot be parsed.
    ///
    /// With an `overlay`, only connections with that scan token see the changes: what a transaction has not committed.
    /// `ended` names an overlay that goes away in the same moment.
    @discardableResult
    public func publish(_ changes: [RelationChange], overlay: UInt64 = 0, ended: UInt64 = 0) throws(LeibrixError) -> UInt64 {
        let arena = NameArena()
        var kept: [RelationSnapshot] = []
        var parts: [lbx_change] = unsafe []
        for change in changes {
            var part = unsafe lbx_change()
            switch change {
            case .put(let schema, let name, let snapshot):
                unsafe part.schema = arena.add(schema)
                unsafe part.name = arena.add(name)
                unsafe part.snapshot = snapshot.handle
            case .drop(let schema, let name):
                unsafe part.schema = arena.add(schema)
                unsafe part.name = arena.add(name)
            case .virtual(let schema, let name, let columns, let version, let rows):
                let shape = try RelationSnapshot(columns: columns, rowGroups: [])
                kept.append(shape)
                unsafe part.schema = arena.add(schema)
                unsafe part.name = arena.add(name)
                unsafe part.columns_of = unsafe shape.handle
                unsafe VirtualRelation(columns: columns, version: version, rows: rows).fill(&part)
            case .view(let schema, let name, let query):
                unsafe part.schema = arena.add(schema)
                unsafe part.name = arena.add(name)
                unsafe part.view = arena.add(query)
            case .live(let schema, let name, let columns, let source):
                let shape = try RelationSnapshot(columns: columns, rowGroups: [])
                kept.append(shape)
                unsafe part.schema = arena.add(schema)
                unsafe part.name = arena.add(name)
                unsafe part.columns_of = unsafe shape.handle
                unsafe LiveSource(columns: columns, source).fill(&part)
            }
            unsafe parts.append(part)
        }
        var message: UnsafeMutablePointer<CChar>?
        let version = withExtendedLifetime((arena, kept, changes)) {
            unsafe parts.withUnsafeBufferPointer { unsafe lbx_catalog_publish(handle, $0.baseAddress, $0.count, overlay, ended, &message) }
        }
        guard version > 0 else { throw unsafe .taken(message) }
        published.max(version, ordering: .releasing)
        return version
    }

    /// The facts of a live relation have a new version: plans made with earlier ones are made again before they run.
    public func factsChanged() { unsafe lbx_catalog_facts_changed(handle) }
}

/// C strings that live as long as the arena.
@safe
private final class NameArena {
    private var strings: [UnsafeMutablePointer<CChar>] = unsafe []

    func add(_ string: String) -> UnsafePointer<CChar> {
        let copy = unsafe strdup(string)!
        unsafe strings.append(copy)
        return unsafe UnsafePointer(copy)
    }

    deinit { for unsafe string in unsafe strings { unsafe free(string) } }
}

/// The callback's context of a virtual relation.
private final class VirtualRelation: Sendable {
    private let columns: [RelationColumn]
    private let version: (@Sendable () -> UInt64)?
    private let rows: @Sendable () throws(LeibrixError) -> [[Value]]
    private let kept = Mutex<(version: UInt64, groups: [RowGroup])?>(nil)

    init(
        columns: [RelationColumn], version: (@Sendable () -> UInt64)?, rows: @escaping @Sendable () throws(LeibrixError) -> [[Value]]
    ) {
        self.columns = columns
        self.version = version
        self.rows = rows
    }

    /// Hands a reference to the C side, which gives it back through `release_context`.
    func fill(_ part: inout lbx_change) {
        unsafe part.context = unsafe Unmanaged.passRetained(self).toOpaque()
        unsafe part.materialize = { context, message in
            let relation = unsafe Unmanaged<VirtualRelation>.fromOpaque(context!).takeUnretainedValue()
            do throws(LeibrixError) {
                return try unsafe relation.snapshot()
            } catch {
                unsafe message?.pointee = strdup(error.codedText)
                return nil
            }
        }
        unsafe part.release_context = { context in unsafe Unmanaged<VirtualRelation>.fromOpaque(context!).release() }
    }

    private func snapshot() throws(LeibrixError) -> OpaquePointer {
        try unsafe RelationSnapshot.makeHandle(columns: columns, rowGroups: groups())
    }

    private func groups() throws(LeibrixError) -> [RowGroup] {
        // Asked before the rows are made: rows of a later version may be kept under an older one, never the reverse.
        let now = version?()
        if let now, let groups = kept.withLock({ $0?.version == now ? $0?.groups : nil }) { return groups }
        let made = try RowGroup.groups(of: rows(), types: columns.map(\.type))
        if let now { kept.withLock { $0 = (now, made) } }
        return made
    }
}

extension LeibrixError {
    /// From a message that the C side allocated.
    static func taken(_ message: UnsafeMutablePointer<CChar>?) -> LeibrixError {
        defer { unsafe free(message) }
        return .duckDB(unsafe message.map { unsafe String(cString: $0) } ?? "the scan shim gives no message")
    }
}
