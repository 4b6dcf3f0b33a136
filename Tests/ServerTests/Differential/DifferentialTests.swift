// Generated queries and TPC-H, through the wire and in DuckDB itself over the same files: the same rows, or both refuse.
import Base
import Columnar
import DuckDBKit
import Foundation
import PostgresClient
import Testing

@Suite struct DifferentialTests {
    /// LEIBRIX_SEED repeats a run; LEIBRIX_QUERIES sets how many (make soak runs thousands).
    static let seed = ProcessInfo.processInfo.environment["LEIBRIX_SEED"].flatMap { UInt64($0) } ?? UInt64(Date().timeIntervalSince1970)
    static let count = ProcessInfo.processInfo.environment["LEIBRIX_QUERIES"].flatMap { Int($0) } ?? 400

    @Test func generatedQueriesAgreeWithDuckDB() throws {
        print("LEIBRIX_SEED=\(Self.seed) LEIBRIX_QUERIES=\(Self.count)")
        let shared = try SharedServer.get()
        let oracle = try Oracle(shared.lake)
        let connection = try shared.server.connect()
        var generator = QueryGenerator(seed: Self.seed)
        var differences: [String] = []
        var answered = 0
        for number in 0..<Self.count {
            let sql = generator.query()
            if let difference = try Self.difference(sql, oracle, connection, binary: number % 2 == 1, &answered) {
                differences.append("query \(number) of seed \(Self.seed): \(difference)\n  \(sql)")
            }
        }
        #expect(differences.isEmpty, "\(differences.count) differ:\n\(differences.prefix(10).joined(separator: "\n"))")
        #expect(answered > Self.count / 2, "most queries must have an answer, \(answered) of \(Self.count) had")
    }

    static func difference(_ sql: String, _ oracle: Oracle, _ connection: PostgresConnection, binary: Bool, _ answered: inout Int) throws -> String? {
        let expected: Oracle.Answer
        do { expected = try oracle.answer(sql) } catch let refused {
            do { _ = try connection.query(sql) } catch ClientError.server { return nil }
            return "DuckDB refused (\(refused)), the server answered"
        }
        answered += 1
        let result: StatementResult
        do {
            result = binary ? try connection.extended(sql, binaryResults: true) : try connection.query(sql)[0]
        } catch ClientError.server(let error) { return "\(error)" }
        guard let rows = binary ? SLTRunner.decode(result) : result.textRows else { return "a column in binary that the harness cannot read" }
        return compare(rows, expected, isOrdered: sql.contains("ORDER BY ALL"))
    }

    static func compare(_ rows: [[String?]], _ expected: Oracle.Answer, isOrdered: Bool) -> String? {
        let letters = expected.types.map { Comparison.isFloat($0) ? Character("R") : "T" }
        let got = SLTRunner.format(rows, letters, isSorted: !isOrdered)
        let want = SLTRunner.format(expected.rows, letters, isSorted: !isOrdered)
        if got == want { return nil }
        let at = zip(got, want).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(got.count, want.count)
        return "\(got.count) rows for \(want.count); row \(at): [\(at < want.count ? want[at] : "-")] expected, [\(at < got.count ? got[at] : "-")] got"
    }

    @Test func theSameSeedGivesTheSameQueries() {
        var (one, two) = (QueryGenerator(seed: 7), QueryGenerator(seed: 7))
        for _ in 0..<50 { #expect(one.query() == two.query()) }
    }

    /// A grammar whose queries are mostly refused, or mostly empty, tests nothing.
    @Test func mostGeneratedQueriesHaveAnAnswer() throws {
        let folder = TemporaryFolder("grammar")
        let oracle = try Oracle(try FixtureLake(folder: folder.path))
        var generator = QueryGenerator(seed: 42)
        var refusals: [String] = []
        var withRows = 0
        for _ in 0..<300 {
            let sql = generator.query()
            do { withRows += try oracle.answer(sql).rows.isEmpty ? 0 : 1 } catch { refusals.append("\(error)\n  \(sql)") }
        }
        #expect(refusals.count < 45, "\(refusals.count) refused:\n\(refusals.prefix(8).joined(separator: "\n"))")
        #expect(withRows > 180)
    }

    /// The checker must be able to fail.
    @Test func aDifferenceIsSeen() {
        let answer = Oracle.Answer(types: [.integer, .double], rows: [["1", "0.1"], ["2", nil]])
        #expect(Self.compare([["2", nil], ["1", "0.10000000000000001"]], answer, isOrdered: false) == nil)
        #expect(Self.compare([["1", "0.2"], ["2", nil]], answer, isOrdered: false) != nil)
        #expect(Self.compare([["1", "0.1"]], answer, isOrdered: false) != nil)
        #expect(Self.compare([["2", nil], ["1", "0.1"]], answer, isOrdered: true) != nil)
    }

    @Test func tpchAgreesWithDuckDB() throws {
        let folder = TemporaryFolder("tpch")
        let lake = folder.path + "/lake"
        try FileManager.default.createDirectory(atPath: lake, withIntermediateDirectories: true)
        let oracle = try Oracle(nil, settings: ["allow_unsigned_extensions": "true"])
        let tables = try TPCH.write(to: lake, scale: "0.02", connection: oracle.connection)
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        let connection = try server.connect()
        try Datasets.createCatalog(connection, name: "tpch", folder: lake)
        for table in tables {
            let options = table == "lineitem" ? " WITH (time_column = 'l_shipdate', granularity = 'month')" : ""
            _ = try connection.query("CREATE DATASET \(table) FROM tpch.\(table)\(options)")
        }
        try Datasets.waitUntilReady(connection, tables)
        for (number, sql) in try TPCH.queries(oracle.connection) {
            var answered = 0
            let difference = try Self.difference(sql, oracle, connection, binary: number % 2 == 0, &answered)
            #expect(difference == nil, "TPC-H query \(number): \(difference ?? "")")
            #expect(answered == 1)
        }
        server.stop()
    }
}

enum TPCH {
    /// Writes the eight tables as Parquet and leaves views of those files behind.
    static func write(to folder: String, scale: String, connection: Connection) throws -> [String] {
        try connection.loadExtension("\(BuiltExecutable.extensions)/tpch.duckdb_extension")
        try connection.execute("CALL dbgen(sf = \(scale))")
        let tables = try connection.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1").map { row in
            if case .string(let name) = row[0] { return name }
            return ""
        }
        for table in tables {
            try connection.execute("COPY \(table) TO '\(folder)/\(table).parquet' (FORMAT parquet)")
            try connection.execute("DROP TABLE \(table); CREATE VIEW \(table) AS SELECT * FROM read_parquet('\(folder)/\(table).parquet')")
        }
        return tables
    }

    static func queries(_ connection: Connection) throws -> [(Int, String)] {
        try connection.rows("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").map { row in
            guard case .integer(let number) = row[0], case .string(let sql) = row[1] else { throw HarnessError("tpch_queries: \(row)") }
            return (Int(number), String(sql.reversed().drop { $0 == ";" || $0.isWhitespace }.reversed()))
        }
    }
}
