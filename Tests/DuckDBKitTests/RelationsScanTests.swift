import Base
import Columnar
import DuckDBKit
import Platform
import Testing

/// The same rows in a table of DuckDB's own and in row groups of ours must answer alike.
@Suite struct RelationsScanTests {
    let connection: Connection
    let catalog: RelationCatalog

    init() throws {
        connection = try Database(.init(threads: 2)).connect()
        catalog = try RelationCatalog(attachingTo: connection, name: "lbx")
    }

    /// Column name, and an expression over `i` (row number) and `h` (a hash of it). Every seventh or so is NULL.
    static let columns: [(name: String, sql: String)] = [
        ("c_bool", "h % 2 = 0"), ("c_i8", "((h % 256)::INTEGER - 128)::TINYINT"), ("c_i16", "(h % 300)::SMALLINT - 150"),
        ("c_i32", "(h % 100000)::INTEGER - 50000"), ("c_i64", "(h % 5000000000)::BIGINT - 2500000000"), ("c_clustered", "i // 100"),
        ("c_wide", "(h // 2)::BIGINT * CASE WHEN h % 2 = 0 THEN 1 ELSE -1 END"), ("c_i128", "(h % 1000)::HUGEINT - 5"),
        ("c_huge", "h::HUGEINT * 1000000007 * CASE WHEN h % 2 = 0 THEN 1 ELSE -1 END"), ("c_u8", "(h % 256)::UTINYINT"),
        ("c_u16", "(h % 65536)::USMALLINT"), ("c_u32", "(h % 4294967296)::UINTEGER"), ("c_u64", "h::UBIGINT"),
        ("c_u128", "h::UHUGEINT * 4000000000"), ("c_f32", "((h % 1000)::FLOAT / 8) - 50"), ("c_f64", "((h % 100000)::DOUBLE / 7) - 5000"),
        ("c_nan", "CASE h % 5 WHEN 0 THEN 'nan'::DOUBLE WHEN 1 THEN 'inf'::DOUBLE ELSE (h % 10)::DOUBLE END"),
        ("c_d4", "((h % 9999)::INTEGER / 100)::DECIMAL(4,2)"), ("c_d9", "((h % 999999)::INTEGER / 100)::DECIMAL(9,2)"),
        ("c_d18", "((h % 999999999)::BIGINT / 100)::DECIMAL(18,2)"), ("c_d38", "((h % 999999999)::BIGINT)::DECIMAL(38,5)"),
        ("c_date", "DATE '2020-01-01' + (h % 1000)::INTEGER"), ("c_time", "TIME '00:00:00' + INTERVAL (h % 86400) SECOND"),
        ("c_timetz", "('01:02:0' || h % 10 || '+0' || h % 8)::TIMETZ"),
        ("c_ts", "TIMESTAMP '2020-01-01' + INTERVAL (h % 100000000) SECOND"),
        ("c_tss", "(TIMESTAMP '2020-01-01' + INTERVAL (h % 100000) SECOND)::TIMESTAMP_S"),
        ("c_tsms", "(TIMESTAMP '2020-01-01' + INTERVAL (h % 100000) SECOND)::TIMESTAMP_MS"),
        ("c_tsns", "(TIMESTAMP '2020-01-01' + INTERVAL (h % 100000) SECOND)::TIMESTAMP_NS"),
        ("c_tstz", "(TIMESTAMP '2020-01-01' + INTERVAL (h % 100000) SECOND)::TIMESTAMPTZ"),
        ("c_interval", "INTERVAL (h % 100) DAY + INTERVAL (h % 7) MONTH"), ("c_uuid", "md5(h::VARCHAR)::UUID"),
        ("c_enum", "(CASE h % 3 WHEN 0 THEN 'small' WHEN 1 THEN 'medium' ELSE 'large' END)::ENUM('small', 'medium', 'large')"),
        ("c_few", "CASE h % 5 WHEN 0 THEN '' WHEN 1 THEN 'AIR' WHEN 2 THEN 'a longer one than twelve' WHEN 3 THEN 'TRUCK é' ELSE 'MAIL' END"),
        ("c_many", "'value ' || (h % 4000)"), ("c_text", "repeat('x', (h % 20)::INTEGER) || h::VARCHAR"),
        ("c_blob", "('\\x00\\x' || printf('%02X', h % 256))::BLOB"), ("c_bit", "(h % 64)::BIT"), ("c_json", "('{\"a\":' || h % 10 || '}')::JSON"),
        ("c_list", "CASE h % 4 WHEN 0 THEN [] ELSE [h % 10, NULL, h % 3] END"), ("c_lists", "[['a' || h % 3], [], NULL, ['b', NULL]]"),
        ("c_struct", "{'a': (h % 10)::INTEGER, 'b': CASE WHEN h % 3 = 0 THEN NULL ELSE 'text ' || h % 50 END, 'c': [h % 2]}"),
        ("c_map", "MAP {'k' || h % 3: h % 100, 'z': NULL}"), ("c_array", "[h % 10, NULL, 3]"),
        ("c_union", "CASE WHEN h % 2 = 0 THEN union_value(n := (h % 9)::INTEGER)::UNION(n INTEGER, s VARCHAR) ELSE union_value(s := 'u' || h % 5)::UNION(n INTEGER, s VARCHAR) END"),
        ("c_same", "42"), ("c_same_text", "'always the same text'"), ("c_null", "NULL::INTEGER"),
    ]

