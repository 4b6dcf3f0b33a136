import Base
import Catalog
import Columnar
import ControlStore
import DatasetEngine
import DuckDBKit
import Foundation
import Platform
import Testing

let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

/// A folder of its own with a data directory and a lake, deleted with the object.
final class Folder: Sendable {
    let path: String
    init() throws {
        path = "/tmp/leibrix-test-\(Random.integer(UInt64.self))"
        try Files.createDirectory(path + "/lake")
    }
    init(existing path: String) { self.path = path }
    deinit { try? Files.removeTree(path) }
}

/// Writers of lake tables: DuckDB for Parquet, Python for Iceberg and Delta.
enum Lake {
    static let venv = packageRoot + "/.deps/venv-lake/bin/python"
    static var hasPython: Bool { Files.exists(venv) }

    /// Runs SQL in a DuckDB of its own: COPY .. TO writes the files.
    static func duckDB(_ sql: String) throws { try Database(DatabaseConfiguration(threads: 2)).connect().execute(sql) }

    /// Runs lines of Python after Support/lake.py with `root` set to the folder's lake.
    static func python(_ folder: Folder, _ code: String) throws {
        let helper = packageRoot + "/Tests/DatasetEngineTests/Support/lake.py"
        let process = Process()
        process.executableURL = URL(filePath: venv)
        process.arguments = ["-c", "root = '\(folder.path)/lake'\nexec(open('\(helper)').read())\n" + code]
        // A file, not a pipe: a server that another test starts meanwhile could inherit the pipe's end and keep it open.
        let errors = folder.path + "/python-\(Random.integer(UInt64.self)).log"
        try Files.replace(errors, with: [])
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        process.waitUntilExit()
        let output = try Files.read(errors)
        guard process.terminationStatus == 0 else {
            throw LeibrixError(.internal, "python failed: \(String(decoding: output, as: UTF8.self))")
        }
    }
}

/// An engine over a folder, with one DuckDB instance that it publishes to.
final class Bench: Sendable {
    let folder: Folder
    let store: SQLiteControlStore
    let engine: DatasetEngine
    let connection: Connection
    let catalog: RelationCatalog

    init(_ folder: Folder, budget: Int64? = nil, fault: String? = nil, clock: Platform.Clock = .system) async throws {
        self.folder = folder
        store = try Self.opened(folder.path + "/data")
        engine = DatasetEngine(
            configuration: DatasetEngineConfiguration(
                dataDirectory: folder.path + "/data", extensionDirectory: packageRoot + "/.deps/duckdb/extensions",
                loaderMemoryBytes: 512 << 20, memoryBudgetBytes: budget, clock: clock, faultPoint: fault),
            store: store)
        connection = try Database(DatabaseConfiguration(threads: 2)).connect()
        catalog = try RelationCatalog(attachingTo: connection, name: "lbx")
        try engine.attach(catalog)
        try connection.execute("USE lbx.public")
        try await engine.start()
    }

    deinit { engine.shutdown() }

    /// A bench before this one may still be letting its directory go.
    private static func opened(_ directory: String) throws -> SQLiteControlStore {
        for _ in 0..<6_000 {
            let made = Result { () throws(LeibrixError) in try SQLiteControlStore(directory: directory) }
            guard case .failure(let error) = made, error.code == .directoryLocked else { return try made.get() }
            usleep(10_000)
        }
        return try SQLiteControlStore(directory: directory)
    }

    func createCatalog(_ type: String, _ options: [SpecOption] = []) async throws {
        let given = options.isEmpty ? [SpecOption("uri", .string("file://\(folder.path)/lake"))] : options
        try await engine.createCatalog(tenant: "default", name: "lake", options: [SpecOption("type", .string(type))] + given)
    }

    func create(_ name: String, from source: [String], _ options: [String: String] = [:]) async throws {
        let list = options.map { SpecOption($0.key, .string($0.value)) }
        try await engine.createDataset(tenant: "default", name: name, source: ["lake"] + source, options: list, wait: true)
    }

    func refresh(_ name: String) async throws { try await engine.refreshDataset(tenant: "default", name: name) }

    func rows(_ sql: String) throws -> [[Value]] { try connection.rows(sql) }

    func count(_ name: String) throws -> Int64 {
        guard case .integer(let count) = try rows("SELECT count(*) FROM \(name)")[0][0] else { return -1 }
        return count
    }

    func epochs(_ name: String, _ state: EpochState = .ready) throws -> [EpochRecord] {
        try engine.epochs(tenant: "default", dataset: name).filter { $0.state == state }
    }

    /// Segment files below the data directory.
    func segmentFiles() throws -> [String] {
        let root = folder.path + "/data/segments"
        guard Files.exists(root) else { return [] }
        return try Files.list(root).flatMap { folder in try Files.list(root + "/" + folder.name).map { "\(folder.name)/\($0.name)" } }
    }

    /// Retiring runs behind the flip; gives it time, bounded.
    func settle() throws {
        for _ in 0..<500 {
            let retiring = try engine.systemTables().first { $0.name == "epochs" }!.rows().filter { $0[3] == "RETIRING" }
            if retiring.isEmpty { return }
            usleep(10_000)
        }
    }
}

func failure<T>(_ body: () async throws -> T) async -> LeibrixError? {
    do {
        _ = try await body()
        return nil
    } catch { return error as? LeibrixError }
}

/// LEIBRIX_SOAK=1 runs the long forms.
let isSoak = ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] != nil
