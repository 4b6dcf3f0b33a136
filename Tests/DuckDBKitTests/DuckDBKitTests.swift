import Base
import Columnar
import DuckDBKit
import Platform
import Synchronization
import Testing

private final class Flag: Sendable {
    let isSet = Atomic(false)
}

@Suite struct ConnectionTests {
    let connection: Connection

    init() throws { connection = try Database(DatabaseConfiguration(threads: 2)).connect() }

    /// Literals of every type, and what they must come back as.
    static let samples: [(sql: String, type: DataType, value: Value)] = [
        ("true", .boolean, true), ("(-5)::TINYINT", .tinyInt, -5), ("(-300)::SMALLINT", .smallInt, -300),
        ("7", .integer, 7), ("(1::BIGINT << 40)", .bigInt, .integer(1 << 40)), ("250::UTINYINT", .unsignedTinyInt, .unsigned(250)),
        ("65000::USMALLINT", .unsignedSmallInt, .unsigned(65_000)), ("4000000000::UINTEGER", .unsignedInteger, .unsigned(4_000_000_000)),
        ("18446744073709551615::UBIGINT", .unsignedBigInt, .unsigned(.max)),
        ("(-170141183460469231731687303715884105727)::HUGEINT", .hugeInt, .hugeInt(-Int128.max)),
        ("340282366920938463463374607431768211455::UHUGEINT", .unsignedHugeInt, .unsignedHugeInt(.max)),
        ("1.5::FLOAT", .real, .real(1.5)), ("'-inf'::DOUBLE", .double, .double(-.infinity)),
        ("-1.50::DECIMAL(4,2)", .decimal(width: 4, scale: 2), .decimal(-150, width: 4, scale: 2)),
        ("12345.678::DECIMAL(9,3)", .decimal(width: 9, scale: 3), .decimal(12_345_678, width: 9, scale: 3)),
        ("1::DECIMAL(18,0)", .decimal(width: 18, scale: 0), .decimal(1, width: 18, scale: 0)),
        ("-99999999999999999999.5::DECIMAL(38,1)", .decimal(width: 38, scale: 1), .decimal(-999_999_999_999_999_999_995, width: 38, scale: 1)),
        ("'short'", .varchar, "short"), ("'longer than twelve bytes'", .varchar, "longer than twelve bytes"),
        ("'\\x00\\xFFab'::BLOB", .blob, .blob([0, 255, 97, 98])), ("'01011'::BIT", .bit, "01011"),
        ("DATE '1969-12-31'", .date, .date(-1)), ("TIME '12:34:56.789012'", .time, .time(45_296_789_012)),
        ("'01:02:03+05:30'::TIMETZ", .timeTZ, .timeTZ(3_723_000_000, offset: 19_800)),
        ("TIMESTAMP '1970-01-02 00:00:00.000001'", .timestamp, .timestamp(86_400_000_001)),
        ("'1970-01-02'::TIMESTAMP_S", .timestampSeconds, .timestamp(86_400_000_000)),
        ("'1970-01-02'::TIMESTAMP_MS", .timestampMillis, .timestamp(86_400_000_000)),
        ("'1970-01-01 00:00:00.000000007'::TIMESTAMP_NS", .timestampNanos, .timestampNanos(7)),
        ("'1970-01-01 00:00:01+00'::TIMESTAMPTZ", .timestampTZ, .timestampTZ(1_000_000)),
        ("INTERVAL '1 month 2 days 3 microseconds'", .interval, .interval(months: 1, days: 2, micros: 3)),
        ("'00112233-4455-6677-8899-aabbccddeeff'::UUID", .uuid, .uuid(0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF)),
        ("'b'::ENUM('a','b')", .enumeration(["a", "b"]), "b"), ("[1, NULL, 3]", .list(.integer), .list([1, .null, 3])),
        ("[1, 2]::INTEGER[2]", .array(.integer, size: 2), .list([1, 2])),
        (
            "{'a': 1, 'b': ['x']}", .structure([.init("a", .integer), .init("b", .list(.varchar))]),
            .structure([.init("a", 1), .init("b", .list(["x"]))])
        ),
        ("MAP {'k': 2}", .map(key: .varchar, value: .integer), .map([.init("k", 2)])),
        ("union_value(n := 5)", .union([.init("n", .integer)]), 5), ("'{\"a\":1}'::JSON", .json, "{\"a\":1}"),
    ]

    @Test(arguments: samples.indices) func everyTypeIsRead(_ index: Int) throws {
        let sample = Self.samples[index]
        var result = try connection.query("SELECT * FROM (VALUES (\(sample.sql)), (NULL)) t(v)")
        #expect(result.columns == [DataType.Field("v", sample.type)])
        let batch = try #require(try result.next())
        #expect(batch.value(row: 0, column: 0) == sample.value)
        #expect(batch.value(row: 1, column: 0) == .null)
    }

