import Base
import Catalog
import Columnar
import DuckDBKit
import Platform
import Testing

@testable import DatasetEngine

/// Real tables, written by delta-rs.
@Suite(.enabled(if: Lake.hasPython, "needs .deps/venv-lake: scripts/setup --tests")) struct DeltaTests {
    @Test func aTableIsServedAndFollowed() async throws {
        let folder = try Folder()
        try Lake.python(folder, "from deltalake import write_deltalake\nwrite_deltalake(root + '/t', rows(0, 900))")
        let bench = try await Bench(folder)
        try await bench.createCatalog("delta")
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["t"]])
        try await bench.create("t", from: ["t"], ["time_column": "d", "granularity": "month"])
        #expect(try bench.rows("SELECT count(*), sum(id) FROM t") == [[900, .hugeInt(404_550)]])
        let before = try bench.epochs("t")
        #expect(before.map(\.snapshotID) == ["0", "0", "0"])
        try Lake.python(
            folder, "from deltalake import write_deltalake\nwrite_deltalake(root + '/t', rows(900, 10, dt.date(2024, 3, 5), 1), mode='append')")
        try await bench.refresh("t")
        let after = try bench.epochs("t")
        #expect(try bench.count("t") == 910)
        #expect(after.map(\.snapshotID) == ["0", "0", "1"])
        try Lake.python(folder, "from deltalake import DeltaTable\nt = DeltaTable(root + '/t')\nt.delete('id < 100')\nt.create_checkpoint()")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), min(id) FROM t") == [[810, 100]])
        try await bench.create("old", from: ["t"], ["snapshot": "1"])
        #expect(try bench.count("old") == 910)
    }
}
