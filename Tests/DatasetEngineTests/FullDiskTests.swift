import Base
import Catalog
import Columnar
import DuckDBKit
import Glibc
import Platform
import Testing

@testable import DatasetEngine

/// A small file system of its own; needs the right to mount.
private final class SmallDisk {
    let path: String

    init?(_ path: String, megabytes: Int) {
        self.path = path
        guard (try? Files.createDirectory(path)) != nil, unsafe mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { return nil }
    }

    deinit { unsafe umount2(path, Int32(MNT_DETACH)) }
}

@Suite struct FullDiskTests {
    @Test func aFullDiskFailsTheLoadAndOldAnswersServe() async throws {
        let folder = try Folder()
        guard let disk = SmallDisk(folder.path + "/data", megabytes: 4) else { return }
        func write(_ rows: Int) throws {
            try Lake.duckDB(
                "COPY (SELECT i::BIGINT * 7919 AS id, md5(i::VARCHAR) AS text FROM range(\(rows)) t(i)) TO '\(folder.path)/lake/t.parquet'")
        }
        try write(100)
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet")
        try await bench.create("t", from: ["t"])
        try write(400_000)
        let error = await failure { try await bench.refresh("t") }
        #expect(error?.code == .diskFull)
        #expect(error?.hint != nil)
        #expect(try bench.count("t") == 100)
        #expect(try bench.epochs("t", .failed).count == 1)
        try write(200)
        try await bench.refresh("t")
        #expect(try bench.count("t") == 200)
        try bench.settle()
        #expect(try bench.segmentFiles().count == 1)
        withExtendedLifetime(disk) {}
    }
}
