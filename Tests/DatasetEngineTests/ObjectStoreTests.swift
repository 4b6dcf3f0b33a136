import Base
import Catalog
import Columnar
import DuckDBKit
import Testing

@testable import DatasetEngine

@Suite(.enabled(if: ObjectStoreServer.isInstalled, "needs .deps/venv-lake: scripts/setup --tests")) struct ObjectStoreTests {
    private func options(_ server: ObjectStoreServer, _ uri: String) -> [SpecOption] {
        [
            SpecOption("uri", .string(uri)), SpecOption("endpoint", .string("http://127.0.0.1:\(server.port)")), SpecOption("key", "k"),
            SpecOption("secret", "s"), SpecOption("region", "us-east-1"), SpecOption("url_style", "path"),
        ]
    }

    @Test func parquetInABucket() async throws {
        let server = try ObjectStoreServer()
        let folder = try Folder()
        let put = "import io, pyarrow.parquet as pq\nb = io.BytesIO()\npq.write_table(DATA, b)\ns3.put_object(Bucket='lake', Key='KEY', Body=b.getvalue())"
        func write(_ data: String, _ key: String) throws {
            let code = put.split(separator: "DATA").joined(separator: "\(data)").split(separator: "KEY").joined(separator: "\(key)")
            try Lake.python(folder, server.prelude + code)
        }
        try write("rows(0, 900)", "base/t/a.parquet")
        let bench = try await Bench(folder)
        try await bench.createCatalog("parquet", options(server, "s3://lake/base"))
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["t"]])
        try await bench.create("t", from: ["t"], ["time_column": "d", "granularity": "month"])
        #expect(try bench.count("t") == 900)
        try write("rows(900, 100)", "base/t/b.parquet")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), max(id) FROM t") == [[1_000, 999]])
    }

    @Test func icebergInABucket() async throws {
        let server = try ObjectStoreServer()
        let folder = try Folder()
        try Lake.python(
            folder,
            server.prelude + """
                from pyiceberg.catalog.sql import SqlCatalog
                c = SqlCatalog('lake', uri='sqlite:///' + root + '/catalog.db', warehouse='s3://lake/wh', **props)
                c.create_namespace('ns')
                c.create_table('ns.t', schema=rows(0, 1).schema).append(rows(0, 900))
                """)
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg", options(server, "s3://lake/wh"))
        try await bench.create("t", from: ["ns", "t"], ["time_column": "d", "granularity": "month"])
        #expect(try bench.rows("SELECT count(*), sum(id) FROM t") == [[900, .hugeInt(404_550)]])
        #expect(try bench.epochs("t").count == 3)
    }
}
