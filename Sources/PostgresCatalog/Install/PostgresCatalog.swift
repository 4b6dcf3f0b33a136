// pg_catalog and information_schema in a DuckDB instance: relations whose rows come from the model, views that give
// them their names in DuckDB's system catalog, and the types, casts, functions and macros that queries over them use.
public import Base
internal import Columnar
public import DuckDBKit
internal import Synchronization

public final class PostgresCatalog: Sendable {
    private struct Current {
        /// Grows when there is an engine whose functions can be told.
        var installs: UInt64 = 0
        var version: UInt64?
        var model: PostgresModel?
    }

    /// The engine's own functions: read when somebody first asks for them.
    private struct Engine {
        var connection: Connection?
        var functions: [DescribedFunction] = []
    }

    private let version: @Sendable () -> UInt64
    private let snapshot: @Sendable () -> CatalogSnapshot
    private let live: LiveState
    private let current = Mutex(Current())
    private let engine = Mutex(Engine())
    private let pending = Mutex<(version: UInt64, model: PostgresModel)?>(nil)
    /// Whose rows are made for each statement.
    static let liveRelations: Set<String> = ["pg_settings", "pg_stat_activity"]

    /// `snapshot` is asked again when `version` has changed, from whatever thread reads the catalog.
    public init(
        version: @escaping @Sendable () -> UInt64, snapshot: @escaping @Sendable () -> CatalogSnapshot, live: LiveState
    ) {
        self.version = version
        self.snapshot = snapshot
        self.live = live
    }

    /// The model of this moment.
    public var model: PostgresModel {
        let now = version()
        let (known, installs) = current.withLock { ($0.version == now ? $0.model : nil, $0.installs) }
        if let known { return known }
        let made = PostgresModel(snapshot(), functions: engineFunctions)
        current.withLock { state in
            guard state.installs == installs else { return }
            state.version = now
            state.model = made
        }
        return made
    }

    /// Reads the engine's functions for pg_proc, unless that was done: the first who asks waits for some 30 ms. Blocks.
    public func readFunctions() { _ = engineFunctions }

    private var engineFunctions: [DescribedFunction] {
        engine.withLock { engine in
            guard let connection = engine.connection else { return engine.functions }
            guard let read = try? EngineFunctions.read(connection) else { return [] }
            engine = Engine(functions: read)
            return read
        }
    }

    /// Puts everything into an instance, once: relations in schemas pg_catalog and information_schema of `relations`,
    /// and the rest in DuckDB's system catalog. `connection` may be any one of the instance.
    public func install(into connection: Connection, relations: RelationCatalog) throws(LeibrixError) {
        try relations.publish(changes)
        try installTypes(connection)
        try installCasts(connection)
        let functions = CatalogFunctions { [self] in pendingModel ?? model }
        for function in functions.all { try connection.register(function) }
        for macro in CatalogMacros.statements(relations.name) { try connection.makeSystemMacro(macro) }
        for shape in TableShape.all {
            let path = "\(shape.schema).\(shape.name)"
            let query = CatalogMacros.views[path] ?? "SELECT * FROM \(relations.name).\(path)"
            try connection.makeSystemView(schema: shape.schema, name: shape.name, query: query)
        }
        engine.withLock { $0.connection = connection }
        current.withLock { state in
            state.version = nil
            state.installs += 1
        }
    }

    /// The relations that describe another state than the published one, for an overlay: what a transaction has defined and not
    /// committed. Its model is made when one of them is read.
    public func overlay(_ snapshot: @escaping @Sendable () -> CatalogSnapshot) -> [RelationChange] {
        let kept = KeptModel()
        let model = { @Sendable [self] () -> PostgresModel in
            let model = kept.model { PostgresModel(snapshot(), functions: engineFunctions) }
            let now = version()
            pending.withLock { $0 = (now, model) }
            return model
        }
        return TableShape.all.filter { !Self.liveRelations.contains($0.name) }.map { shape in
            let columns = shape.columns.map { RelationColumn($0.name, $0.type, notNull: $0.isNotNull) }
            return .virtual(schema: shape.schema, name: shape.name, columns: columns) { () throws(LeibrixError) in model().rows(shape) }
        }
    }

    /// The model that an overlay's reader has asked for, until something is published: functions of numbers know what it knows.
    private var pendingModel: PostgresModel? {
        let now = version()
        return pending.withLock { $0.flatMap { $0.version == now ? $0.model : nil } }
    }

    /// Changes with the model.
    private var generation: @Sendable () -> UInt64 {
        { [self] in version() &* 4_096 &+ current.withLock { $0.installs } }
    }

    private var changes: [RelationChange] {
        TableShape.all.map { shape in
            let columns = shape.columns.map { RelationColumn($0.name, $0.type, notNull: $0.isNotNull) }
            let version = Self.liveRelations.contains(shape.name) ? nil : generation
            return .virtual(schema: shape.schema, name: shape.name, columns: columns, version: version) { [self] () throws(LeibrixError) in
                let model = model
                return liveRows(shape, live, model) ?? model.rows(shape)
            }
        } + [keywords]
    }

    /// pg_get_keywords() reads it; it has no name of its own for clients.
    private var keywords: RelationChange {
        let names = ["word", "catcode", "catdesc", "barelabel", "baredesc"]
        let columns = names.map { name in
            RelationColumn(name, name == "barelabel" ? .boolean : name == "catcode" ? .alias("char", .varchar) : .varchar)
        }
        return .virtual(schema: "pg_catalog", name: "keywords", columns: columns, version: { 1 }) { () throws(LeibrixError) in Keywords.rows }
    }

    private func installTypes(_ connection: Connection) throws(LeibrixError) {
        for name in SystemType.numbers { try connection.makeSystemType(name, SystemType.number(name)) }
        // DuckDB's parser takes `oid` for BIGINT: texts of clients name ours so.
        try connection.makeSystemType("object_number", SystemType.oid)
        // `char` stays DuckDB's own: it is PostgreSQL's character(1), not "char".
        for name in SystemType.texts where name != "char" { try connection.makeSystemType(name, .alias(name, .varchar)) }
        try connection.makeSystemType("int2vector", SystemType.int2vector)
        try connection.makeSystemType("oidvector", SystemType.oidvector)
        try connection.makeSystemType("jsonb", .json)
        try connection.makeSystemType("xid8", .unsignedBigInt)
        try connection.makeSystemType("money", .decimal(width: 18, scale: 2))
    }

    private func installCasts(_ connection: Connection) throws(LeibrixError) {
        let casts = CatalogCasts { [self] in model }
        try casts.plain { (source, target, cost) throws(LeibrixError) in
            try connection.makeSystemCast(from: source, to: target, implicitCost: cost)
        }
        for cast in casts.named { try connection.register(cast) }
        try connection.makeSystemListCast(from: SystemType.int2vector)
        try connection.makeSystemListCast(from: SystemType.oidvector)
    }
}

/// A model that is made when it is first asked for.
private final class KeptModel: Sendable {
    private let made = Mutex<PostgresModel?>(nil)

    func model(_ make: () -> PostgresModel) -> PostgresModel {
        made.withLock { known in
            let model = known ?? make()
            known = model
            return model
        }
    }
}
