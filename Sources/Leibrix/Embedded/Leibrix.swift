// The database as a library: the parts of the server without its listeners, in this process.
@_exported public import Base
@_exported public import Columnar
internal import DatasetEngine
internal import Platform
internal import Session
internal import Synchronization

/// A database in this process: datasets, tables and streams behind one SQL, as the server has them.
///
///     let db = try await Leibrix.open()
///     try await db.execute("CREATE SOURCE trades (symbol VARCHAR, price DOUBLE, ts TIMESTAMP, WATERMARK FOR ts)")
///     for try await row in try await db.query("SELECT 42 AS answer") { … }
///     await db.shutdown()
///
/// Calls may come from any task and any thread. One process has a directory at a time.
public final class Leibrix: Sendable {
    /// Where it lies; without storage a directory that goes with the database.
    public let directory: String
    let parts: ServerParts
    let buffer: (rows: Int, mode: BackPressure)
    private let isTemporary: Bool
    private let pool = BlockingPool(name: "leibrix", threads: 2)
    private let isClosed = Atomic<Bool>(false)

    /// With its data in a directory, which is made where it is not, or without one: in memory, gone at the end.
    public static func open(_ directory: String? = nil) async throws(LeibrixError) -> Leibrix {
        var builder = LeibrixBuilder()
        builder.directory = directory
        return try await builder.build()
    }

    /// Settings first, then `build`.
    public static func builder() -> LeibrixBuilder { LeibrixBuilder() }

    init(_ parts: ServerParts, directory: String, isTemporary: Bool, buffer: (rows: Int, mode: BackPressure)) {
        self.parts = parts
        self.directory = directory
        self.isTemporary = isTemporary
        self.buffer = buffer
    }

    deinit { if !isClosed.load(ordering: .relaxed), isTemporary { try? Files.removeTree(directory) } }

    // MARK: statements

    /// A session of its own: settings, transactions, temporary names. Close it when it is done.
    public func session() throws(LeibrixError) -> LeibrixSession {
        if isClosed.load(ordering: .relaxed) { throw LeibrixError(.shuttingDown, "the database is shut down") }
        let opening = SessionOpening(user: "admin", database: "leibrix", settings: [], peer: "embedded", door: "embedded")
        return LeibrixSession(try parts.servers.openSession(opening), parts.servers)
    }

    /// Runs statements, separated by semicolons, and returns the tag of the last ("CREATE SOURCE", "INSERT 0 3"). Rows are
    /// thrown away. Statements that stood before one that fails keep their effect unless a transaction holds them.
    @discardableResult
    public func execute(_ sql: String, _ parameters: Value...) async throws(LeibrixError) -> String {
        let session = try session()
        do throws(LeibrixError) {
            let tag = try await session.execute(sql, parameters)
            await session.close()
            return tag
        } catch {
            await session.close()
            throw error
        }
    }

    /// Rows of one statement, as they are asked for. `$1` stands for the first parameter.
    public func query(_ sql: String, _ parameters: Value...) async throws(LeibrixError) -> QueryRows {
        let session = try session()
        do throws(LeibrixError) {
            return try await session.query(sql, parameters, closesSession: true)
        } catch {
            await session.close()
            throw error
        }
    }

    /// All rows of one statement as records: members by the columns' names.
    public func query<Record: Decodable>(_ sql: String, _ parameters: Value..., as type: Record.Type) async throws(LeibrixError) -> [Record] {
        let session = try session()
        do throws(LeibrixError) {
            let rows = try await session.query(sql, parameters, closesSession: true)
            var records: [Record] = []
            while let row = try await rows.next() { records.append(try row.decode(type)) }
            return records
        } catch {
            await session.close()
            throw error
        }
    }

    // MARK: the end

    /// Ends running statements, writes what is to be written, and closes. Later calls fail; a second call does nothing.
    public func shutdown() async {
        guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
        parts.sql.stopAccepting()
        parts.sql.cancelAll()
        parts.datasets.shutdown()
        let parts = parts
        let directory = isTemporary ? directory : nil
        try? await pool.run { () throws(LeibrixError) in
            parts.close()
            if let directory { try Files.removeTree(directory) }
        }
    }

    /// Prometheus text of every counter.
    public func metricsText() -> String { parts.metrics.prometheusText() }

    /// Work that blocks, off the cooperative pool.
    func blocking<T: Sendable>(_ body: @escaping @Sendable () throws(LeibrixError) -> T) async throws(LeibrixError) -> T {
        try await pool.run(body)
    }
}
