// The SQL layer as doors see it: who may enter, the sessions there are, and what they share (the engine, parsed
// statements, descriptions, cached results, the record of queries).
public import Base
public import ControlStore
public import DuckDBKit
public import StreamHost
public import TableEngine
internal import Catalog
internal import Columnar
internal import Platform
internal import Synchronization

public final class SQLServer: DoorService {
    public let configuration: SQLServerConfiguration
    public let metrics: MetricsRegistry
    let engine: Engine
    let clock: Platform.Clock
    let principals: PrincipalDirectory
    let datasets: (any DatasetAdministration)?
    let tables: TableEngine?
    let streams: StreamHost?
    let parsed: ParsedQueries
    let descriptions = DescriptionCache()
    let points = PointCache()
    let outputs = OutputCache()
    /// Numbers of relations and columns for result columns.
    let relationNumbers: RelationLookup
    let statements = StatementCache()
    let results: ResultCache
    let queries: QueryLog
    let tenants: TenantGates
    let deadlines: Deadlines
    let defaults: SettingsDefaults
    let volatileNames: Set<String>
    let counters: ServerCounters
    let registry: SessionRegistry
    let startedMicros: Int64
    /// Makes the challenges of users that do not exist.
    let challengeSecret: [UInt8]
    /// The tenant that this server serves; system tables show its own. nil: all.
    let tenant: String?
    /// The default tenant's server, which the others share sessions and records with; nil for itself.
    private let home: SQLServer?
    /// Who hears of tenants that come, change and go.
    let keeper = Mutex<(any TenantKeeper)?>(nil)
    private let isShutDown = Atomic<Bool>(false)
    private let transactions = Atomic<UInt64>(1_000)

    /// `engine` must be an instance that serves queries only: it is locked down here (no file system, no network, no
    /// extensions, settings fixed), after whatever was attached and registered. Blocks: call it on a thread.
    public init(
        _ configuration: SQLServerConfiguration = .init(), engine database: Database, principals: PrincipalDirectory,
        datasets: (any DatasetAdministration)?, tables: TableEngine? = nil, streams: StreamHost? = nil, metrics: MetricsRegistry = MetricsRegistry(),
        relationNumbers: @escaping RelationLookup = { _, _ in nil }, home: SQLServer? = nil, tenant: String? = nil
    ) throws(LeibrixError) {
        self.configuration = configuration
        self.metrics = metrics
        self.principals = principals
        self.datasets = datasets
        self.relationNumbers = relationNumbers
        self.tables = tables
        self.streams = streams
        self.home = home
        // The default tenant's users see what all do.
        self.tenant = home == nil ? nil : tenant
        parsed = home?.parsed ?? ParsedQueries()
        queries = home?.queries ?? QueryLog()
        tenants = home?.tenants ?? TenantGates()
        clock = .system
        startedMicros = Platform.Clock.system.wallMicros()
        challengeSecret = Random.bytes(32)
        let registry = home?.registry ?? SessionRegistry(sessionsMax: configuration.connectionsMax)
        self.registry = registry
        if tables != nil {
            try TableFunctions.install(into: database.connect(), SequenceCalls { registry.session(number: $0) })
            for type in tables?.catalog.types ?? [] { try database.connect().makeSystemType(type.name, .enumeration(type.labels)) }
        }
        let facts = try EngineFacts(database)
        volatileNames = facts.volatileNames
        defaults = SettingsDefaults(configuration, zones: facts.zones)
        engine = Engine(database: database, configuration, metrics)
        results = ResultCache(
            bytesMax: configuration.resultCacheBytesMax, entryBytesMax: configuration.resultCacheEntryBytesMax)
        deadlines = home?.deadlines ?? Deadlines()
        counters = home?.counters ?? ServerCounters(metrics)
        if home == nil {
            publishGauges()
            metrics.beforeReading { [queries, counters] in queries.takeTally().flush(into: counters) }
        }
    }

    /// Number of the next transaction block.
    func nextTransaction() -> UInt64 { transactions.wrappingAdd(1, ordering: .relaxed).newValue }

    var relationVersion: UInt64 { datasets?.relationVersion ?? 0 }

