public import Base
internal import DatasetEngine
public import Platform
internal import Session

/// Settings of a database that is to be opened. Each call returns another builder.
///
///     let db = try await Leibrix.builder().storage("/var/lib/app/streams").memory(bytes: 512 << 20).build()
public struct LeibrixBuilder: Sendable {
    var directory: String?
    var configuration = Configuration()

    init() { configuration.logLevel = .warning }

    private func with(_ change: (inout LeibrixBuilder) -> Void) -> LeibrixBuilder {
        var copy = self
        change(&copy)
        return copy
    }

    /// Where data lies; without, nothing survives.
    public func storage(_ directory: String) -> LeibrixBuilder { with { $0.directory = directory } }

    /// Working memory of statements, in bytes.
    public func memory(bytes: Int) -> LeibrixBuilder { with { $0.configuration.memory = max(bytes, 32 << 20) } }

    /// Threads of one statement.
    public func threads(_ count: Int) -> LeibrixBuilder { with { $0.configuration.threads = max(count, 1) } }

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
        Log.configure(level: configuration.logLevel, style: nil)
        let made = configuration
        let parts = try await BlockingPool(name: "open", threads: 1).run { () throws(LeibrixError) in try ServerParts(made) }
        try await parts.datasets.start()
        return Leibrix(parts, directory: folder, isTemporary: isTemporary)
    }

    private static func temporary() -> String {
        let base = Environment.variables["TMPDIR"] ?? "/tmp"
        return base + "/leibrix-" + String(Random.integer(UInt64.self), radix: 16)
    }
}
