// EXPLAIN tells who answers a statement over a table.
import Foundation
import PostgresClient
import Testing

@Suite struct TableRouteTests {
    @Test func theIndexAnswersKeysAndTheColumnsTheRest() throws {
        let shared = try SharedServer.get()
        let connection = try shared.server.connect()
        for sql in [
            "DROP TABLE IF EXISTS routes", "CREATE TABLE routes (id int PRIMARY KEY, v int)", "INSERT INTO routes SELECT i, i % 10 FROM range(1, 20001) AS g(i)",
        ] { _ = try connection.query(sql) }
        func plan(_ sql: String) throws -> String {
            try connection.query("EXPLAIN ANALYZE " + sql)[0].textRows.map { $0[0] ?? "" }.joined(separator: "\n")
        }
        let key = try plan("SELECT * FROM routes WHERE id = 7")
        #expect(key.contains("Learned Index Scan using routes_pkey on routes  (rows=1)") && key.contains("Index: depth") && key.contains("model error mean"), "\(key)")
        let range = try plan("SELECT * FROM routes WHERE id BETWEEN 100 AND 149")
        #expect(range.contains("Learned Index Scan using routes_pkey on routes  (rows=50)"), "\(range)")
        for sql in ["SELECT * FROM routes WHERE id BETWEEN 5001 AND 10000", "SELECT v, count(*) FROM routes GROUP BY v", "SELECT sum(v) FROM routes"] {
            let columns = try plan(sql)
            #expect(columns.contains("Row Groups Read") && !columns.contains("Learned Index Scan"), "\(columns)")
        }
        let change = try plan("UPDATE routes SET v = 77 WHERE id = 7")
        #expect(change.contains("Update on routes") && change.contains("Learned Index Scan using routes_pkey") && change.contains("Rows: 1"), "\(change)")
        #expect(try connection.query("SELECT v FROM routes WHERE id = 7")[0].textRows == [["77"]])
        let insert = try connection.query("EXPLAIN INSERT INTO routes SELECT -i, 0 FROM range(1, 5) AS g(i)")[0].textRows.map { $0[0] ?? "" }
        #expect(insert.first == "Insert on routes")
        #expect(try connection.query("SELECT count(*) FROM routes")[0].textRows == [["20000"]])
        _ = try connection.query("DROP TABLE routes")
    }
}
