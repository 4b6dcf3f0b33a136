internal import Base
internal import Columnar
internal import DuckDBKit
internal import Foundation
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Testing

/// Scalar functions over hostile values, each against DuckDB: the same type, and in each row the same value; where DuckDB fails the row is left out.
@Suite struct FunctionOracleTests {
    private static let numbers = [
        "sin(d)", "cos(d)", "tan(d)", "asin(d / 100)", "acos(d / 100)", "atan(d)", "atan2(d, k)", "cot(d)", "cbrt(d)", "sinh(d / 10)", "cosh(d / 10)", "tanh(d)", "asinh(d)", "acosh(d)",
        "atanh(d / 100)", "degrees(d)", "radians(d)", "lgamma(abs(d) + 1)", "gamma(abs(i % 10) + 1)", "log(2, abs(d) + 1)", "log10(d)", "ln(d)", "sqrt(d)", "exp(d / 100)", "pow(d, 2)", "pi()",
        "isnan(d)", "isinf(d)", "isfinite(d)", "signbit(d)", "sign(d)", "sign(m)", "sign(k)", "abs(d)", "abs(m)", "abs(k)", "@d", "~k", "~i", "bit_count(k)", "bit_count(i)", "gcd(k, i)",
        "lcm(i, 6)", "floor(m)", "ceil(m)", "trunc(m)", "round(m)", "round(m, 1)", "round(m, -1)", "round(m, 5)", "round(k % 100000, -2)", "round(i % 100000, -1)", "round(i, 2)", "floor(d)", "ceil(d)", "trunc(d)",
        "round(d)", "round(d, 2)", "round(d, -1)", "fmod(d, 3)", "fdiv(d, 3)", "k % 7", "k // 3", "k / 3", "k & 12", "k | 3", "xor(k, 5)", "i << 2", "k >> 3", "greatest(d, k)", "least(i, m)",
        "CAST(d AS VARCHAR)", "CAST(m AS VARCHAR)", "CAST(k AS DOUBLE)", "TRY_CAST(s AS BIGINT)", "TRY_CAST(s AS DOUBLE)", "TRY_CAST(s AS BOOLEAN)", "TRY_CAST(d AS INTEGER)", "CAST(i AS DECIMAL(12,1))",
        "CAST(m AS INTEGER)", "d IS DISTINCT FROM k", "d = 'nan'::DOUBLE", "d > 1e300", "k + 1", "k - 1", "k * 2", "-k", "i + i", "m * m", "m + 1", "m - k",
    ]
    private static let texts = [
        "reverse(s)", "repeat(s, 2)", "repeat(s, i % 4)", "lpad(s, 7, 'xy')", "rpad(s, 7, 'ä-')", "lpad(s, i % 9, '*')", "ascii(s)", "unicode(s)", "ord(s)", "chr(abs(i) % 500 + 32)", "strlen(s)",
        "bit_length(s)", "length(s)", "concat_ws('-', s, NULL, i)", "concat_ws(s, 'a', 'b')", "concat(s, i, NULL)", "trim(s)", "trim(s, 'ab ')", "ltrim(s, 'Aä')", "rtrim(s, 'c.')", "translate(s, 'abä', 'xy')",
        "translate(s, 'a', 'äöü')", "left(s, 3)", "left(s, -2)", "right(s, 3)", "right(s, -2)", "right(s, 0)", "left(s, i % 5)", "right(s, i % 5)", "s ILIKE 'a%'", "s ILIKE '%Ä%'", "s NOT ILIKE '_b%'",
        "s LIKE 'a%c'", "s LIKE 'a!%%' ESCAPE '!'", "s LIKE '100!%' ESCAPE '!'", "s NOT LIKE '%!_%' ESCAPE '!'", "s GLOB 'a*'", "s GLOB '*[a-c]?'", "s GLOB '[!a]*'", "starts_with(s, 'a')", "s ^@ 'Ab'", "hex(s)",
        "levenshtein(s, 'abc')", "s[2]", "upper(s)", "lower(s)", "substr(s, 2, 3)", "substr(s, -3)", "split_part(s, ' ', 2)", "replace(s, 'a', 'zz')", "position('b' IN s)", "instr(s, 'c')", "contains(s, 'b')",
        "regexp_matches(s, 'a.c')", "regexp_matches(s, '^[a-z]+$')", "regexp_matches(s, 'B', 'i')", "regexp_matches(s, '(a|b)+c')", "regexp_full_match(s, '[[:alpha:] ]*')", "s ~ '[A-Za-z]+ .*'", "s SIMILAR TO 'a(b|c)*'",
        "regexp_extract(s, '[0-9]+')", "regexp_extract(s, '([a-z]+)[^a-z]*([a-z]+)', 2)", "regexp_extract(s, '(x)?a', 1)", "regexp_replace(s, '[aeiou]', '<\\0>')", "regexp_replace(s, '[aeiou]', '_', 'g')",
        "regexp_replace(s, '(\\w)(\\w)', '\\2\\1', 'g')", "regexp_replace(s, 'x*', '-', 'g')", "regexp_matches(s, '\\bof\\b')", "regexp_extract(s, 'a+?')", "regexp_extract(s, 'a{2,3}')", "regexp_matches(s, 'ä')",
        "regexp_replace(s, '\\s+', ' ', 'g')", "regexp_extract(s, '^.{2}')", "regexp_matches(s, '[^\\x00-\\x7f]')", "regexp_extract(s, '(?:ab|a)(?P<rest>.*)', 1)", "regexp_matches(s, '(?i)ABC')",
        "s || '!'", "s < 'b'", "s = ''", "md.s IS NULL", "nullif(s, '')", "coalesce(s, 'none')", "CASE WHEN length(s) > 3 THEN left(s, 3) ELSE s END", "if(b, s, 'no')",
    ].map { $0.replacingOccurrences(of: "md.s", with: "s") }
    private static let times = [
        "week(ts)", "weekofyear(ts)", "yearweek(ts)", "isoyear(ts)", "century(ts)", "decade(ts)", "millennium(ts)", "era(ts)", "dayname(ts)", "monthname(ts)", "last_day(ts)", "last_day(dt)", "dayname(dt)",
        "date_diff('day', ts, TIMESTAMP '2021-05-05 12:00')", "date_diff('month', ts, TIMESTAMP '2021-05-05')", "date_diff('week', dt, DATE '2021-05-05')", "date_diff('year', ts, dt)",
        "date_diff('quarter', ts, TIMESTAMP '2021-05-05')", "date_diff('hour', ts, TIMESTAMP '2021-05-05')", "date_sub('hour', ts, TIMESTAMP '2021-05-05')", "date_sub('day', ts, TIMESTAMP '2021-05-05 11:00')",
        "time_bucket(INTERVAL '5 minutes', ts)", "time_bucket(INTERVAL '7 days', ts)", "epoch_ms(ts)", "epoch_us(ts)", "epoch(ts)", "make_timestamp(epoch_us(ts))", "epoch_ms(k % 100000000)", "dt - DATE '2000-01-01'",
        "dt + 3", "dt - 5", "date_part('week', ts)", "date_part('isoyear', dt)", "extract(year FROM ts)", "extract(dow FROM dt)", "date_trunc('week', ts)", "date_trunc('quarter', ts)", "strftime(ts, '%Y-%m-%d %H:%M:%S')",
        "CAST(ts AS DATE)", "CAST(dt AS TIMESTAMP)", "CAST(ts AS VARCHAR)", "ts + INTERVAL '1 month'", "ts - INTERVAL '90 minutes'", "TRY_CAST(CAST(dt AS VARCHAR) AS DATE)", "TRY_CAST(strftime(ts, '%Y-%m-%d %H:%M:%S') AS TIMESTAMP)",
        "quarter(ts)", "dayofyear(ts)", "isodow(ts)", "ts < dt", "hour(ts)",
    ]