    /// Both sides hold `rows` rows: memory.main.t and lbx.public.t.
    func fill(rows: Int, seed: UInt64, nulls: Bool = true, statistics: Bool = true, groupRowsMax: Int = 6_000) throws -> Set<ColumnEncoding> {
        let columns = Self.columns.enumerated().map { index, column in
            let sql = nulls ? "CASE WHEN hash(i, \(index), \(seed)) % 7 = 0 THEN NULL ELSE \(column.sql) END" : column.sql
            // DuckDB has no CASE over arrays: the array is made of the list after it.
            return column.name == "c_array" ? "(\(sql))::INTEGER[3] AS \(column.name)" : "\(sql) AS \(column.name)"
        }
        try connection.execute(
            """
            USE memory.main; CREATE OR REPLACE TABLE memory.main.t AS SELECT i AS id, \(columns.joined(separator: ", "))
            FROM (SELECT i, hash(i, \(seed)) AS h FROM range(\(rows)) r(i)) ORDER BY i
            """)
        let made = try RelationSnapshot.encoding(
            "SELECT * FROM memory.main.t ORDER BY id", connection, seed: seed, groupRowsMax: groupRowsMax, statistics: statistics)
        try catalog.publish([.put(schema: "public", name: "t", made.snapshot)])
        return made.encodings
    }

    func expectSame(_ sql: String, seed: UInt64, location: SourceLocation = #_sourceLocation) throws {
        let expected = try answer(sql, "memory.main")
        let got = try answer(sql, "lbx.public")
        #expect(got == expected, "seed \(seed): \(sql)", sourceLocation: location)
    }

    /// The rows as text, or the error both must give.
    private func answer(_ sql: String, _ schema: String) throws -> [String] {
        try connection.execute("USE \(schema)")
        do throws(LeibrixError) {
            return try connection.rows(sql).map { "\($0)" }
        } catch {
            return ["\(error.code.rawValue) \(error.message)"]
        }
    }

    static let seeds: [UInt64] = [1, Random.integer(UInt64.self) % 1_000_000]

