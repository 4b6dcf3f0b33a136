internal import Base
internal import Catalog
internal import DuckDBKit
internal import Platform
internal import Synchronization

/// The DuckDB instance that reads sources: bounded threads and memory, extensions from files alone. It is opened when a source
/// is first asked, so that a restart serves without it.
final class LoaderDatabase: Sendable {
    let threads: Int
    private let configuration: DatabaseConfiguration
    private let opened = Mutex<Database?>(nil)
    private let extensionDirectory: String
    private let loaded = Mutex<Set<String>>([])

    init(_ configuration: DatasetEngineConfiguration) {
        threads = configuration.loaderThreads
        extensionDirectory = configuration.extensionDirectory
        self.configuration = DatabaseConfiguration(
            threads: configuration.loaderThreads, memoryLimit: configuration.loaderMemoryBytes,
            settings: [
                "temp_directory": configuration.dataDirectory + "/loader.tmp", "preserve_insertion_order": "false",
                "enable_external_file_cache": "false",
            ])
    }

    private func database() throws(LeibrixError) -> Database {
        let found: Result<Database, LeibrixError> = opened.withLock { opened in
            DatasetEngine.caught { () throws(LeibrixError) in
                if let opened { return opened }
                let made = try Database(configuration)
                opened = made
                return made
            }
        }
        return try found.get()
    }

    /// A connection that can read the adapter's source.
    func connect(for adapter: any SourceAdapter, table: [String]) throws(LeibrixError) -> Connection {
        let connection = try connect()
        try prepare(connection, for: adapter, table: table)
        return connection
    }

    /// A connection that has no source yet.
    func connect() throws(LeibrixError) -> Connection {
        let connection = try database().connect()
        try connection.execute("SET TimeZone = 'UTC'")
        return connection
    }

    func prepare(_ connection: Connection, for adapter: any SourceAdapter, table: [String]) throws(LeibrixError) {
        try load(adapter.extensions, connection)
        for statement in adapter.setup(table: table) { try connection.execute(statement) }
    }

    /// Forgets attachments of a catalog that is dropped.
    func detach(_ catalog: CatalogSpec) {
        let name = SQLText.name("lbx_src_\(catalog.tenant.utf8.count)_\(catalog.tenant)_\(catalog.name)")
        guard let database = opened.withLock({ $0 }) else { return }
        try? database.connect().execute("DETACH DATABASE IF EXISTS \(name)")
    }

    private func load(_ names: [String], _ connection: Connection) throws(LeibrixError) {
        for name in names where !loaded.withLock({ $0.contains(name) }) {
            try connection.loadExtension(Self.path(name, extensionDirectory))
            _ = loaded.withLock { $0.insert(name) }
        }
    }

    static func path(_ name: String, _ directory: String) throws(LeibrixError) -> String {
        let path = "\(directory)/\(name).duckdb_extension"
        guard Files.exists(path) else {
            throw LeibrixError(
                .notSupported, "the DuckDB extension \(name) is not installed (\(path))", hint: "Run `make setup`, then start again.")
        }
        return path
    }
}
