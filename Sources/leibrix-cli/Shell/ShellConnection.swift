// The shell's connection: statements, ^C, and a second connection that watches a long statement.
internal import Base
internal import Platform
internal import PostgresClient
internal import Synchronization

/// The running statement's key, for ^C on another thread.
final class RunningStatement: Sendable {
    private let key = Mutex<(processID: Int, secret: Int)?>(nil)
    private let uri: ConnectionURI

    init(_ uri: ConnectionURI) { self.uri = uri }

    func set(_ key: (processID: Int, secret: Int)?) { self.key.withLock { $0 = key } }

    /// Asks the server to end what runs. False when nothing runs.
    func cancel() -> Bool {
        guard let key = key.withLock({ $0 }) else { return false }
        try? PostgresConnection.cancel(host: uri.host, port: uri.port, processID: key.processID, secret: key.secret)
        return true
    }
}

final class ShellConnection {
    let uri: ConnectionURI
    private var connection: PostgresConnection
    let running: RunningStatement
    private let watcher: ProgressWatcher?

    init(_ uri: ConnectionURI, watching: Bool) throws(ClientError) {
        self.uri = uri
        running = RunningStatement(uri)
        connection = try Self.open(uri)
        watcher = watching ? ProgressWatcher(uri) : nil
    }

    private static func open(_ uri: ConnectionURI) throws(ClientError) -> PostgresConnection {
        try PostgresConnection(
            host: uri.host, port: uri.port, user: uri.user, database: uri.database, password: uri.password,
            settings: ["application_name": "leibrix sql", "client_encoding": "UTF8"], tls: uri.tls)
    }

    func reopen() throws(ClientError) { connection = try Self.open(uri) }

    var serverVersion: String { connection.parameters["server_version"] ?? "?" }
    var isInTransaction: Bool { connection.transactionStatus != "I" }
    var isFailed: Bool { connection.transactionStatus == "E" }

    func run(_ sql: String) throws(ClientError) -> [StatementResult] {
        running.set((connection.processID, connection.secret))
        watcher?.start(connection.processID)
        defer {
            watcher?.stop()
            running.set(nil)
        }
        return try connection.query(sql)
    }

    func takeNotices() -> [ServerError] { connection.takeNotices() }

    func close() { connection.close() }
}
