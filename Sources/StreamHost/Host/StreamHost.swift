// The host of streams: what CREATE made, its log, its checkpoints, and who reads the rows.
//
//   push -> log record (its number is the position) -> engine -> OutputBuffer of each stream, entries with that position
//        -> record durable -> views take the rows, subscriptions and sinks may read them -> push returns
//
// All that the engine is told goes through the log in one order, and the engine's clock is the record's time: what leaves is
// a function of the log. After a crash the last checkpoint is restored and the records behind it are told again; readers
// that keep their own position (sinks, clients that name an epoch) leave out what they had.
//
// Locks, outermost first: definitions (CREATE, DROP, checkpoints), order (log and engine), state. A buffer's own is innermost.
public import Base
internal import Catalog
public import ControlStore
public import DuckDBKit
public import Columnar
public import Connectors
public import Platform
public import TableEngine
internal import SQLPlanning
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

public struct StreamHostConfiguration: Sendable {
    /// Where log and checkpoints lie; nil: nothing survives.
    public var directory: String?
    /// Whose streams they are: several hosts may share a control store.
    public var tenant = "default"
    public var checkpointMS = StreamHostLimits.checkpointMS
    public var cores = 1
    /// How long a statement waits for a view to come to its snapshot.
    public var viewWaitMS = StreamHostLimits.viewWaitMS
    /// Whether what the engine is told is written to a log. Without it a crash takes back all since the last checkpoint: for hosts of which nothing is
    /// to survive. Sinks then begin anew with the host.
    public var keepsLog = true
    /// Connectors that CREATE SOURCE may name.
    public var connectors = ConnectorRegistry()
    /// Formats that files may have beside JSON and CSV, by name in lower case.
    public var tableFormats: [String: any TableFileFormat] = [:]
    /// What `${NAME}` stands for in options.
    public var variables: [String: String] = [:]
    /// Tells the time; tests have their own.
    public var clock: Clock = .system
    /// Called at named steps; a test ends the process there.
    public var fault: @Sendable (String) -> Void = { _ in }

    public init(directory: String?) { self.directory = directory }
}

public final class StreamHost: @unchecked Sendable {
    struct State {
        var objects: [String: StreamObject] = [:]
        var handles: [String: SourceHandle] = [:]
        var buffers: [String: OutputBuffer] = [:]
        var outputs: [String: StreamOutput] = [:]
        var intakes: [String: SourceIntake] = [:]
        var views: [String: StreamView] = [:]
        var sinks: [String: SinkRunner] = [:]
        /// Streams that are being made: their tables' rows are on the way.
        var loading: Set<String> = []
        var following = TableFollowing()
        /// Whether some stream joins a lookup.
        var asksLookups = false
        /// Numbers of the objects that follow tables and that a stream reads in the end, its own included.
        var roots: [String: Set<Int64>] = [:]
        var nextNumber: Int64 = 1
        /// Records told to the engine, and how many of them are durable.
        var position: Int64 = 0
        var durable: Int64 = 0
        /// Where the record of `position` ends.
        var logEnd = LSN.zero
        var checkpoints: [CheckpointRecord] = []
        var checkpointError: String?
        /// What was wrong with checkpoints that a start passed over, by number.
        var damaged: [Int: String] = [:]
        /// Epochs that RESTORE took back, in their order.
        var voided: [VoidEpochs] = []
        var isClosed = false
    }

