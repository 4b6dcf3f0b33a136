import Base
import Catalog
import Columnar
import DuckDBKit
import Testing

@testable import DatasetEngine

/// Iceberg tables behind a REST catalog, served by pyiceberg's own metadata.
@Suite(.enabled(if: Lake.hasPython, "needs .deps/venv-lake: scripts/setup --tests")) struct RESTCatalogTests {
    private func options(_ server: RESTCatalogServer, _ more: [SpecOption]) -> [SpecOption] {
        [SpecOption("uri", .string("http://127.0.0.1:\(server.port)")), SpecOption("warehouse", "lake")] + more
    }

    private func served(_ token: String) throws -> (RESTCatalogServer, Folder) {
        let folder = try Folder()
        let server = try RESTCatalogServer(folder.path + "/lake", token: token)
        let create = "c.create_namespace('ns')\nc.create_table('ns.t', schema=rows(0, 1).schema).append(rows(0, 900))"
        try Lake.python(folder, server.prelude + create)
        return (server, folder)
    }

    @Test func tablesAreLoadedAndRefreshed() async throws {
        let (server, folder) = try served("open sesame")
        let bench = try await Bench(folder)
        try await bench.createCatalog("iceberg", options(server, [SpecOption("token", "open sesame")]))
        #expect(try await bench.engine.tables(tenant: "default", catalog: "lake") == [["ns", "t"]])
        try await bench.create("t", from: ["ns", "t"], ["time_column": "d", "granularity": "month"])
        #expect(try bench.rows("SELECT count(*), sum(id) FROM t") == [[900, .hugeInt(404_550)]])
        #expect(try bench.epochs("t").count == 3)
        try Lake.python(folder, server.prelude + "c.load_table('ns.t').append(rows(900, 100))")
        try await bench.refresh("t")
        #expect(try bench.rows("SELECT count(*), max(id) FROM t") == [[1_000, 999]])
        let missing = await failure { try await bench.create("u", from: ["ns", "u"]) }
        #expect(missing?.code == .undefinedSourceTable)
    }

    @Test func aClientGetsItsToken() async throws {
        let (server, folder) = try served("granted")
        let bench = try await Bench(folder)
        let address = SpecOption("oauth2_server_uri", .string("http://127.0.0.1:\(server.port)/v1/oauth/tokens"))
        try await bench.createCatalog(
            "iceberg", options(server, [SpecOption("client_id", "reader"), SpecOption("client_secret", "secret"), address]))
        try await bench.create("t", from: ["ns", "t"])
        #expect(try bench.count("t") == 900)
    }

    @Test func aWrongTokenIsRefused() async throws {
        let (server, folder) = try served("right")
        let bench = try await Bench(folder)
        let error = await failure { try await bench.createCatalog("iceberg", options(server, [SpecOption("token", "wrong")])) }
        #expect(error?.code == .sourceUnavailable)
        #expect(error?.description.contains("wrong") == false)
    }
}
