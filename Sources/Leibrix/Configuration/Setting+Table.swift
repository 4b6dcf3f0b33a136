// The one table of settings: --help, check-config, the reference page and the parser all read it.

extension Setting {
    public static let table: [Setting] = [
        Setting("data", \.dataDirectory, .path, "Directory of everything that lasts. Needed by serve; one server at a time."),
        Setting("pg", \.postgres, .address, "Where the PostgreSQL protocol is served. Port 0 takes a free one."),
        Setting("http", \.http, .address, "Where REST (POST /query), /status, /health, /ready and /metrics are served. Port 0 takes a free one."),
        Setting("http_origins", \.httpOrigins, .origins, default: "none", "Origins of web pages that may send statements, with commas between them; * is all."),
        Setting("ready_file", \.readyFile, .path, "File written, with the addresses as JSON, once every listener listens."),
        Setting("tls.cert", \.tlsCertificate, .path, "Certificate chain (PEM) for the PostgreSQL listener. Needs tls.key."),
        Setting("tls.key", \.tlsKey, .path, "Private key (PEM) of tls.cert."),
        Setting("tls.allow_plaintext", \.allowPlaintext, .boolean, "Listen beyond loopback without TLS."),
        Setting("threads", \.threads, .count(1...1_024), default: "processors", "Threads that execute statements."),
        Setting("stream_cores", \.streamCores, .count(1...64), "Processors that keyed streams are spread over; with 1 they run where rows are pushed."),
        Setting("reactors", \.reactors, .count(1...256), default: "half the processors, two at least", "Event loops that serve connections."),
        Setting("memory", \.memory, .bytes, default: "40 % of memory", "Working memory of all statements together."),
        Setting("dataset_memory", \.datasetMemory, .bytes, default: "50 % of memory", "Memory that epochs of datasets may fill."),
        Setting("table_memory", \.tableMemory, .bytes, default: "40 % of memory", "Memory that a tenant's tables may hold beside their files."),
        Setting("max_connections", \.maxConnections, .count(1...100_000), "PostgreSQL connections at a time."),
        Setting("drain_timeout", \.drainTimeoutMS, .duration, "How long SIGTERM lets running statements finish."),
        Setting(
            "extensions", \.extensions, .path, default: "beside the DuckDB library",
            "Directory of DuckDB extensions for sources (iceberg, delta, postgres ..)."),
        Setting("log.level", \.logLevel, .logLevel, "Least severe event written: debug, info, warning, error."),
        Setting("log.format", \.logFormat, .logFormat, "text, json, or auto: text on a terminal, JSON otherwise."),
    ]

    public static func named(_ name: String) -> Setting? { table.first { $0.name == name } }
    public static func flagged(_ flag: String) -> Setting? { table.first { $0.flag == flag } }
}