    @Test(arguments: seeds) func everyTypeAndEncodingIsReadAlike(_ seed: UInt64) throws {
        for nulls in [true, false] {
            let used = try fill(rows: 5_000, seed: seed, nulls: nulls, groupRowsMax: 3_000)
            // Random rows may leave one out, such as a constant; the fixed seed leaves out none.
            if seed == 1 { #expect(used == Set(ColumnEncoding.allCases)) }
            for (name, _) in Self.columns {
                try expectSame("SELECT id, \(name) FROM t ORDER BY id", seed: seed)
                try expectSame("SELECT count(*), count(\(name)) FROM t", seed: seed)
                try expectSame("SELECT \(name) FROM t WHERE id % 97 = 5 AND id > 2500 ORDER BY id", seed: seed)
                try expectSame("SELECT id, \(name) FROM t WHERE id BETWEEN 4000 AND 4040 ORDER BY id", seed: seed)
            }
        }
    }

    @Test(arguments: seeds) func filtersOfEveryKindSelectAlike(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for statistics in seed == Self.seeds[0] ? [true, false] : [true] {
            _ = try fill(rows: 6_000, seed: seed, statistics: statistics, groupRowsMax: 4_000)
            for (name, _) in Self.columns where name != "c_union" {
                let pivot = "(SELECT \(name) FROM memory.main.t WHERE id = \(Int.random(in: 0..<6_000, using: &random)))"
                guard let value = try connection.rows("SELECT \(pivot)::VARCHAR").first?.first, case .string(let text) = value else {
                    try expectSame("SELECT count(*), sum(id) FROM t WHERE \(name) IS NULL", seed: seed)
                    continue
                }
                let type = try connection.rows("SELECT typeof(\(name)) FROM memory.main.t LIMIT 1")[0][0]
                guard case .string(let typeName) = type else { continue }
                let literal = "CAST(\(Value.string(text).duckDBLiteral) AS \(typeName))"
                for predicate in [
                    "# = @", "# <> @", "# < @", "# <= @", "# > @", "# >= @", "# BETWEEN @ AND @", "# IN (@, NULL)", "# IS NULL",
                    "# IS NOT NULL", "# = @ OR # IS NULL", "# IS DISTINCT FROM @", "# < @ AND id > 3000", "# >= @ AND id % 3 = 0",
                    "# IS NOT NULL AND id < 700", "NOT (# = @)",
                ] {
                    let condition = predicate.replacing("#", with: name).replacing("@", with: literal)
                    try expectSame("SELECT count(*), sum(id), min(c_i32), max(c_few), count(\(name)) FROM t WHERE \(condition)", seed: seed)
                }
            }
        }
    }

    @Test(arguments: seeds) func combinedFiltersSelectAlike(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        _ = try fill(rows: 12_000, seed: seed, groupRowsMax: 9_000)
        let atoms = [
            "c_i8 > 20", "c_i16 BETWEEN -40 AND 40", "c_i32 < 0", "c_i64 >= 100000", "c_clustered IN (3, 50, 77, 120)",
            "c_clustered BETWEEN 20 AND 90", "c_few = 'AIR'", "c_few IN ('AIR', 'MAIL')", "c_few LIKE '%R%'", "c_few > 'B'",
            "c_many LIKE '%99'", "c_many = 'value 17'", "c_text < 'xxx'", "c_date > DATE '2021-01-01'", "c_d18 < 5000000",
            "c_f64 > 0", "c_bool", "NOT c_bool", "c_enum = 'medium'", "c_u8 IN (1, 2, 3, 200, 201)", "c_same = 42", "c_same_text = 'x'",
            "c_struct.a > 5", "c_list[1] = 3", "length(c_text) > 25", "c_null IS NULL", "c_ts < TIMESTAMP '2021-06-01'", "c_huge > 0",
            "c_few IS NOT NULL", "c_many IS NULL", "upper(c_few) = 'MAIL'", "c_i32 = c_i16", "id % 11 = 3", "c_uuid > '80000000-0000-0000-0000-000000000000'",
            "c_u8 NOT IN (7, 8)", "c_few NOT IN ('AIR')", "(c_few = 'AIR' OR c_i8 < 0)", "rowid > 700", "rowid IN (5, 17, 12000)",
        ]
        for _ in 0..<60 {
            let condition = (0..<Int.random(in: 1...4, using: &random)).map { _ in atoms.randomElement(using: &random)! }.joined(separator: " AND ")
            let shown = (0..<3).map { _ in Self.columns.randomElement(using: &random)!.name }.joined(separator: ", ")
            try expectSame("SELECT id, \(shown) FROM t WHERE \(condition) ORDER BY id", seed: seed)
            try expectSame("SELECT count(*) FROM t WHERE \(condition)", seed: seed)
        }
    }

    @Test(arguments: seeds) func joinsAndOrdersAnswerAlike(_ seed: UInt64) throws {
        _ = try fill(rows: 12_000, seed: seed)
        var random = SeededGenerator(seed: seed)
        let keys = ["c_i8", "c_i16", "c_i32", "c_clustered", "c_few", "c_many", "c_date", "c_u8", "c_i64", "c_huge", "c_enum", "c_text"]
        for key in keys {
            try expectSame(
                "SELECT a.id, b.id FROM t a JOIN t b ON a.\(key) = b.\(key) WHERE b.id % 900 = 3 AND a.id % 5 = 0 ORDER BY ALL", seed: seed)
            try expectSame(
                "SELECT count(*), sum(a.id) FROM t a WHERE a.\(key) IN (SELECT \(key) FROM t WHERE id BETWEEN 30 AND 34)", seed: seed)
            let orders = ["ASC NULLS LAST", "DESC NULLS LAST", "ASC NULLS FIRST", "DESC NULLS FIRST"]
            for order in orders.shuffled(using: &random).prefix(2) {
                try expectSame("SELECT id, \(key), c_text FROM t ORDER BY \(key) \(order), id LIMIT 20", seed: seed)
                try expectSame("SELECT \(key) FROM t ORDER BY \(key) \(order) LIMIT 15 OFFSET 300", seed: seed)
                try expectSame("SELECT \(key) FROM t WHERE c_i8 > 0 ORDER BY \(key) \(order) LIMIT 7", seed: seed)
            }
            try expectSame("SELECT \(key), count(*), sum(id) FROM t GROUP BY \(key) ORDER BY ALL", seed: seed)
            try expectSame("SELECT \(key), c_few, count(*), min(c_text) FROM t GROUP BY ALL ORDER BY ALL LIMIT 500", seed: seed)
        }
        try expectSame("SELECT rowid, id FROM t WHERE id > 11000 ORDER BY rowid", seed: seed)
        try expectSame("SELECT min(rowid), max(rowid), count(DISTINCT rowid) FROM t", seed: seed)
        try expectSame("WITH x AS (SELECT c_few, sum(id) s FROM t GROUP BY 1) SELECT * FROM x WHERE s = (SELECT max(s) FROM x)", seed: seed)
        try expectSame("SELECT c_few, id, row_number() OVER (PARTITION BY c_few ORDER BY id) FROM t WHERE id < 900 ORDER BY ALL", seed: seed)
    }

    @Test func rowGroupsAreSkippedByTheirZoneMaps() throws {
        _ = try fill(rows: 24_000, seed: 5, groupRowsMax: 2_000)
        try connection.execute("USE lbx.public")
        func skipped(_ sql: String) throws -> (read: Int, total: Int) {
            let plan = try connection.rows("EXPLAIN ANALYZE \(sql)").map { "\($0)" }.joined()
            let words = plan.split(whereSeparator: { $0 == " " || $0 == "│" || $0 == "\\" || $0 == "n" || $0 == ":" || $0 == "\n" }).map(String.init)
            let index = try #require(words.firstIndex(of: "Read"), "\(plan)")
            let numbers = words[index...].compactMap { Int($0) }
            return (numbers[0], numbers[1])
        }
        let few = try skipped("SELECT sum(c_i32) FROM t WHERE id BETWEEN 15000 AND 15010")
        #expect(few.total > 10)
        #expect(few.read <= 2)
        let all = try skipped("SELECT sum(c_i32) FROM t WHERE id >= 0 AND c_i8 > 3")
        #expect(all.read == all.total)
        let joined = try skipped("SELECT sum(t.c_i32) FROM t JOIN (SELECT 18000 + i AS k FROM range(5) r(i)) x ON t.id = x.k")
        #expect(joined.read <= 2)
        let top = try skipped("SELECT id FROM t WHERE c_i8 IS NOT NULL ORDER BY id DESC LIMIT 5")
        #expect(top.read < top.total)
    }

    @Test func anEmptyRelationAnswers() throws {
        try catalog.publish([
            .put(schema: "public", name: "empty", RelationSnapshot(columns: [.init("a", .integer), .init("b", .varchar)], rowGroups: []))
        ])
        try connection.execute("USE lbx.public")
        #expect(try connection.rows("SELECT count(*), sum(a), max(b) FROM empty") == [[0, .null, .null]])
        #expect(try connection.rows("SELECT * FROM empty WHERE a > 3") == [])
        #expect(try connection.rows("SELECT count(*) FROM empty e JOIN empty f USING (a)") == [[0]])
    }
}