    private final class Rows {
        var rows: [Int64: Value] = [:]
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacingOccurrences(of: "'", with: "''") + "'" }

    private func table() throws -> Connection {
        let connection = try Database(DatabaseConfiguration(threads: 1)).connect()
        let texts = [
            "NULL", "''", "'abc'", "'Abc def'", "'a text of more than twelve bytes'", "'bär Änderung ÄÖÜ'", "'日本語 text'", "'  spaces  '", "'123'", "'-4.5e3'", "'true'", "'a%c'", "'100%'", "'a_b'", "'xaaab'",
            "'aac c a'", "'x'", "'line' || chr(10) || 'end'", "'[a] (b) {c}'", "'out of order'",
        ]
        let doubles = ["NULL", "0", "'-0.0'", "1.5", "-2.5", "2.5", "'nan'", "'inf'", "'-inf'", "1e308", "-1e-300", "3.14159", "100", "12345.678", "-99.995"]
        let ints = ["NULL", "0", "1", "-1", "9223372036854775807", "'-9223372036854775808'", "42", "-17", "1000000", "12", "1250", "-1249"]
        let pick = { (items: [String], salt: Int, type: String) in
            "(CASE (hash(n * 64 + \(salt)) % \(items.count))::BIGINT " + items.enumerated().map { "WHEN \($0.offset) THEN \($0.element)::\(type)" }.joined(separator: " ") + " END)"
        }
        try connection.execute(
            """
            CREATE TABLE events AS SELECT n, \(pick(ints, 1, "BIGINT")) AS k,
              \(pick(["NULL", "0", "7", "-8", "2147483647", "'-2147483648'", "35", "120"], 2, "INTEGER")) AS i, \(pick(doubles, 3, "DOUBLE")) AS d,
              \(pick(["NULL", "0", "12.75", "-12.75", "0.5", "-0.5", "99999999.99", "-99999999.99", "15"], 4, "DECIMAL(10,2)")) AS m, \(pick(texts, 5, "VARCHAR")) AS s,
              \(pick(["NULL", "true", "false"], 6, "BOOLEAN")) AS b,
              \(pick(["NULL", "'2021-01-03 23:59:59.999999'", "'1969-12-31 23:59:59.5'", "'2000-02-29 12:00:00'", "'0001-01-01'", "'9999-12-31 23:59:59'", "'1582-10-15 01:02:03'", "'2024-12-30 06:00:00'"], 7, "TIMESTAMP")) AS ts,
              \(pick(["NULL", "'2021-01-31'", "'1970-01-01'", "'0044-03-15'", "'2024-02-29'", "'1900-12-31'"], 8, "DATE")) AS dt
            FROM range(400) t(n)
            """)
        return connection
    }

