import Base
import Catalog
import Columnar
import DuckDBKit
import Foundation
import Platform
import Testing

@testable import DatasetEngine

/// Load to READY, validation included, beside DuckDB's CREATE TABLE AS from the same files with the same threads. Small in
/// every run, so that it does not rot; `LEIBRIX_BENCH_SCALE` makes it TPC-H at that scale. Nothing timed is asserted.
@Suite struct LoadBenchmark {
    static let scale = ProcessInfo.processInfo.environment["LEIBRIX_BENCH_SCALE"].flatMap { Double($0) }

    @Test func lineitem() async throws {
        let folder = try Folder()
        let path = "\(folder.path)/lake/lineitem.parquet"
        let maker = try Database(DatabaseConfiguration(threads: 2)).connect()
        try maker.loadExtension(packageRoot + "/.deps/duckdb/extensions/tpch.duckdb_extension")
        try maker.execute("CALL dbgen(sf = \(Self.scale ?? 0.01)); COPY lineitem TO '\(path)'")
        let peer = try Database(DatabaseConfiguration(threads: 2)).connect()
        let nativeMS = try await milliseconds { try peer.execute("CREATE TABLE lineitem AS SELECT * FROM read_parquet('\(path)')") }
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        let wholeMS = try await milliseconds { try await bench.create("whole", from: ["lineitem"]) }
        let monthsMS = try await milliseconds {
            try await bench.create("months", from: ["lineitem"], ["time_column": "l_shipdate", "granularity": "month"])
        }
        #expect(try bench.count("whole") == bench.count("months"))
        let counted = try peer.rows("SELECT count(*), sum(l_orderkey), sum(l_extendedprice) FROM lineitem")
        #expect(try bench.rows("SELECT count(*), sum(l_orderkey), sum(l_extendedprice) FROM whole") == counted)
        #expect(try bench.rows("SELECT count(*), sum(l_orderkey), sum(l_extendedprice) FROM months") == counted)
        guard Self.scale != nil else { return }
        let bytes = try bench.epochs("whole").reduce(0) { $0 + $1.bytes }
        Log.warning(
            "bench.load", .number("native_ms", Int(nativeMS)), .number("one_epoch_ms", Int(wholeMS)), .number("months_ms", Int(monthsMS)),
            .text("speed_one_epoch", "\(nativeMS / wholeMS)"), .text("speed_months", "\(nativeMS / monthsMS)"), .number("bytes", bytes))
    }

    private func milliseconds(_ body: () async throws -> Void) async throws -> Double {
        let start = Platform.Clock.system.monotonicNanos()
        try await body()
        return Double(Platform.Clock.system.monotonicNanos() - start) / 1e6
    }
}
