import Base
import Catalog
import Columnar
import DuckDBKit
import Glibc
import Platform
import Testing

@testable import DatasetEngine

/// Real tables, written by pyiceberg.
@Suite(.enabled(if: Lake.hasPython, "needs .deps/venv-lake: scripts/setup --tests")) struct IcebergTests {
    @Test func aTableIsServedAndFollowed() async throws {
        let folder = try Folder()
        try Lake.python(folder, "table('t', rows(0, 9000))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["ns", "t"]])
        try await bench.create("t", from: ["ns", "t"], ["time_column": "d", "granularity": "month"])
        #expect(try bench.rows("SELECT count(*), sum(id), count(s) FROM t") == [[9_000, .hugeInt(40_495_500), .integer(9_000 - 819)]])
        let before = try bench.epochs("t")
        #expect(before.count == 3)
        #expect(Set(before.map(\.snapshotID)).count == 1)
        try Lake.python(folder, "load('t').append(rows(9000, 10, dt.date(2024, 3, 5), 1))")
        try await bench.refresh("t")
        let after = try bench.epochs("t")
        #expect(try bench.count("t") == 9_010)
        #expect(after.map(\.version)[..<2] == before.map(\.version)[..<2])
        #expect(after[2].version != before[2].version)
        #expect(after[2].snapshotID != before[2].snapshotID)
        try Lake.python(folder, "load('t').delete('id < 100')")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), min(id) FROM t") == [[8_910, 100]])
        try Lake.python(folder, "load('t').overwrite(rows(0, 5))")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), max(id) FROM t") == [[5, 4]])
        #expect(try bench.epochs("t").count == 1)
    }

    /// Merge-on-read: the data files stay, and files beside them name the rows that are gone.
    @Test func deleteFilesTakeRowsAway() async throws {
        let folder = try Folder()
        try Lake.python(folder, "table('t', rows(0, 9000))\ndelete_positions('t', range(10))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        try await bench.create("t", from: ["ns", "t"], ["time_column": "d", "granularity": "month"])
        try await bench.create("whole", from: ["ns", "t"])
        for name in ["t", "whole"] {
            #expect(try bench.rows("SELECT count(*), min(id), sum(id) FROM \(name)") == [[8_990, 10, .hugeInt(40_495_500 - 45)]])
        }
        try Lake.python(folder, "delete_positions('t', range(10, 30))\nload('t').append(rows(9000, 5))")
        for name in ["t", "whole"] {
            try await bench.refresh(name)
            #expect(try bench.rows("SELECT count(*), min(id), max(id) FROM \(name)") == [[8_975, 30, 9_004]])
        }
    }

    @Test func addedColumnsAndWidenedTypesAreServed() async throws {
        let folder = try Folder()
        try Lake.python(
            folder, "table('t', pa.table({'id': pa.array([1, 2], pa.int32()), 'd': pa.array([dt.date(2024,1,1)]*2, pa.date32())}))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        try await bench.create("t", from: ["ns", "t"], ["time_column": "d", "granularity": "day"])
        try Lake.python(
            folder,
            """
            from pyiceberg.types import LongType, StringType
            t = load('t')
            with t.update_schema() as u:
                u.update_column('id', LongType())
                u.add_column('note', StringType())
            t.append(pa.table({'id': pa.array([1 << 40], pa.int64()), 'd': pa.array([dt.date(2024,1,2)], pa.date32()), 'note': ['n']}))
            """)
        try await bench.refresh("t")
        #expect(
            try bench.rows("SELECT id, note FROM t ORDER BY id") == [[1, .null], [2, .null], [.integer(1 << 40), "n"]])
        try Lake.python(folder, "t = load('t')\nwith t.update_schema() as u: u.delete_column('note')")
        #expect(await failure { try await bench.refresh("t") }?.code == .incompatibleSchema)
        #expect(try bench.count("t") == 3)
    }

    @Test func aPinnedSnapshotStays() async throws {
        let folder = try Folder()
        try Lake.python(folder, "t = table('t', rows(0, 10))\nopen(root + '/first', 'w').write(str(t.current_snapshot().snapshot_id))\nt.append(rows(10, 10))")
        let first = String(decoding: try Files.read(folder.path + "/lake/first"), as: UTF8.self)
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        try await bench.create("t", from: ["ns", "t"], ["snapshot": first])
        #expect(try bench.count("t") == 10)
        #expect(try bench.epochs("t").first?.snapshotID == first)
        #expect(await failure { try await bench.create("u", from: ["ns", "t"], ["snapshot": "5"]) }?.code == .undefinedSourceTable)
    }

    @Test func tablesAreFoundWithoutACatalogDatabase() async throws {
        let folder = try Folder()
        try Lake.python(folder, "table('t', rows(0, 10)).append(rows(10, 5))\nos.remove(root + '/catalog.db')")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["ns", "t"]])
        try await bench.create("t", from: ["ns", "t"])
        #expect(try bench.count("t") == 15)
    }

    @Test func aTruncatedDataFileFailsAndOldAnswersServe() async throws {
        let folder = try Folder()
        try Lake.python(folder, "table('t', rows(0, 9000))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        try await bench.create("t", from: ["ns", "t"], ["time_column": "d", "granularity": "month"])
        try Lake.python(
            folder,
            """
            t = load('t')
            t.append(rows(9000, 9000))
            newest = max((f.file.file_path for f in t.refresh().scan().plan_files()), key=lambda p: os.path.getmtime(p[7:]))[7:]
            os.rename(newest, newest + '.whole')
            open(newest, 'wb').write(open(newest + '.whole', 'rb').read()[:-2000])
            """)
        let error = await failure { try await bench.refresh("t") }
        #expect(error != nil)
        #expect(try bench.count("t") == 9_000)
        let failed = try bench.epochs("t", .failed)
        #expect(!failed.isEmpty && failed.allSatisfy { $0.reason != nil })
        try Lake.python(folder, "import glob\nfor p in glob.glob(root + '/**/*.whole', recursive=True): os.rename(p, p[:-6])")
        try await bench.refresh("t")
        #expect(try bench.count("t") == 18_000)
        #expect(try bench.epochs("t", .failed).isEmpty)
    }

    /// A manifest that counts more rows than its file holds. Avro's zig-zag varints of two bytes are patched in place, so
    /// the manifest is written without compression.
    @Test func aRowCountThatLiesFails() async throws {
        let folder = try Folder()
        try Lake.python(folder, "table('t', rows(0, 1000))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        try await bench.create("t", from: ["ns", "t"])
        try Lake.python(
            folder,
            """
            import glob
            t = iceberg().create_table('ns.lie', schema=rows(0, 1).schema, properties={'write.avro.compression-codec': 'null'})
            t.append(rows(0, 1000))
            [path] = [p for p in glob.glob(root + '/ns/lie/metadata/*.avro') if '/snap-' not in p]
            data = open(path, 'rb').read()
            at = data.index(b'PARQUET') + 7
            at = data.index(b'\\xd0\\x0f', at)
            open(path, 'wb').write(data[:at] + b'\\xd2\\x0f' + data[at + 2:])
            """)
        let error = await failure { try await bench.create("lie", from: ["ns", "lie"]) }
        #expect(error?.code == .validationFailed)
        #expect(error?.message.contains("1001") == true && error?.message.contains("1000") == true)
        #expect(try bench.epochs("lie").isEmpty)
        #expect(try bench.epochs("lie", .failed).first?.reason?.contains("1001") == true)
        #expect(bench.engine.readiness(tenant: "default", name: "lie") != .ready)
    }

    @Test func aWarehouseMovedAwayFailsAndComesBack() async throws {
        let folder = try Folder()
        try Lake.python(folder, "table('t', rows(0, 100))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg")
        try await bench.create("t", from: ["ns", "t"])
        unsafe rename(folder.path + "/lake", folder.path + "/away")
        #expect(await failure { try await bench.refresh("t") }?.code == .sourceUnavailable)
        #expect(try bench.count("t") == 100)
        #expect(try bench.epochs("t", .failed).count == 1)
        unsafe rename(folder.path + "/away", folder.path + "/lake")
        try await bench.refresh("t")
        #expect(try bench.epochs("t", .failed).isEmpty)
        #expect(try bench.epochs("t").count == 1)
    }
}
