import Base
import Catalog
import Columnar
import DuckDBKit
import Platform
import Testing

@testable import DatasetEngine

/// Rows over three months, in files that each span all of them.
private func writeEvents(_ folder: Folder, file: Int, rows: Int = 30_000, extra: String = "") throws {
    try Lake.duckDB(
        """
        COPY (SELECT (i + \(file) * 1000000)::BIGINT AS id, (DATE '2024-01-01' + (i % 90)::INTEGER) AS d, 'name ' || (i % 100) AS name,
          (i % 1000) / 10.0 AS price, CASE WHEN i % 3 = 0 THEN NULL ELSE i % 5 END AS tier \(extra)
        FROM range(\(rows)) t(i)) TO '\(folder.path)/lake/events/\(file).parquet' (ROW_GROUP_SIZE 10000)
        """)
}

@Suite struct ParquetTests {
    private func events(_ files: Int = 2) throws -> Folder {
        let folder = try Folder()
        try Files.createDirectory(folder.path + "/lake/events")
        for file in 0..<files { try writeEvents(folder, file: file) }
        return folder
    }

    @Test func aTableWithoutTimeIsOneEpoch() async throws {
        let bench = try await Bench(events())
        try await bench.createCatalog("parquet")
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["events"]])
        try await bench.create("events", from: ["events"])
        #expect(try bench.count("events") == 60_000)
        let sums = try bench.rows("SELECT sum(id), min(d), max(d), count(tier), count(DISTINCT name) FROM events")
        let oracle = try bench.rows(
            "SELECT sum(id), min(d), max(d), count(tier), count(DISTINCT name) FROM read_parquet('\(bench.folder.path)/lake/events/*.parquet')")
        #expect(sums == oracle)
        let epochs = try bench.epochs("events")
        #expect(epochs.map(\.rows) == [60_000])
        #expect(epochs[0].range == nil)
        #expect(bench.engine.readiness(tenant: "default", name: "events") == .ready)
    }

    @Test func monthsAreEpochsThatOneScanFills() async throws {
        let bench = try await Bench(events())
        try await bench.createCatalog("parquet")
        try await bench.create("events", from: ["events"], ["time_column": "d", "granularity": "month"])
        let epochs = try bench.epochs("events")
        #expect(epochs.count == 3)
        #expect(epochs.reduce(0) { $0 + $1.rows } == 60_000)
        let oracle = "read_parquet('\(bench.folder.path)/lake/events/*.parquet')"
        for query in [
            "SELECT date_trunc('month', d) m, count(*), sum((price * 10)::BIGINT), count(tier) FROM %s GROUP BY 1 ORDER BY 1",
            "SELECT name, sum(id) FROM %s WHERE d >= '2024-02-01' AND d < '2024-03-01' GROUP BY 1 ORDER BY 1",
        ] {
            let parts = query.split(separator: "%s", omittingEmptySubsequences: false).map(String.init)
            #expect(try bench.rows(parts[0] + "events" + parts[1]) == bench.rows(parts[0] + oracle + parts[1]))
        }
        let loads = try bench.engine.systemTables().first { $0.name == "loads" }!.rows()
        #expect(loads.count == 1)
        #expect(loads[0][3] == "DONE")
        #expect(loads[0][8] == 60_000)
    }

    @Test func refreshLoadsWhatChangedAndDeletesWhatItReplaced() async throws {
        let bench = try await Bench(events(1))
        try await bench.createCatalog("parquet")
        try await bench.create("events", from: ["events"], ["time_column": "d", "granularity": "month"])
        let before = try bench.epochs("events")
        try await bench.refresh("events")
        #expect(try bench.epochs("events") == before)
        try Lake.duckDB(
            "COPY (SELECT 7::BIGINT AS id, DATE '2024-02-10' AS d, 'new' AS name, 1.5 AS price, 1::BIGINT AS tier) TO '\(bench.folder.path)/lake/events/9.parquet'")
        try await bench.refresh("events")
        let after = try bench.epochs("events")
        #expect(after.map(\.version)[0] == before.map(\.version)[0])
        #expect(after.map(\.version)[1] != before.map(\.version)[1])
        #expect(after.map(\.version)[2] == before.map(\.version)[2])
        #expect(try bench.count("events") == 30_001)
        #expect(try bench.rows("SELECT count(*) FROM events WHERE name = 'new'") == [[1]])
        try bench.settle()
        #expect(try bench.segmentFiles().count == 3)
    }

    @Test func rowsWithoutTimeHaveAnEpochOfTheirOwn() async throws {
        let folder = try Folder()
        try Lake.duckDB(
            """
            COPY (SELECT * FROM (VALUES (1, TIMESTAMP '2024-01-01 00:00:00'), (2, NULL), (3, 'infinity'::TIMESTAMP),
              (4, TIMESTAMP '1969-12-31 23:59:59.999999'), (5, TIMESTAMP '2024-01-01 23:59:59.999999')) t(id, ts))
            TO '\(folder.path)/lake/odd.parquet'
            """)
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        try await bench.create("odd", from: ["odd"], ["time_column": "ts", "granularity": "day"])
        #expect(try bench.count("odd") == 5)
        let epochs = try bench.epochs("odd")
        #expect(epochs.map(\.rows) == [2, 1, 2])
        #expect(epochs[0].range == nil && epochs[0].epochID.hasPrefix("null_"))
        #expect(epochs[1].range?.endMS == 0)
        #expect(try bench.rows("SELECT id FROM odd ORDER BY id") == [[1], [2], [3], [4], [5]])
    }

    @Test func dimensionsAndFilterChooseRows() async throws {
        let bench = try await Bench(events(1))
        try await bench.createCatalog("parquet")
        try await bench.create(
            "part", from: ["events"],
            [
                "time_column": "d", "granularity": "month", "start": "2024-01-15", "end": "2024-03-01",
                "dimensions": "{\"tier\": [0, 1, 2]}",
            ])
        #expect(try bench.epochs("part").count == 6)
        let predicate = "d >= '2024-01-15' AND d < '2024-03-01' AND tier IN (0, 1, 2)"
        let expected = try bench.rows("SELECT count(*), sum(id) FROM read_parquet('\(bench.folder.path)/lake/events/*.parquet') WHERE \(predicate)")
        #expect(try bench.rows("SELECT count(*), sum(id) FROM part") == expected)
        let source = try await bench.engine.sourceRelation(tenant: "default", dataset: "part")
        #expect(try bench.rows("SELECT count(*), sum(id) FROM \(source.relation) WHERE \(source.predicate)") == expected)
    }

    @Test func hivePartitionsAreColumns() async throws {
        let folder = try Folder()
        try Lake.duckDB(
            "COPY (SELECT i AS id, i % 4 AS part FROM range(1000) t(i)) TO '\(folder.path)/lake/hive' (FORMAT parquet, PARTITION_BY (part))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        try await bench.create("hive", from: ["hive"])
        #expect(try bench.rows("SELECT part, count(*) FROM hive GROUP BY 1 ORDER BY 1") == (0..<4).map { [.integer($0), 250] })
    }

    @Test func retainRetiresOldEpochs() async throws {
        let bench = try await Bench(events(1))
        try await bench.createCatalog("parquet")
        try await bench.create("events", from: ["events"], ["time_column": "d", "granularity": "month"])
        try await bench.engine.alterDataset(tenant: "default", name: "events", options: [SpecOption("retain", "1 month")])
        try await bench.refresh("events")
        let starts = try bench.epochs("events").compactMap { $0.range.map { Instant.spelled($0.startMS) } }
        #expect(starts == ["2024-03-01 00:00:00"])
        #expect(try bench.rows("SELECT min(d) FROM events") == [[.date(19_783)]])
    }

    @Test func anAddedColumnIsNullInOldEpochs() async throws {
        let bench = try await Bench(events(1))
        try await bench.createCatalog("parquet")
        try await bench.create("events", from: ["events"], ["time_column": "d", "granularity": "month"])
        let kept = try bench.epochs("events")[0].version
        try Lake.duckDB(
            "COPY (SELECT 7::BIGINT AS id, DATE '2024-03-10' AS d, 'new' AS name, 1.5 AS price, 1::BIGINT AS tier, 'x' AS extra) TO '\(bench.folder.path)/lake/events/9.parquet'")
        try await bench.refresh("events")
        #expect(try bench.epochs("events")[0].version == kept)
        #expect(try bench.rows("SELECT count(*), count(extra), max(extra) FROM events") == [[30_001, 1, "x"]])
    }

    @Test func anIncompatibleSchemaIsRefusedAndOldAnswersServe() async throws {
        let folder = try Folder()
        try Lake.duckDB("COPY (SELECT 1 AS id, 'a' AS name) TO '\(folder.path)/lake/t.parquet'")
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        try await bench.create("t", from: ["t"])
        try Lake.duckDB("COPY (SELECT 'one' AS id, 'a' AS name) TO '\(folder.path)/lake/t.parquet'")
        let error = await failure { try await bench.refresh("t") }
        #expect(error?.code == .incompatibleSchema)
        #expect(error?.hint?.contains("new dataset") == true)
        #expect(try bench.rows("SELECT * FROM t") == [[1, "a"]])
        #expect(try bench.epochs("t", .failed).first?.reason?.contains("id") == true)
        try Lake.duckDB("COPY (SELECT 1::BIGINT AS id, 'b' AS name) TO '\(folder.path)/lake/t.parquet'")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT id, name, typeof(id) FROM t") == [[1, "b", "BIGINT"]])
        #expect(try bench.epochs("t", .failed).isEmpty)
    }

    @Test func theBudgetRefusesBeforeLoading() async throws {
        let bench = try await Bench(events(1), budget: 100_000)
        try await bench.createCatalog("parquet")
        let error = await failure { try await bench.create("events", from: ["events"]) }
        #expect(error?.code == .memoryBudget)
        #expect(try bench.segmentFiles().isEmpty)
        #expect(bench.engine.residentBytes == 0)
        guard case .notReady(let reason, _) = bench.engine.readiness(tenant: "default", name: "events") else {
            Issue.record("the dataset is served")
            return
        }
        #expect(reason.code == .notReady)
        bench.engine.setBudget(nil)
        try await bench.refresh("events")
        #expect(try bench.count("events") == 30_000)
    }

    @Test func refusalsNameWhatIsWrong() async throws {
        let bench = try await Bench(events(1))
        #expect(await failure { try await bench.create("x", from: ["events"]) }?.code == .undefinedCatalog)
        try await bench.createCatalog("parquet")
        let noTable = await failure { try await bench.create("x", from: ["nothing"]) }
        #expect(noTable?.code == .undefinedSourceTable)
        #expect(noTable?.hint?.contains("events") == true)
        let noColumn = await failure { try await bench.create("x", from: ["events"], ["time_column": "when", "granularity": "day"]) }
        #expect(noColumn?.code == .undefinedColumn)
        let wrongType = await failure { try await bench.create("x", from: ["events"], ["time_column": "name", "granularity": "day"]) }
        #expect(wrongType?.code == .typeMismatch)
        #expect(await failure { try await bench.refresh("x") }?.code == .undefinedDataset)
        try await bench.create("x", from: ["events"])
        #expect(await failure { try await bench.create("x", from: ["events"]) }?.code == .duplicateRelation)
        #expect(await failure { try await bench.engine.dropCatalog(tenant: "default", name: "lake") }?.code == .objectInUse)
        try await bench.engine.dropDataset(tenant: "default", name: "x")
        #expect(throws: LeibrixError.self) { try bench.count("x") }
        try bench.settle()
        #expect(try bench.segmentFiles().isEmpty)
        try await bench.engine.dropCatalog(tenant: "default", name: "lake")
        let away = await failure { try await bench.createCatalog("parquet", [SpecOption("uri", "/nowhere/at/all")]) }
        #expect(away?.code == .sourceUnavailable)
    }
}
