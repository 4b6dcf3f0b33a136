import Base
import Catalog
import Columnar
import DuckDBKit
import Platform
import Synchronization
import Testing

@testable import DatasetEngine

/// What the readers and the writer of a test tell each other.
private final class Signals: Sendable {
    let stop = Atomic<Bool>(false)
    let asked = Atomic<Int>(0)
}

@Suite struct ConcurrencyTests {
    private static func write(_ folder: Folder, _ value: Int) throws {
        try Lake.duckDB(
            "COPY (SELECT \(value)::BIGINT AS v, (DATE '2024-01-01' + (i % 60)::INTEGER) AS d FROM range(\(1000 + value)) t(i)) TO '\(folder.path)/lake/t.parquet'")
    }

    /// Every version of the table holds one value in every row, so that a mixture of two is seen.
    @Test func statementsSeeOneSnapshotWhileRefreshesFlip() async throws {
        let folder = try Folder()
        try Self.write(folder, 0)
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        try await bench.create("t", from: ["t"], ["time_column": "d", "granularity": "month"])
        let database = try Database(DatabaseConfiguration(threads: 2))
        let catalog = try RelationCatalog(attachingTo: database.connect(), name: "lbx")
        try bench.engine.attach(catalog)
        let signals = Signals()
        let flips = isSoak ? 1_000 : 40
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                let connection = try database.connect()
                group.addTask {
                    while !signals.stop.load(ordering: .relaxed) {
                        let row = try connection.rows("SELECT min(v), max(v), count(*) FROM lbx.public.t")[0]
                        guard case .integer(let low) = row[0], row[1] == row[0], row[2] == .integer(1_000 + low) else {
                            Issue.record("mixed or partial: \(row)")
                            return
                        }
                        signals.asked.add(1, ordering: .relaxed)
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                for value in 1...flips {
                    try Self.write(folder, value)
                    try await bench.refresh("t")
                }
                signals.stop.store(true, ordering: .relaxed)
            }
            try await group.waitForAll()
        }
        #expect(signals.asked.load(ordering: .relaxed) > 0)
        #expect(try bench.count("t") == Int64(1_000 + flips))
        try bench.settle()
        #expect(try bench.segmentFiles().count == 2)
    }

    @Test func manyRefreshesAtOnceShareFlights() async throws {
        let folder = try Folder()
        try Lake.duckDB("COPY (SELECT 1 AS a) TO '\(folder.path)/lake/t.parquet'")
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        try await bench.create("t", from: ["t"])
        try Lake.duckDB("COPY (SELECT 2 AS a) TO '\(folder.path)/lake/t.parquet'")
        await withTaskGroup(of: LeibrixError?.self) { group in
            for _ in 0..<50 { group.addTask { await failure { try await bench.refresh("t") } } }
            for await error in group { #expect(error == nil) }
        }
        #expect(try bench.rows("SELECT a FROM t") == [[2]])
        #expect(try bench.engine.systemTables().first { $0.name == "loads" }!.rows().count == 2)
    }

    @Test func aPinnedEpochKeepsItsFiles() async throws {
        let folder = try Folder()
        try Lake.duckDB("COPY (SELECT 1 AS a) TO '\(folder.path)/lake/t.parquet'")
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        try await bench.create("t", from: ["t"])
        try bench.connection.execute("BEGIN TRANSACTION")
        #expect(try bench.rows("SELECT a FROM t") == [[1]])
        try Lake.duckDB("COPY (SELECT 2 AS a) TO '\(folder.path)/lake/t.parquet'")
        try await bench.refresh("t")
        #expect(try bench.epochs("t", .retiring).count == 1)
        #expect(try bench.rows("SELECT a FROM t") == [[1]])
        #expect(try bench.segmentFiles().count == 2)
        try bench.connection.execute("COMMIT")
        #expect(try bench.rows("SELECT a FROM t") == [[2]])
        try bench.settle()
        #expect(try bench.segmentFiles().count == 1)
    }
}