    let configuration: StreamHostConfiguration
    let store: any ControlStore
    let parser: QueryReader
    let tables: TableEngine?
    /// While the host starts or restores: what was made once is not refused now.
    private let recovering = Atomic<Bool>(true)
    var isRecovering: Bool {
        get { recovering.load(ordering: .relaxed) }
        set { recovering.store(newValue, ordering: .relaxed) }
    }
    let moment = Moment()
    /// Replaced when the host starts and by RESTORE.
    private let currentEngine: Mutex<StreamEngine>
    var engine: StreamEngine {
        get { currentEngine.withLock { $0 } }
        set { currentEngine.withLock { $0 = newValue } }
    }
    let state = Mutex(State())
    /// CREATE, DROP and checkpoints, one at a time.
    let definitions = Mutex(())
    /// The order of records: log and engine together.
    let order = Mutex(())
    /// Streams that have rows nobody was told of. Guarded by `order`.
    let touched = TouchedList()
    /// Of `State.handles`: a port looks its source up again when this has changed. Guarded by `order`.
    var handlesVersion = 0
    var log: WriteAheadLog?
    var checkpointStore: CheckpointStore?
    private var ticker: Ticker?
    /// Of sources with a connector.
    let runners = Mutex<[String: SourceRunner]>([:])
    let relations = Mutex<RelationCatalog?>(nil)
    /// Where calls from event loops run: they wait for the log.
    public let pool = BlockingPool(name: "streams", threads: 8)
    let follower = TableFollower()
    let lookups = LookupRecorder()
    let database: Database
    let background = BlockingPool(name: "stream-tasks", threads: 1)
    let isTicking = Atomic<Bool>(false)

    /// Opens the directory, makes again what CREATE made, goes on from the newest whole checkpoint and tells the engine the
    /// records behind it. Blocks. `database` parses queries; nothing is executed in it.
    public init(
        _ configuration: StreamHostConfiguration, store: any ControlStore, database: Database, tables: TableEngine? = nil
    ) throws(LeibrixError) {
        self.configuration = configuration
        self.store = store
        self.tables = tables
        self.database = database
        parser = try QueryReader(database)
        currentEngine = Mutex(StreamEngine(clock: moment.clock, cores: configuration.cores))
        try recover()
        isRecovering = false
        resumeFollowing()
    }

    /// Makes views readable under their names, now and when they are made.
    public func attach(_ catalog: RelationCatalog) throws(LeibrixError) {
        relations.withLock { $0 = catalog }
        let views = state.withLock { $0.views }
        try catalog.publish(views.map { name, view in Self.relation(name, view) })
    }

    static func relation(_ name: String, _ view: StreamView) -> RelationChange {
        .live(schema: "public", name: name, columns: view.columns.map { RelationColumn($0.name, $0.type) }, view)
    }

    /// Starts what runs by the clock, ticks and checkpoints, and the sources that read by themselves.
    public func start() {
        startRunners()
        let clock = configuration.clock
        let last = Mutex(clock.monotonicNanos())
        ticker = Ticker(name: "stream-clock", milliseconds: StreamHostLimits.tickMS) { [weak self] in
            guard let self else { return }
            tick()
            wakeSinks()
            let now = clock.monotonicNanos()
            let isDue = last.withLock { last -> Bool in
                guard now &- last >= UInt64(configuration.checkpointMS) * 1_000_000 else { return false }
                last = now
                return true
            }
            if isDue { background.start { [weak self] in self?.checkpointIfChanged() } }
        }
    }

    /// Writes a last checkpoint and closes the log. Blocks.
    public func close() {
        ticker?.stop()
        stopRunners()
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        closeFollower()
        _ = try? checkpoint()
        closeSinks()
        for buffer in state.withLock({ $0.buffers }).values { buffer.close() }
        log?.close()
    }

    // MARK: what there is

    public var objects: [StreamObject] { state.withLock { $0.objects.values.sorted { $0.number < $1.number } } }

    public func object(_ name: String) -> StreamObject? { state.withLock { $0.objects[name] } }

    /// The columns of a source, stream or view.
    public func columns(of name: String) -> [DataType.Field]? {
        guard let object = object(name) else { return nil }
        switch object.kind {
        case .source, .late: return object.columns
        case .stream, .view: return try? engine.columns(of: name)
        case .sink: return nil
        }
    }

    func required(_ name: String) throws(LeibrixError) -> StreamObject {
        if let object = object(name) { return object }
        throw LeibrixError(.streamUndefined, "source, stream or view \"\(name)\" does not exist", hint: "SHOW SOURCES and SHOW STREAMS list what there is.")
    }
}