    /// Tells who makes tenants' servers of changes from now on.
    public func setKeeper(_ keeper: any TenantKeeper) { self.keeper.withLock { $0 = keeper } }

    /// New sessions are refused from now on.
    public func stopAccepting() { isShutDown.store(true, ordering: .relaxed) }

    /// Ends every running statement.
    public func cancelAll() { for session in registry.all { session.cancelRunning() } }

    /// Sessions there are.
    public var sessionCount: Int { registry.count }

    public func openSession(_ opening: SessionOpening) throws(LeibrixError) -> SQLSession {
        guard !isShutDown.load(ordering: .relaxed), !(home?.isShutDown.load(ordering: .relaxed) ?? false) else {
            throw LeibrixError(.shuttingDown, "the server is shutting down", hint: "Connect again later.")
        }
        guard opening.database == configuration.database || opening.database.isEmpty else {
            throw LeibrixError(
                .undefinedDatabase, "database \"\(opening.database)\" does not exist",
                hint: "The database is called \"\(configuration.database)\".")
        }
        guard let user = principals.user(opening.user) else { throw Self.unknownUser(opening.user) }
        let session = try registry.open { (key: CancelKey) throws(LeibrixError) -> SQLSession in
            try SQLSession(server: self, opening: opening, user: user, key: key)
        }
        counters.opened.add()
        return session
    }

    public func cancel(_ key: CancelKey) {
        registry.session(key)?.cancelRunning()
    }

    public func abandon(_ key: CancelKey) {
        registry.session(key)?.abandon()
    }

    static func unknownUser(_ name: String) -> LeibrixError {
        LeibrixError(.authenticationFailed, "password authentication failed for user \"\(name)\"", hint: "Check the name and the password.")
    }

    private func publishGauges() {
        let engine = engine
        let registry = registry
        let results = results
        metrics.computed("leibrix_sessions", "Sessions open now.") { registry.count }
        metrics.computed("leibrix_statements_running", "Pieces of work in the engine now.") { engine.admission.counts.running }
        metrics.computed("leibrix_statements_waiting", "Statements waiting for the engine now.") { engine.admission.counts.waiting }
        metrics.computed("leibrix_executors", "Connections to the engine.") { engine.executors.counts.made }
        metrics.computed("leibrix_result_cache_entries", "Answers kept.") { results.counts.entries }
        metrics.computed("leibrix_result_cache_bytes", "Bytes of answers kept.") { results.counts.bytes }
        metrics.computed("leibrix_result_cache_hits_total", "Statements answered from kept answers.") { Int(clamping: results.counts.hits) }
        metrics.computed("leibrix_result_cache_misses_total", "Statements whose answer was not kept.") { Int(clamping: results.counts.misses) }
    }
}

/// Counters on every statement's way.
struct ServerCounters: Sendable {
    let opened: Counter
    let finished: Counter
    let failed: Counter
    let cancelled: Counter
    /// Statements known by their text, and by their text without its constants.
    let knownTexts: Counter
    let knownShapes: Counter
    let rows: Counter
    let bytes: Counter
    let seconds: Histogram

    init(_ metrics: MetricsRegistry) {
        opened = metrics.counter("leibrix_sessions_opened_total", "Sessions opened.")
        let help = "Statements ended, by outcome."
        finished = metrics.counter("leibrix_statements_total", help, labels: [("outcome", "finished")])
        failed = metrics.counter("leibrix_statements_total", help, labels: [("outcome", "failed")])
        cancelled = metrics.counter("leibrix_statements_total", help, labels: [("outcome", "cancelled")])
        let known = "Statements that were not planned because the same was planned before: the same text, or but for its constants."
        knownTexts = metrics.counter("leibrix_statement_cache_hits_total", known, labels: [("by", "text")])
        knownShapes = metrics.counter("leibrix_statement_cache_hits_total", known, labels: [("by", "shape")])
        rows = metrics.counter("leibrix_rows_sent_total", "Rows given to doors.")
        bytes = metrics.counter("leibrix_bytes_sent_total", "Bytes of rows given to doors, as held in memory.")
        seconds = metrics.histogram("leibrix_statement_seconds", "Time of statements, from execution to their last row.")
    }
}
