import Base
import Catalog
import Columnar
import ControlStore
import DuckDBKit
import Glibc
import Platform
import Testing

@testable import DatasetEngine

@Suite struct RecoveryTests {
    private static func write(_ folder: Folder, rows: Int) throws {
        try Lake.duckDB(
            "COPY (SELECT i::BIGINT AS id, (DATE '2024-01-01' + (i % 60)::INTEGER) AS d FROM range(\(rows)) t(i)) TO '\(folder.path)/lake/t.parquet'")
    }

    @Test func aRestartServesBeforeTheSourceIsAsked() async throws {
        let folder = try Folder()
        try Self.write(folder, rows: 5_000)
        var epochs: [EpochRecord] = []
        do {
            let bench = try await Bench(folder)
            try await bench.createCatalog("parquet")
            try await bench.create("t", from: ["t"], ["time_column": "d", "granularity": "month"])
            epochs = try bench.epochs("t")
            bench.engine.shutdown()
        }
        unsafe rename(folder.path + "/lake", folder.path + "/away")
        let bench = try await Bench(folder)
        #expect(try bench.count("t") == 5_000)
        #expect(try bench.epochs("t") == epochs)
    }

    @Test(arguments: ["flip a byte", "truncate", "delete"]) func aDamagedFileIsLoadedAgain(damage: String) async throws {
        let folder = try Folder()
        try Self.write(folder, rows: 5_000)
        var files: [String] = []
        do {
            let bench = try await Bench(folder)
            try await bench.createCatalog("parquet")
            try await bench.create("t", from: ["t"], ["time_column": "d", "granularity": "month"])
            files = try bench.segmentFiles().map { folder.path + "/data/segments/" + $0 }
            bench.engine.shutdown()
        }
        let path = files[0]
        var bytes = try Files.read(path)
        if damage == "flip a byte" { bytes[bytes.count / 3] ^= 0x10 } else { bytes.removeLast(bytes.count / 2) }
        if damage == "delete" { try Files.remove(path) } else { try Files.replace(path, with: bytes) }
        let bench = try await Bench(folder)
        try await bench.engine.waitForRefresh(tenant: "default", name: "t")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), sum(id) FROM t") == [[5_000, .hugeInt(12_497_500)]])
        #expect(try bench.epochs("t").count == 2)
    }

    /// A flipped byte is found by whoever comes first, a statement or the background: nobody gets a wrong row meanwhile.
    @Test func aDamagedFileNeverAnswers() async throws {
        let folder = try Folder()
        try Self.write(folder, rows: 300_000)
        var files: [String] = []
        do {
            let bench = try await Bench(folder)
            try await bench.createCatalog("parquet")
            try await bench.create("t", from: ["t"], [:])
            files = try bench.segmentFiles().map { folder.path + "/data/segments/" + $0 }
            bench.engine.shutdown()
        }
        var bytes = try Files.read(files[0])
        bytes[bytes.count / 2] ^= 0x10
        try Files.replace(files[0], with: bytes)
        let bench = try await Bench(folder)
        let query = "SELECT count(*), sum(id), count(DISTINCT d) FROM t"
        let right: [[Value]] = [[300_000, .hugeInt(44_999_850_000), 60]]
        for _ in 0..<20 {
            guard let rows = try? bench.rows(query) else { continue }
            #expect(rows == right)
        }
        try await bench.refresh("t")
        #expect(try bench.rows(query) == right)
        #expect(try bench.engine.epochs(tenant: "default", dataset: "t").map(\.state) == [.ready])
        #expect(!Files.exists(files[0]))
    }

    /// The process is killed at each point of a refresh; the next start serves the old or the new set, whole, and ends at the
    /// new one with no file left over.
    @Test(arguments: FaultPoint.allCases) func killedAtEachPoint(point: FaultPoint) async throws {
        let folder = try Folder()
        try Self.write(folder, rows: 4_000)
        do {
            let bench = try await Bench(folder)
            try await bench.createCatalog("parquet")
            try await bench.create("t", from: ["t"], ["time_column": "d", "granularity": "month"])
            bench.engine.shutdown()
        }
        try Self.write(folder, rows: 5_000)
        let path = folder.path
        let name = point.rawValue
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, name = name as String] in
            let bench = try await Bench(Folder(existing: path), fault: name)
            try await bench.refresh("t")
            try bench.settle()
        }
        let bench = try await Bench(folder)
        let count = try bench.count("t")
        #expect(count == 4_000 || count == 5_000)
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), sum(id) FROM t") == [[5_000, .hugeInt(12_497_500)]])
        try bench.settle()
        #expect(try bench.segmentFiles().count == 2)
        let states = Set(try bench.engine.epochs(tenant: "default", dataset: "t").map(\.state))
        #expect(states == [.ready])
    }
}
