internal import Base
internal import Catalog
internal import DuckDBKit
internal import Platform
internal import Synchronization

/// The DuckDB instances that read sources, one a tenant, because attachments and the keys of object stores are found by name
/// and place all over an instance: bounded threads and memory, extensions from files alone. One is opened when a source of the
/// tenant is first asked, so that a restart serves without it.
final class LoaderDatabase: Sendable {
    private struct Opened {
        let database: Database
        var extensions: Set<String> = []
    }

    let threads: Int
    private let configuration: DatabaseConfiguration
    private let scratch: String
    private let opened = Mutex<[String: Opened]>([:])
    private let extensionDirectory: String

    init(_ configuration: DatasetEngineConfiguration) {
        threads = configuration.loaderThreads
        extensionDirectory = configuration.extensionDirectory
        scratch = configuration.dataDirectory + "/loader.tmp"
        self.configuration = DatabaseConfiguration(
            threads: configuration.loaderThreads, memoryLimit: configuration.loaderMemoryBytes,
            settings: ["preserve_insertion_order": "false", "enable_external_file_cache": "false"])
    }

    private func database(of tenant: String) throws(LeibrixError) -> Database {
        let found: Result<Database, LeibrixError> = opened.withLock { opened in
            DatasetEngine.caught { () throws(LeibrixError) in
                if let known = opened[tenant] { return known.database }
                var own = configuration
                own.settings["temp_directory"] = "\(scratch)/\(opened.count)"
                try Files.createDirectory(scratch)
                let made = try Database(own)
                opened[tenant] = Opened(database: made)
                return made
            }
        }
        return try found.get()
    }

    /// A connection that can read the adapter's source.
    func connect(for adapter: any SourceAdapter, table: [String]) throws(LeibrixError) -> Connection {
        let connection = try connect(tenant: adapter.catalog.tenant)
        try prepare(connection, for: adapter, table: table)
        return connection
    }

    /// A connection that has no source yet.
    func connect(tenant: String) throws(LeibrixError) -> Connection {
        let connection = try database(of: tenant).connect()
        try connection.execute("SET TimeZone = 'UTC'")
        return connection
    }

    func prepare(_ connection: Connection, for adapter: any SourceAdapter, table: [String]) throws(LeibrixError) {
        try load(adapter.extensions, adapter.catalog.tenant, connection)
        do throws(LeibrixError) {
            for statement in adapter.setup(table: table) { try connection.execute(statement) }
        } catch {
            // These statements speak with the source and nothing else: what goes wrong there is the source's.
            throw error.code == .sourceUnavailable ? error : SourceAdapters.unavailable(adapter.catalog, error.message)
        }
    }

    /// Forgets a catalog's attachment.
    func detach(_ catalog: CatalogSpec) {
        let name = SQLText.name("lbx_src_\(catalog.name)")
        guard let database = opened.withLock({ $0[catalog.tenant]?.database }) else { return }
        try? database.connect().execute("DETACH DATABASE IF EXISTS \(name)")
    }

    /// Forgets a catalog that is dropped, its keys included.
    func forget(_ catalog: CatalogSpec) {
        detach(catalog)
        guard let database = opened.withLock({ $0[catalog.tenant]?.database }) else { return }
        for name in ObjectStore.secrets(catalog) { try? database.connect().execute("DROP TEMPORARY SECRET IF EXISTS \(SQLText.name(name))") }
    }

    /// Lets a tenant's instance go that is no more.
    func forget(tenant: String) { opened.withLock { $0[tenant] = nil } }

    private func load(_ names: [String], _ tenant: String, _ connection: Connection) throws(LeibrixError) {
        for name in names where !opened.withLock({ $0[tenant]?.extensions.contains(name) ?? false }) {
            try connection.loadExtension(Self.path(name, extensionDirectory))
            _ = opened.withLock { $0[tenant]?.extensions.insert(name) }
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
