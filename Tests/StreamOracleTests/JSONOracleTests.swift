internal import Base
internal import Columnar
internal import DuckDBKit
internal import SQLPlanning
internal import StreamEngine
internal import Testing

/// JSON functions of streams against DuckDB's. A JSON value stays as it was written; DuckDB writes numbers and escapes anew.
@Suite struct JSONOracleTests {
    private final class Rows {
        var rows: [[Value]] = []
    }

    private static let documents = [
        #"{"a":1,"b":"text","c":{"d":[10,20,{"e":"deep"}],"x y":true},"n":null}"#, #"{"b":"a \"quoted\" line\nand more than twelve","a":-1500.5,"c":{"d":[]},"u":"\u00e4\u20ac\ud83d\ude00\/"}"#,
        #"[1,"two",[3,4]]"#, #"{}"#, #""alone""#, #"17"#, #"{"a":{"a":{"a":"x"}},"b":"","c":[{"d":1}]}"#, #"  {"a" : "spaces" , "b":false}  "#,
    ]

    @Test func equalsDuckDB() throws {
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        try connection.execute("CREATE TABLE docs (j VARCHAR)")
        for document in Self.documents {
            let quoted = document.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            try connection.execute("INSERT INTO docs VALUES ('\(quoted)')")
        }
        try connection.execute("INSERT INTO docs VALUES (NULL)")
        let paths = ["$.a", "$.b", "$.c.d[2].e", "$.c.\"x y\"", "$.n", "b", "$[1]", "$[2][0]", "$.a.a.a", "$.c[0].d", "$.missing.x"]
        let list = paths.enumerated().map { "json_extract_string(j, '\($0.element)') AS s\($0.offset), CAST(json_extract(j, '\($0.element)') AS VARCHAR) AS v\($0.offset)" }.joined(separator: ", ")
        let sql = "SELECT j ->> '$.b' AS arrow, j -> 'a' AS value, json_array_length(j) AS n, json_array_length(j, '$.c.d') AS m, j ->> 'u' AS u, \(list) FROM docs"
        var parsed = try connection.query("SELECT json_serialize_sql('\(sql.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'::VARCHAR)")
        let query = try Query.decode(serialized: try #require(try parsed.next()).columns[0].text(at: 0))[0]
        let engine = StreamEngine()
        try engine.createSource(SourceDefinition("docs", [.init("j", .varchar)]))
        try engine.createStream("out", query)
        let out = Rows()
        _ = try engine.subscribe("out") { chunk in
            for row in 0..<chunk.count { out.rows.append((0..<chunk.columnCount).map { chunk.value($0, row) }) }
        }
        var documents = try connection.query("SELECT j FROM docs")
        while let batch = try documents.next() { try engine.source("docs").push(batch) }
        var expected: [[Value]] = []
        var result = try connection.query(sql)
        while let batch = try result.next() {
            for row in 0..<batch.rowCount { expected.append(batch.columns.map { $0.value(at: row) }) }
        }
        for (row, (actual, wanted)) in zip(out.rows, expected).enumerated() {
            for (column, (a, b)) in zip(actual, wanted).enumerated() { #expect("\(a)" == "\(b)", "row \(row), column \(column)") }
        }
        #expect(out.rows.count == expected.count)
    }

    @Test func countsBrokenDocuments() throws {
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        var parsed = try connection.query("SELECT json_serialize_sql('SELECT j ->> ''$.a'' AS a FROM docs'::VARCHAR)")
        let query = try Query.decode(serialized: try #require(try parsed.next()).columns[0].text(at: 0))[0]
        let engine = StreamEngine()
        try engine.createSource(SourceDefinition("docs", [.init("j", .varchar)]))
        try engine.createStream("out", query)
        let broken = ["{\"b\":1", "{\"a\"", "{", "{\"b\" 1, \"a\":2}", "{\"a\":\"\\u12", "", "{\"x\":[1,2", "{\"a\":\"open", "{1:2}"]
        try engine.source("docs").push(Batch.rows(broken.map { [.string($0)] }, [.init("j", .varchar)]))
        let project = engine.operators[0]
        #expect(project.failed == broken.count && project.isConserved && project.lastError == "LDB-9002")
    }
}
