// What every benchmark shares: its size, where files go, and the settings that are written down with each figure.
internal import Base
internal import DuckDBKit
internal import Foundation
public import Leibrix

public struct BenchContext: Sendable {
    public var scale: Double
    public var threads: Int
    public var rounds: Int
    /// Data sets made once and kept between runs.
    public var cache: String
    public var executable: String
    public var extensions: String
    /// Lines of progress; the command prints them.
    public var progress: @Sendable (String) -> Void

    public init(
        scale: Double = 1, threads: Int = Machine.processors, rounds: Int = 3, cache: String? = nil, executable: String = "/proc/self/exe",
        extensions: String? = nil,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.scale = scale
        self.threads = threads
        self.rounds = rounds
        let folder = FileManager.default.currentDirectoryPath
        self.cache = cache ?? "\(folder)/.build/bench"
        self.executable = executable
        self.extensions = extensions ?? "\(folder)/.deps/duckdb/extensions"
        self.progress = progress
    }

    var settings: [(name: String, value: String)] {
        [("scale", BenchReport.short(scale)), ("threads", "\(threads)"), ("rounds", "\(rounds)"), ("DuckDB", Database.version)]
    }

    func temporaryFolder(_ label: String) throws -> String {
        let path = NSTemporaryDirectory() + "leibrix-bench-\(label)-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// The benchmarks by name.
public enum Bench {
    public static let all: [(name: String, summary: String, run: @Sendable (BenchContext) throws -> [BenchReport])] = [
        ("load", "Parquet to READY, beside DuckDB's CREATE TABLE AS", { [try LoadBench.run($0)] }),
        ("engine", "loading and the 22 queries in-process, without a server, beside DuckDB in memory", { [try TPCHBench.runInProcess($0)] }),
        ("tpch", "the 22 queries over the wire, beside DuckDB in memory", { [try TPCHBench.runOverTheWire($0)] }),
        ("tpchtables", "the same on tables: loaded, changed, beside a writer; reads by key beside it", { [try TPCHTablesBench.run($0)] }),
        ("latency", "tiny statements, beside DuckDB in-process and PostgreSQL", { [try LatencyBench.run($0)] }),
        ("pgbench", "pgbench's scripts, single durable rows and COPY, beside PostgreSQL", { [try PgbenchBench.run($0)] }),
        ("ycsb", "YCSB's workloads A to F over the wire, beside PostgreSQL", { [try YCSBBench.run($0)] }),
        ("tpcc", "TPC-C over the wire, consistency checked afterwards, beside PostgreSQL", { [try TPCCBench.run($0)] }),
        ("fetch", "six million rows as text and binary, beside PostgreSQL", { [try FetchBench.run($0)] }),
        ("connections", "64 busy connections and 2,000 idle ones", { [try ConnectionsBench.run($0)] }),
        ("memory", "resident memory, beside DuckDB in memory; after 50 refreshes", { [try MemoryBench.run($0)] }),
        ("index", "the learned index, beside absl::btree_map and a model over a sorted array", { [IndexBench.run($0)] }),
        ("wal", "durable commits alone and in groups, and reads by key, in-process, beside SQLite", { [try CommitBench.run($0)] }),
        ("tables", "rows into a table, kill -9, and the restart beside the load", { [try TableRestartBench.run($0)] }),
        ("streams", "streams through SQL: push to callback, windows, checkpoints; beside DuckDB and laminardb", { [try StreamsBench.run($0)] }),
        ("nexmark", "Nexmark's queries through SQL, beside Flink", { [try NexmarkBench.run($0)] }),
        ("restart", "warm restart: exec to the first right answer", { [try RestartBench.run($0)] }),
    ]

    /// The memory benchmark's peer, which that one starts in a process of its own.
    public static func duckdbResident(_ context: BenchContext) throws -> Int { try MemoryBench.residentWithDuckDB(context) }

    /// One by name, or `all` in order. Unknown names are refused with the list.
    public static func run(_ name: String, _ context: BenchContext) throws -> [BenchReport] {
        let chosen = all.filter { name == "all" || $0.name == name }
        guard !chosen.isEmpty else {
            throw LeibrixError(.configuration, "there is no benchmark \(name)", hint: "Known: all, \(all.map(\.name).joined(separator: ", ")).")
        }
        return try chosen.flatMap { bench in
            context.progress("\(bench.name): \(bench.summary)")
            return try bench.run(context)
        }
    }
}
