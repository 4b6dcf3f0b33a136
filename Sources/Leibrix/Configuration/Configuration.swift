internal import Connectors
internal import DuckDBKit
public import Platform

/// What a server runs with, after flags, environment, file and defaults. Every field has a row in `Setting.table`.
public struct Configuration: Sendable {
    /// The directory of everything that lasts: control store, segment files. nil until given.
    public var dataDirectory: String?
    public var postgres = ListenAddress(host: "127.0.0.1", port: 5_433)
    public var http = ListenAddress(host: "127.0.0.1", port: 8_080)
    /// Origins whose pages may send statements over HTTP.
    public var httpOrigins: [String] = []
    public var readyFile: String?
    public var tlsCertificate: String?
    public var tlsKey: String?
    public var allowPlaintext = false
    public var threads = Machine.processors
    public var streamCores = 1
    public var reactors = max(min(2, Machine.processors), Machine.processors / 2)
    /// Working memory of statements, in bytes.
    public var memory = Machine.memoryBytes * 4 / 10
    /// Bytes of epochs held, in total.
    public var datasetMemory = Machine.memoryBytes / 2
    /// Bytes that tables hold in memory beside their files, in total.
    public var tableMemory = Machine.memoryBytes * 4 / 10
    public var maxConnections = 4_096
    public var drainTimeoutMS = 30_000
    public var extensions: String?
    public var logLevel = LogLevel.info
    public var logFormat = LogFormat.auto

    /// What `${NAME}` stands for in options of sources and sinks: variables LEIBRIX_VAR_NAME, and those of the library's builder. No setting.
    var variables: [String: String] = [:]

    // What programs that embed the library may have their own of; no setting.
    /// Tells streams the time.
    var clock = Clock.system
    /// Milliseconds between two checkpoints of streams.
    var checkpointMS: Int?
    /// Whether streams are to survive a crash.
    var keepsStreamLog = true
    /// Functions of the program's own.
    var functions: [ScalarFunction] = []
    /// Connectors that CREATE SOURCE and CREATE SINK may name.
    var connectors = ConnectorRegistry()
    /// Called at named steps of streams' checkpoints.
    var fault: (@Sendable (String) -> Void)?

    public init() {}
}

public enum LogFormat: String, Sendable, CaseIterable { case auto, text, json }

/// HOST:PORT of a listener. Port 0 takes any free port.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reached from this machine alone.
    public var isLoopback: Bool { host == "localhost" || host == "::1" || (host.hasPrefix("127.") && isIPv4) }

    var isIPv4: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
