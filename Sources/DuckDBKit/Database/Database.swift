public import Base
internal import CDuckDB

/// How a DuckDB instance is opened.
public struct DatabaseConfiguration: Sendable {
    /// nil is in memory.
    public var path: String?
    /// DuckDB's own worker threads, the caller's included.
    public var threads: Int?
    /// Working memory in bytes; row groups of ours do not count.
    public var memoryLimit: Int?
    /// Further settings by DuckDB's names.
    public var settings: [String: String]

    public init(path: String? = nil, threads: Int? = nil, memoryLimit: Int? = nil, settings: [String: String] = [:]) {
        self.path = path
        self.threads = threads
        self.memoryLimit = memoryLimit
        self.settings = settings
    }
}

/// One DuckDB instance. Lives until its last connection is gone. Nothing is ever installed or loaded from the network.
@safe
public final class Database: @unchecked Sendable {
    private var handle: duckdb_database?

    public init(_ configuration: DatabaseConfiguration = .init()) throws(LeibrixError) {
        var settings = [
            "allow_unsigned_extensions": "true", "autoinstall_known_extensions": "false", "errors_as_json": "true",
            "autoload_known_extensions": "false",
        ]
        settings["threads"] = configuration.threads.map { String($0) }
        settings["memory_limit"] = configuration.memoryLimit.map { "\($0)B" }
        settings.merge(configuration.settings) { $1 }
        var config: duckdb_config?
        guard unsafe duckdb_create_config(&config) == DuckDBSuccess else {
            throw LeibrixError(.internal, "DuckDB has no configuration")
        }
        defer { unsafe duckdb_destroy_config(&config) }
        for (name, value) in settings {
            guard unsafe duckdb_set_config(config, name, value) == DuckDBSuccess else {
                throw LeibrixError(.configuration, "DuckDB does not take setting \(name) = '\(value)'")
            }
        }
        var message: UnsafeMutablePointer<CChar>?
        guard unsafe duckdb_open_ext(configuration.path, &handle, config, &message) == DuckDBSuccess else {
            defer { unsafe duckdb_free(message) }
            let text = unsafe message.map { unsafe String(cString: $0) } ?? "unknown"
            throw LeibrixError(.internal, "DuckDB does not open: \(text)")
        }
    }

    deinit { unsafe duckdb_close(&handle) }

    public func connect() throws(LeibrixError) -> Connection {
        var connection: duckdb_connection?
        guard unsafe duckdb_connect(handle, &connection) == DuckDBSuccess, let connection = unsafe connection else {
            throw LeibrixError(.internal, "DuckDB gives no connection")
        }
        return unsafe Connection(taking: connection, of: self)
    }

    /// DuckDB's own version, "v1.5.5".
    public static var version: String { unsafe String(cString: duckdb_library_version()) }
}
