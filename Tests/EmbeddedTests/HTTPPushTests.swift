internal import Base
internal import Foundation
internal import FoundationNetworking
internal import Leibrix
internal import Platform
internal import Testing

/// Rows over HTTP: all of a request's or none, 202 when they are durable.
@Suite(.serialized) struct HTTPPushTests {
    private func server(_ folder: String) async throws -> Server {
        var configuration = Configuration()
        configuration.dataDirectory = folder
        configuration.postgres = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.http = ListenAddress(host: "127.0.0.1", port: 0)
        configuration.logLevel = .warning
        return try await Server.start(configuration)
    }

    private func post(_ server: Server, _ path: String, _ type: String, _ body: String) async throws -> (status: Int, body: String) {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(server.http.port)\(path)")))
        request.httpMethod = "POST"
        request.timeoutInterval = 600
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(body.utf8)
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    private func query(_ server: Server, _ sql: String) async throws -> String {
        let body = try await post(server, "/query", "application/json", JSON.object(["sql": .string(sql)]).text())
        #expect(body.status == 200, "\(body.body)")
        return try JSON.parse(body.body)["rows"]?.text() ?? ""
    }

    @Test func rowsAreTakenWhole() async throws {
        let folder = NSTemporaryDirectory() + "leibrix-push-\(Random.integer(UInt32.self))"
        defer { try? Files.removeTree(folder) }
        let server = try await server(folder)
        _ = try await query(server, "CREATE TABLE \"my rows\" (id bigint PRIMARY KEY, name varchar, ts timestamp)")
        let json = "{\"id\":1,\"name\":\"a\",\"ts\":\"2026-01-01T00:00:00Z\"}\n{\"id\":2}\n"
        #expect(try await post(server, "/sources/my%20rows", "application/x-ndjson", json) == (202, "{\"rows\": 2}\n"))
        #expect(try await post(server, "/sources/my%20rows", "text/csv", "name,id\n\"x, y\",3\n") == (202, "{\"rows\": 1}\n"))
        #expect(try await post(server, "/sources/my%20rows", "text/csv; header=absent", "4,z,\n") == (202, "{\"rows\": 1}\n"))
        let many = (0..<5_000).map { "{\"id\":\(100 + $0)}" }.joined(separator: "\n")
        #expect(try await post(server, "/sources/my%20rows", "application/json", many) == (202, "{\"rows\": 5000}\n"))
        #expect(try await query(server, "SELECT id, name, ts::varchar FROM \"my rows\" WHERE id < 100 ORDER BY id")
            == "[[1,\"a\",\"2026-01-01 00:00:00\"],[2,null,null],[3,\"x, y\",null],[4,\"z\",null]]")
        // Bad records, a row that is there already, no such source, no such type: nothing is taken.
        let bad = try await post(server, "/sources/my%20rows", "application/x-ndjson", "{\"id\":10}\n{\"id\":\"x\"}\nnonsense\n")
        #expect(bad.status == 400)
        #expect(bad.body.contains("line 2: column \\\"id\\\" is BIGINT, which \\\"x\\\" is not\\nline 3: an object is due"), "\(bad.body)")
        #expect(try await post(server, "/sources/my%20rows", "application/x-ndjson", "{\"id\":11}\n{\"id\":1}\n").status == 409)
        #expect(try await post(server, "/sources/none", "application/x-ndjson", "{}").status == 404)
        #expect(try await post(server, "/sources/my%20rows", "text/plain", "{}").status == 400)
        #expect(try await query(server, "SELECT count(*) FROM \"my rows\"") == "[[5004]]")
        await server.stop()
    }
}