    private static let fields: [DataType.Field] = [
        .init("n", .bigInt), .init("k", .bigInt), .init("i", .integer), .init("d", .double), .init("m", .decimal(width: 10, scale: 2)), .init("s", .varchar), .init("b", .boolean),
        .init("ts", .timestamp), .init("dt", .date),
    ]

    private static func isClose(_ a: Value, _ b: Value) -> Bool {
        guard case .double(let x) = a, case .double(let y) = b else { return a == b }
        return x == y || x.isNaN && y.isNaN || abs(x - y) <= 1e-9 * max(abs(x), abs(y), 1e-300)
    }

    @Test(arguments: [numbers, texts, times]) func equalsDuckDB(_ expressions: [String]) throws {
        let connection = try table()
        let engine = StreamEngine()
        try engine.createSource(SourceDefinition("events", Self.fields))
        var made: [(sql: String, out: Rows, type: DataType)] = []
        for (number, expression) in expressions.enumerated() {
            let sql = "SELECT n, \(expression) AS x FROM events"
            let tree = try connection.rows("SELECT json_serialize_sql(\(Self.quoted(sql)))")
            guard case .string(let text) = tree[0][0] else { continue }
            do {
                try engine.createStream("out\(number)", try Query.decode(serialized: text)[0])
            } catch {
                Issue.record("\(expression): \(error)")
                continue
            }
            let out = Rows()
            _ = try engine.subscribe("out\(number)") { chunk in
                for row in 0..<chunk.count { if case .integer(let n) = chunk.value(0, row) { out.rows[n] = chunk.value(1, row) } }
            }
            made.append((expression, out, try engine.columns(of: "out\(number)")[1].type))
        }
        var result = try connection.query("SELECT * FROM events")
        while let batch = try result.next() { try engine.source("events").push(batch) }
        for (expression, out, type) in made {
            let expected = try connection.rows("SELECT n, TRY(\(expression)) FROM events")
            let name = try connection.rows("SELECT typeof(\(expression)) FROM events LIMIT 1")
            #expect(name[0][0] == .string(type.description), "\(expression) is \(type) here")
            var wrong = 0
            var first = ""
            for row in expected {
                guard case .integer(let n) = row[0] else { continue }
                // A row that is left out has failed, which TRY shows as NULL.
                let isRight = out.rows[n].map { Self.isClose($0, row[1]) } ?? row[1].isNull
                if isRight { continue }
                wrong += 1
                if first.isEmpty { first = "\(out.rows[n].map { "\($0)" } ?? "nothing") instead of \(row[1]) for \(try connection.rows("SELECT k, i, d, m, s, ts, dt FROM events WHERE n = \(n)"))" }
            }
            #expect(wrong == 0, "\(expression): \(wrong) rows, \(first)")
            #expect(!out.rows.isEmpty, "\(expression)")
        }
    }
}
