import Base
import Columnar
import DuckDBKit
import PostgresCatalog
import Testing

/// Every statement that real clients were seen to send is planned and answered.
struct CaptureTests {
    @Test(arguments: Capture.clients.map(Capture.init))
    func replays(_ capture: Capture) throws {
        let fixture = try CatalogFixture.shared.get()
        let connection = try fixture.connect()
        let model = fixture.catalog.model
        let numbers = ["t", "v"].map { ($0, String(model.relationOID(schema: "app", name: $0) ?? 0)) }
        let substitutions = Dictionary(uniqueKeysWithValues: numbers + [("db", "leibrix")])
        for statement in try capture.statements(substitutions) where !statement.sql.contains("from app.t") {
            do {
                _ = try fixture.rows(statement.sql, statement.parameters, on: connection)
            } catch {
                let rewritten = (try? fixture.rewritten(statement.sql)) ?? "cannot be rewritten"
                Issue.record("\(error)\n\(rewritten)\n\(statement.parameters)")
            }
        }
    }
}