    @Test(arguments: samples.indices) func everyTypeIsBoundAndSpelled(_ index: Int) throws {
        let sample = Self.samples[index]
        let cast = "\(sample.type)"
        if case .union = sample.type { return }
        let bound = try connection.rows("SELECT CAST($1 AS \(cast)) IS NOT DISTINCT FROM \(sample.sql)", [sample.value])
        #expect(bound == [[true]])
        let spelled = try connection.rows("SELECT CAST(\(sample.value.duckDBLiteral) AS \(cast)) IS NOT DISTINCT FROM \(sample.sql)")
        #expect(spelled == [[true]])
    }

    @Test func streamingGivesTheSameRows() throws {
        let sql = "SELECT i, i::VARCHAR || ' is a number of some length' FROM range(100000) t(i)"
        var count = 0
        var result = try connection.query(sql, streaming: true)
        while let batch = try result.next() {
            for row in 0..<batch.rowCount {
                guard batch.value(row: row, column: 0) == .integer(Int64(count)) else { Issue.record("row \(count)"); return }
                count += 1
            }
        }
        #expect(count == 100_000)
    }

    @Test func preparedStatementsTellTypes() throws {
        let statement = try connection.prepare("SELECT $1::INTEGER + 1 AS next, upper($2::VARCHAR) AS name")
        #expect(statement.parameterTypes == [.integer, .varchar])
        #expect(statement.columns == [.init("next", .integer), .init("name", .varchar)])
        #expect(statement.kind == .select)
        try statement.bind(0, 41)
        try statement.bind(1, "a")
        var result = try statement.execute()
        #expect(try result.next()?.row(0) == [42, "A"])
    }

    @Test func errorsCarryCodePositionAndHint() throws {
        func failure(_ sql: String) -> LeibrixError? {
            do throws(LeibrixError) {
                _ = try connection.rows(sql)
                return nil
            } catch { return error }
        }
        try connection.execute("CREATE TABLE orders(o_key INTEGER)")
        let column = try #require(failure("SELECT é, o_kex FROM (SELECT 1 AS é, o_key FROM orders)"))
        #expect(column.code == .undefinedColumn)
        #expect(column.position == 11)
        #expect(failure("SELECT * FROM order_s")?.code == .undefinedRelation)
        #expect(failure("SELECT * FROM order_s")?.hint?.contains("orders") == true)
        #expect(failure("SELEC 1")?.code == .syntax)
        #expect(failure("SELECT 1\n  FROM FROM x")?.position == 17)
        #expect(failure("SELECT nofunction(1)")?.code == .undefinedFunction)
        #expect(failure("SELECT 'x'::INTEGER")?.code == .invalidValue)
        #expect(failure("SELECT 1 GROUP BY")?.code == .syntax)
        #expect(failure("SELECT o_key, count(*) FROM orders")?.code == .grouping)
        #expect(failure("SELECT * FROM nowhere.orders")?.code == .undefinedSchema || failure("SELECT * FROM nowhere.orders")?.code == .undefinedRelation)
    }

    /// The interrupting loop has a thread of its own: other tests may hold every thread of the cooperative pool.
    @Test func interruptEndsALongStatement() throws {
        let connection = connection
        let flag = Flag()
        let pool = BlockingPool(name: "interrupt", threads: 1)
        pool.start { while !flag.isSet.load(ordering: .relaxed) { connection.interrupt() } }
        defer { flag.isSet.store(true, ordering: .relaxed) }
        #expect(throws: LeibrixError.self) {
            _ = try connection.rows("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3")
        }
    }

    @Test func resultsAreArrowToo() throws {
        var result = try connection.query("SELECT i, i::VARCHAR AS t, [i] AS l FROM range(3000) t(i)")
        var rows = 0
        while let batch = try result.nextArrow() {
            #expect(batch.formats == ["l", "u", "+l"])
            rows += batch.rowCount
        }
        #expect(rows == 3_000)
    }

    @Test func tableNamesAreFound() throws {
        let names = try connection.tableNames(of: "SELECT * FROM a.b JOIN c ON x = y WHERE EXISTS (SELECT 1 FROM \"D d\")")
        #expect(Set(names) == ["a.b", "c", "\"D d\""])
        #expect(try Set(connection.tableNames(of: "SELECT * FROM a.b AS x, \"D d\" \"y z\"(k), c")) == ["a.b", "c", "\"D d\""])
    }
}
