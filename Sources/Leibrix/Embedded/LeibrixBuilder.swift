public import Base
public import Columnar
public import Connectors
internal import DatasetEngine
internal import DuckDBKit
public import Platform
internal import Session

/// Settings of a database that is to be opened. Each call returns another builder.
///
///     let db = try await Leibrix.builder().storage("/var/lib/app/streams").memory(bytes: 512 << 20).build()
public struct LeibrixBuilder: Sendable {
    var directory: String?
    var buffer = (rows: 65_536, mode: BackPressure.block)
    var configuration = Configuration()
    /// Connectors of the program's own, to be added to those there are.
    var connectors: [@Sendable (ConnectorRegistry) -> Void] = []

    init() { configuration.logLevel = .warning }

    private func with(_ change: (inout LeibrixBuilder) -> Void) -> LeibrixBuilder {
        var copy = self
        change(&copy)
        return copy
    }

    /// Where data lies; without, nothing survives.
    public func storage(_ directory: String) -> LeibrixBuilder { with { $0.directory = directory } }

    /// Rows a source writer's buffer holds, and what `offer` does when they are there: 65,536, and it says false.
    public func buffer(rows: Int, _ mode: BackPressure = .block) -> LeibrixBuilder { with { $0.buffer = (max(rows, 1), mode) } }

    /// How often streams are written away, where something has changed: every ten seconds unless said otherwise.
    public func checkpoints(every duration: Duration) -> LeibrixBuilder {
        let (seconds, attoseconds) = duration.components
        return with { $0.configuration.checkpointMS = max(1, Int(clamping: min(seconds, 1_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000)) }
    }

    /// What `${name}` stands for in options of CREATE SOURCE, CREATE SINK and ALTER SOURCE. The name is kept, not the value: the next process says it again.
    public func variable(_ name: String, _ value: String) -> LeibrixBuilder { with { $0.configuration.variables[name] = value } }

    /// A connector of the program's own: `CREATE SOURCE … FROM KIND (options)`. `options` are the names it takes beside those of every source (retries,
    /// batches); `make` reads them and throws for what they cannot be. A source made with it needs it again when the database is opened the next time.
    public func sourceConnector(_ kind: String, options: [String] = [], _ make: @escaping ConnectorRegistry.MakeSource) -> LeibrixBuilder {
        with { $0.register { $0.addSource(kind, options: options, make) } }
    }

    /// The same for `CREATE SINK … INTO KIND (options)`.
    public func sinkConnector(_ kind: String, options: [String] = [], _ make: @escaping ConnectorRegistry.MakeSink) -> LeibrixBuilder {
        with { $0.register { $0.addSink(kind, options: options, make) } }
    }

    /// A function of the program's own, for every statement but the queries of streams: `body` gets the arguments, NULL among them, and is called from many
    /// threads. What it throws ends the statement. `isVolatile`: two calls with the same arguments may differ.
    public func function(
        _ name: String, _ parameters: [DataType], returns: DataType, isVolatile: Bool = false, _ body: @escaping @Sendable ([Value]) throws(LeibrixError) -> Value
    ) -> LeibrixBuilder {
        with { $0.configuration.functions.append(ScalarFunction(name.lowercased(), parameters, returns: returns, isVolatile: isVolatile, body: body)) }
    }

    private mutating func register(_ change: @escaping @Sendable (ConnectorRegistry) -> Void) { connectors.append(change) }

    /// What a database is for.
    public enum Profile: Sendable, Hashable {
        /// Gone at the end; the default.
        case inMemory
        /// In a directory of this machine: log, checkpoints and tables.
        case embedded(directory: String)
    }

    /// Settings that go together.
    public func profile(_ profile: Profile) -> LeibrixBuilder {
        switch profile {
        case .inMemory: with { $0.directory = nil }
        case .embedded(let directory): storage(directory)
        }
    }

    /// Working memory of statements, in bytes.
    public func memory(bytes: Int) -> LeibrixBuilder { with { $0.configuration.memory = max(bytes, 32 << 20) } }

    /// Threads of one statement.
    public func threads(_ count: Int) -> LeibrixBuilder { with { $0.configuration.threads = max(count, 1) } }

    /// Processors that streams with a key are spread over; one unless said otherwise.
    public func streamCores(_ count: Int) -> LeibrixBuilder { with { $0.configuration.streamCores = max(count, 1) } }

    /// Where DuckDB's extensions lie: datasets of Iceberg, Delta, PostgreSQL and MySQL catalogs need them.
    public func extensions(_ directory: String) -> LeibrixBuilder { with { $0.configuration.extensions = directory } }

    /// What is logged to standard error; warnings unless said otherwise.
    public func logLevel(_ level: LogLevel) -> LeibrixBuilder { with { $0.configuration.logLevel = level } }

    /// Opens. Throws `directoryLocked` when another process has the directory.
    public func build() async throws(LeibrixError) -> Leibrix {
        var configuration = configuration
        let isTemporary = directory == nil
        let folder = Files.absolute(directory ?? Self.temporary())
        configuration.dataDirectory = folder
        configuration.keepsStreamLog = !isTemporary
        Log.configure(level: configuration.logLevel, style: nil)
        configuration.connectors = ConnectorRegistry()
        for add in connectors { add(configuration.connectors) }
        let made = configuration
        let parts = try await BlockingPool(name: "open", threads: 1).run { () throws(LeibrixError) in try ServerParts(made) }
        try await parts.datasets.start()
        return Leibrix(parts, directory: folder, isTemporary: isTemporary, buffer: buffer)
    }

    private static func temporary() -> String {
        let base = Environment.variables["TMPDIR"] ?? "/tmp"
        return base + "/leibrix-" + String(Random.integer(UInt64.self), radix: 16)
    }
}
