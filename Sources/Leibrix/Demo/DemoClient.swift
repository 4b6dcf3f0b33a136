internal import Base
internal import PostgresClient

/// The demo's own connection to its server. Blocks.
final class DemoClient {
    private let connection: PostgresConnection

    init(_ address: ListenAddress) throws(LeibrixError) {
        do throws(ClientError) {
            connection = try PostgresConnection(
                host: address.host, port: address.port, user: "admin", database: "leibrix", settings: ["application_name": "leibrix demo"])
        } catch {
            throw Self.failure(error, "")
        }
    }

    func run(_ sql: String) throws(LeibrixError) { _ = try result(sql) }
    func rows(_ sql: String) throws(LeibrixError) -> [[String?]] { try result(sql).textRows }

    func result(_ sql: String) throws(LeibrixError) -> StatementResult {
        do throws(ClientError) {
            return try connection.query(sql).last ?? StatementResult()
        } catch {
            throw Self.failure(error, sql)
        }
    }

    func close() { connection.close() }

    private static func failure(_ error: ClientError, _ sql: String) -> LeibrixError {
        guard let server = error.server else { return LeibrixError(.io, "\(error)") }
        return LeibrixError(.internal, server.message, detail: sql.isEmpty ? nil : "in: \(sql)", hint: server.hint, sqlState: server.sqlState)
    }
}
