// Datasets of one process: created from catalogs, loaded as epochs, flipped whole, refreshed, retired, and mapped again
// after a restart.
//
// Invariants: (1) what is published of a dataset is exactly the READY set that the store committed last; (2) an epoch is
// READY only after its rows agree with the source, and only by the commit that makes its whole set READY; (3) files of an
// epoch go after the last snapshot that holds it; (4) one refresh of a dataset runs at a time.
public import Base
internal import Catalog
public import ControlStore
public import DuckDBKit
internal import Platform
internal import Synchronization

public final class DatasetEngine: Sendable {
    let configuration: DatasetEngineConfiguration
    let store: any ControlStore
    let loader: LoaderDatabase
    let faults: FaultInjector
    let state: Mutex<EngineState>
    /// Held while the attached instances are told of a change, so that they hear changes in the order of the state.
    let publishing = Mutex(())
    /// Asks sources and answers DDL.
    let pollPool = BlockingPool(name: "dataset-poll", threads: 4)
    /// One thread a load.
    let loadPool: BlockingPool
    /// Deletes files, and maps them after a restart.
    let keeperPool: BlockingPool
    /// Reads recovered files to their end.
    let verifyPool = BlockingPool(name: "dataset-verify", threads: 1, isBackground: true)
    private let ticker = Mutex<Ticker?>(nil)

    /// Nothing is read or served before `start`.
    public init(configuration: DatasetEngineConfiguration, store: any ControlStore) {
        self.configuration = configuration
        self.store = store
        loader = LoaderDatabase(configuration)
        faults = FaultInjector(named: configuration.faultPoint)
        loadPool = BlockingPool(name: "dataset-load", threads: max(configuration.concurrentLoads, 1))
        keeperPool = BlockingPool(name: "dataset-keep", threads: max(configuration.loaderThreads, 1))
        var state = EngineState()
        state.budgetBytes = configuration.memoryBudgetBytes
        self.state = Mutex(state)
    }

    var nowMS: Int64 { configuration.clock.wallMicros() / 1_000 }
    var nowMicros: Int64 { configuration.clock.wallMicros() }
    var segmentsDirectory: String { configuration.dataDirectory + "/segments" }

    /// Recovers from the store, publishes what is READY, and begins to poll. Sources are asked only after that.
    public func start() async throws(LeibrixError) {
        try await recover()
        startVerifying()
        let made = Ticker(name: "dataset-tick", milliseconds: DatasetLimits.tickMS) { [weak self] in self?.tick() }
        ticker.withLock { $0 = made }
    }

    /// Ends running loads and waits for none: what they wrote is deleted at the next start at the latest.
    public func shutdown() {
        ticker.withLock { ticker in
            ticker?.stop()
            ticker = nil
        }
        let running = state.withLock { state in
            state.isStopping = true
            return state.datasets.values.compactMap(\.running)
        }
        for connection in running { connection.interrupt() }
    }

    /// Publishes the READY datasets into a DuckDB instance's catalog, schema `public`, and keeps it up to date.
    /// With a tenant, only that tenant's. Blocks shortly.
    public func attach(_ catalog: RelationCatalog, tenant: String? = nil) throws(LeibrixError) {
        let result: Result<Void, LeibrixError> = publishing.withLock { _ in
            let changes = state.withLock { state in
                state.executors.append(EngineState.Executor(catalog: catalog, tenant: tenant))
                return state.datasets.values.compactMap { dataset -> RelationChange? in
                    guard let snapshot = dataset.published, tenant == nil || tenant == dataset.spec.tenant else { return nil }
                    return .put(schema: Self.schema, name: dataset.spec.name, snapshot)
                }
            }
            return Self.caught { () throws(LeibrixError) in _ = try catalog.publish(changes) }
        }
        try result.get()
    }

    /// Nothing is published into this catalog any more; what it holds stays until it goes.
    public func detach(_ catalog: RelationCatalog, tenant: String) {
        state.withLock { $0.executors.removeAll { $0.catalog === catalog } }
        loader.forget(tenant: tenant)
    }

    static let schema = "public"

    static func caught<T>(_ body: () throws(LeibrixError) -> T) -> Result<T, LeibrixError> {
        do throws(LeibrixError) { return .success(try body()) } catch { return .failure(error) }
    }

    /// The budget for all resident epochs in bytes; nil takes it away. Epochs that are resident stay.
    public func setBudget(_ bytes: Int64?) { state.withLock { $0.budgetBytes = bytes } }

    /// Bytes of all epochs in memory, those being written included.
    public var residentBytes: Int64 { state.withLock { $0.residentBytes } }
}
