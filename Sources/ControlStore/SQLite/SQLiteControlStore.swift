// One table of records by path, and one row of numbers: schema version, fence, revision, the last version given out.
// WAL with synchronous FULL: a commit that returned survives kill -9 and power loss.
public import Base
internal import Platform
internal import Synchronization

/// The embedded control store: `{data}/control.db`, and `{data}/lock` held until it is closed or goes.
public final class SQLiteControlStore: ControlStore {
    /// Grows when records or tables change so that an older release must not read them.
    public static let schemaVersion: Int64 = 1

    public let directory: String
    public let fence: Int64
    private let database: Mutex<SQLiteDatabase>
    private let lock: Mutex<DirectoryLock?>

    /// Opens or creates the store of a data directory.
    ///
    /// Throws `directoryLocked` when another process has it, `configuration` when a newer release wrote it.
    public init(directory: String) throws(LeibrixError) {
        try Files.createDirectory(directory)
        let lock = try DirectoryLock(directory)
        self.lock = Mutex(lock)
        self.directory = directory
        let database = try SQLiteDatabase(directory + "/control.db", .create)
        fence = try Self.prepare(database, directory)
        self.database = Mutex(database)
    }

    private static func prepare(_ database: SQLiteDatabase, _ directory: String) throws(LeibrixError) -> Int64 {
        try database.run("PRAGMA journal_mode = WAL")
        try database.run("PRAGMA synchronous = FULL")
        try database.run(
            "CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID")
        try database.run(
            """
            CREATE TABLE IF NOT EXISTS records (path TEXT PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, \
            revision INTEGER NOT NULL) WITHOUT ROWID
            """)
        for (name, value) in [("schema", schemaVersion), ("fence", 0), ("revision", 0), ("version", 0)] {
            try database.run("INSERT OR IGNORE INTO numbers VALUES (?1, ?2)", [.text(name), .integer(value)])
        }
        let found = try number(database, "schema")
        guard found <= schemaVersion else {
            throw LeibrixError(
                .configuration, "the data directory \(directory) was written by a newer release (schema \(found), this one knows \(schemaVersion))",
                hint: "Run the newer release, or start with another --data directory.")
        }
        return try bump(database, "fence")
    }

    public func load() throws(LeibrixError) -> ControlState {
        try locked { database throws(LeibrixError) in
            var state = ControlState()
            state.revision = try Self.number(database, "revision")
            for row in try database.run("SELECT path, kind, value FROM records ORDER BY path") {
                guard let kind = row[1].text, let value = row[2].text, let record = ControlRecord(kind: kind, value: value) else {
                    throw LeibrixError(
                        .io, "the control store holds a record that cannot be read: \(row[0].text ?? "")",
                        hint: "Restore control.db from a backup, or start with another --data directory.")
                }
                state.add(record)
            }
            return state
        }
    }

    @discardableResult
    public func commit(_ writes: [ControlWrite]) throws(LeibrixError) -> Int64 {
        try locked { database throws(LeibrixError) in
            try Self.transaction(database) { () throws(LeibrixError) in
                guard try Self.number(database, "fence") == fence else {
                    throw LeibrixError(.directoryLocked, "another process took over the data directory \(directory)")
                }
                let revision = try Self.bump(database, "revision")
                for write in writes { try Self.apply(write, revision, database) }
                return revision
            }
        }
    }

    /// Lets the next store of the directory in; from then on commits of this one fail.
    public func close() { lock.withLock { $0 = nil } }

    public func nextVersion() throws(LeibrixError) -> Int64 {
        try locked { database throws(LeibrixError) in try Self.bump(database, "version") }
    }

    private static func apply(_ write: ControlWrite, _ revision: Int64, _ database: SQLiteDatabase) throws(LeibrixError) {
        switch write {
        case .put(let record):
            let (kind, value) = record.encoded
            try database.run(
                "INSERT OR REPLACE INTO records VALUES (?1, ?2, ?3, ?4)",
                [.text(record.key.path), .text(kind), .text(value), .integer(revision)])
        case .delete(let key):
            try database.run("DELETE FROM records WHERE path = ?1", [.text(key.path)])
        }
    }

    private func locked<T>(_ body: (SQLiteDatabase) throws(LeibrixError) -> T) throws(LeibrixError) -> T {
        let result: Result<T, LeibrixError> = database.withLock { database in
            do throws(LeibrixError) { return .success(try body(database)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func transaction<T>(
        _ database: SQLiteDatabase, _ body: () throws(LeibrixError) -> T
    ) throws(LeibrixError) -> T {
        try database.run("BEGIN IMMEDIATE")
        do throws(LeibrixError) {
            let result = try body()
            try database.run("COMMIT")
            return result
        } catch {
            _ = try? database.run("ROLLBACK")
            throw error
        }
    }

    private static func number(_ database: SQLiteDatabase, _ name: String) throws(LeibrixError) -> Int64 {
        try database.run("SELECT value FROM numbers WHERE name = ?1", [.text(name)]).first?.first?.integer ?? 0
    }

    private static func bump(_ database: SQLiteDatabase, _ name: String) throws(LeibrixError) -> Int64 {
        let rows = try database.run("UPDATE numbers SET value = value + 1 WHERE name = ?1 RETURNING value", [.text(name)])
        return rows.first?.first?.integer ?? 0
    }
}
