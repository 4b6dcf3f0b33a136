// `leibrix demo`: a lake on disk, a server over it, the 22 queries of TPC-H at the source and here, and then a server that
// stays up. Everything after the lake goes over the PostgreSQL protocol, as a user's statements would.
public import Base
internal import Platform
internal import PostgresClient

public struct Demo: Sendable {
    let configuration: Configuration
    let lake: TPCHLake
    let once: Bool
    let pool = BlockingPool(name: "demo", threads: 2)

    public init(_ configuration: Configuration, scale: String, once: Bool) throws(LeibrixError) {
        var configuration = configuration
        let directory = Files.absolute(configuration.dataDirectory ?? "leibrix-demo")
        configuration.dataDirectory = "\(directory)/server-sf\(scale)"
        self.configuration = configuration
        self.once = once
        lake = try TPCHLake(directory: directory, scale: scale, extensions: try ExtensionFolder.require(configuration.extensions))
    }

    /// The exit code: 1 when an answer differed or a dataset failed.
    public func run(_ say: @escaping @Sendable (String) -> Void) async throws(LeibrixError) -> Int32 {
        let progress = DemoProgress(say)
        try await makeLake(progress)
        let shutdown = ShutdownSignal()
        let server = try await Server.start(configuration)
        defer { progress.end() }
        progress.line("\nServing on \(server.postgres) (PostgreSQL) and \(server.http) (HTTP). The data lie in \(lake.directory).")
        let comparison = try await pool.run { () throws(LeibrixError) -> DemoComparison in
            let client = try DemoClient(server.postgres)
            defer { client.close() }
            try load(client, progress)
            return try compare(client, progress)
        }
        progress.line(comparison.summary)
        if !once {
            progress.line(connectText(server))
            await shutdown.wait()
        }
        await server.stop()
        return comparison.allEqual ? 0 : 1
    }

    private func makeLake(_ progress: DemoProgress) async throws(LeibrixError) {
        guard !lake.isComplete else {
            return progress.line("Using the Iceberg tables in \(lake.root).")
        }
        progress.line("Making TPC-H at scale \(lake.scale) as Iceberg tables in \(lake.root).")
        let lake = lake
        try await pool.run { () throws(LeibrixError) in
            try lake.make(nowMS: Clock.system.wallMicros() / 1_000) { step in
                switch step {
                case .generating: progress.status("generating rows ..")
                case .writing(let table): progress.status("writing \(table) ..")
                case .wrote(let table, let rows, let bytes, let files):
                    progress.line("  \(padRight(table, 9)) \(padLeft(grouped(rows), 12)) rows  \(padLeft(Quantity.text(bytes: bytes), 8)) in \(files) file\(files == 1 ? "" : "s")")
                }
            }
        }
    }

    private func connectText(_ server: Server) -> String {
        let address = server.postgres
        return """

            Connect with
              psql -h \(address.host) -p \(address.port) -U admin leibrix
              leibrix sql postgresql://admin@\(address)/leibrix
            and look round with SHOW DATASETS; SHOW EPOCHS FROM lineitem; SELECT * FROM leibrix.queries;
            Append to the tables with pyiceberg and watch them follow:
              SqlCatalog("\(TPCHLake.catalogName)", uri="sqlite:///\(lake.catalogFile)", warehouse="file://\(lake.root)")
            Ctrl-C ends the server; the next start maps the same epochs again.

            """
    }
}
