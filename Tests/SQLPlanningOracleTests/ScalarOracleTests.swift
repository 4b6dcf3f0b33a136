// The evaluator beside DuckDB, row by row: the same expressions over the same random rows.
import Base
import Columnar
import DuckDBKit
import Platform
import SQLPlanning
import Testing

@Suite struct ScalarOracleTests {
    static let seed: UInt64 = 20_261_121
    static let oracle = try? Oracle(seed: seed, rows: 2_000)

    static let arithmetic = [
        "s + 1", "s + 100000", "i + 1", "i + j", "i - j", "i * j", "l + i", "l * l", "s * s", "-s", "-i", "-l", "abs(s)", "abs(l)", "i % j", "i % 7",
        "l // 3", "i // j", "i / j", "i / 2", "l / 4", "i & 12", "i | j", "mod(l, i)", "f + g", "f - 1", "f * g", "f / g", "f % g", "r + r", "r * 2",
        "r + f", "r + i", "i + f", "-f", "abs(f)", "abs(r)", "d + 1", "d + i", "d - e", "e * e", "d * e", "d * 2", "d + s", "d / 3", "d / i", "d + f", "-d",
        "abs(e)", "1.5 + d", "i + 1.5", "i * 1.25", "round(f)", "round(d)", "round(e)", "round(i)", "floor(f)", "floor(d)", "ceil(e)", "ceiling(f)", "floor(i)",
        "round(f, 1)", "round(f, -1)", "+i", "i + j * 2 - l", "(i + j) % 5 = 0",
    ]
    static let logic = [
        "i = j", "i <> 3", "i < l", "s >= j", "d > e", "d = 1.15", "d < i", "f > i", "f = g", "r = f", "r < 1.5", "e <= f", "v = w", "v < w", "v >= 'ab'", "y = z",
        "y < t", "t >= u", "y > DATE '2026-01-31'", "t < TIMESTAMP '2026-03-31 10:30:00.5'", "y = '2026-01-31'", "t > '2026-03-31 10:00:00'", "b = c", "n < n",
        "n = INTERVAL '1 month'", "i IS DISTINCT FROM j", "i IS NOT DISTINCT FROM NULL", "v IS DISTINCT FROM 'a'", "i IS NULL", "v IS NOT NULL", "b AND c",
        "b OR c", "NOT b", "b AND c OR NOT b AND i > 0", "b IS TRUE", "c IS NOT TRUE", "i IN (1, 2, 3)", "i NOT IN (1, 2)", "i IN (1, NULL)", "i NOT IN (1, NULL)",
        "v IN ('a', 'ab')", "l IN (1, 4294967296)", "d IN (1, 2.25, 0.01)", "s IN (1, 40000)", "i BETWEEN 1 AND 5", "i NOT BETWEEN j AND l", "f BETWEEN 0 AND 2.5",
        "y BETWEEN '2026-01-01' AND '2026-02-28'", "i > 1 AND 10 // i > 2", "CASE WHEN i > 0 THEN i ELSE -1 END", "CASE WHEN b THEN 1 ELSE 2.5 END",
        "CASE i WHEN 1 THEN 'one' WHEN 2 THEN 'two' END", "CASE WHEN i <> 0 THEN 10 // i END", "CASE WHEN b THEN s ELSE l END", "COALESCE(i, j, 0)",
        "COALESCE(s, l)", "COALESCE(v, w, 'none')", "COALESCE(i, 1.5)", "NULLIF(i, 1)", "NULLIF(v, 'a')", "NULLIF(i, j)", "greatest(i, j)", "least(i, l)",
        "greatest(d, e)", "greatest(f, i)", "least(v, w)", "greatest(y, z)", "greatest(i, 2.5)", "CASE WHEN b THEN CASE WHEN c THEN 1 ELSE 2 END ELSE 3 END",
    ]
    static let textAndCasts = [
        "v || w", "v || 'x'", "v || i", "i || v", "v || d", "v || y", "v || t", "v || b", "v LIKE 'a%'", "v LIKE '%b%'", "v LIKE '_B%'", "v NOT LIKE '%a_c%'",
        "v LIKE w", "v ILIKE 'AB%'", "v ILIKE 'ÜN%'", "lower(v)", "upper(v)", "length(v)", "strlen(v)", "trim(v)", "ltrim(v)", "rtrim(v)", "substr(v, 2)",
        "substr(v, 2, 3)", "substr(v, -2)", "substr(v, -3, 2)", "substr(v, 0, 2)", "substr(v, i, j)", "substring(v, i)", "i::VARCHAR", "d::VARCHAR", "e::VARCHAR",
        "b::VARCHAR", "y::VARCHAR", "t::VARCHAR", "i::SMALLINT", "l::INTEGER", "i::BIGINT", "f::INTEGER", "f::BIGINT", "r::INTEGER", "d::INTEGER", "e::SMALLINT",
        "i::DOUBLE", "l::DOUBLE", "d::DOUBLE", "e::FLOAT", "f::FLOAT", "r::DOUBLE", "l::FLOAT", "i::DECIMAL(5,2)", "d::DECIMAL(10,1)", "e::DECIMAL(4,0)",
        "d::DECIMAL(18,5)", "f::DECIMAL(10,2)", "f::DECIMAL(3,0)", "r::DECIMAL(10,3)", "l::DECIMAL(18,0)", "b::INTEGER", "i::BOOLEAN", "y::TIMESTAMP", "t::DATE",
        "t::TIME", "t::TIME::VARCHAR", "'12'::INTEGER + i", "'1.25'::DECIMAL(5,2) + d", "y + 5", "y - 3", "y + i", "5 + y", "y - z", "t - u", "y + n", "y - n", "t + n",
        "n + t", "t - n", "n + n", "n - n", "-n", "t::TIME + n", "t::TIME - n", "y + INTERVAL '1 month'", "t - INTERVAL '1 day 2 hours'",
    ]

    @Test(arguments: [arithmetic, logic, textAndCasts].flatMap { $0 })
    func theEvaluatorAgreesWithDuckDB(_ sql: String) throws {
        let oracle = try #require(Self.oracle)
        guard let program = try oracle.program(sql) else {
            // INTERVAL literals are casts of text that DuckDB reads.
            #expect(sql.contains("INTERVAL '"), "\(sql) is not bound")
            return
        }
        let differences = try oracle.differences(sql, program)
        #expect(differences.isEmpty, "seed \(Self.seed), \(sql): \(differences.count) rows, \(differences.prefix(2).joined(separator: "; "))")
    }

    /// What is refused goes to DuckDB; what is taken agrees with it.
    @Test func generatedExpressionsAgree() throws {
        let oracle = try #require(Self.oracle)
        let seed = Random.integer(UInt64.self)
        var generator = SeededGenerator(seed: seed)
        var bound = 0
        for _ in 0..<200 {
            let sql = ExpressionGenerator.boolean(depth: 3, &generator)
            guard let program = try oracle.program(sql) else { continue }
            bound += 1
            let differences = try oracle.differences(sql, program)
            #expect(differences.isEmpty, "seed \(seed), \(sql): \(differences.prefix(2).joined(separator: "; "))")
        }
        #expect(bound > 150, "seed \(seed): \(bound) bound")
    }

    @Test(arguments: [
        "l::VARCHAR::BIGINT + 1", "f || 'x'", "v::INTEGER", "v = 1", "t::TIMESTAMPTZ", "sum(i)", "row_number() OVER ()", "(SELECT 1)", "missing", "md5(v)",
        "i = 'abc'", "rows.missing", "[1, 2]", "i ** 2", "TRY_CAST(i AS SMALLINT)", "now()::VARCHAR", "random()",
    ])
    func theRestIsLeftToDuckDB(_ sql: String) throws {
        let oracle = try #require(Self.oracle)
        #expect(try oracle.program(sql) == nil)
    }
}

enum ExpressionGenerator {
    static func boolean(depth: Int, _ generator: inout SeededGenerator) -> String {
        if depth == 0 { return ["b", "c", "i > 1", "v IS NULL", "d < 2.5", "f = g"].randomElement(using: &generator)! }
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return "(\(boolean(depth: depth - 1, &generator)) AND \(boolean(depth: depth - 1, &generator)))"
        case 1: return "(\(boolean(depth: depth - 1, &generator)) OR \(boolean(depth: depth - 1, &generator)))"
        case 2: return "NOT (\(boolean(depth: depth - 1, &generator)))"
        case 3: return "(\(number(depth: depth - 1, &generator)) IN (\(number(depth: 0, &generator)), 1, \(number(depth: 0, &generator))))"
        default:
            let comparison = ["=", "<>", "<", ">=", "IS DISTINCT FROM"].randomElement(using: &generator)!
            return "(\(number(depth: depth - 1, &generator)) \(comparison) \(number(depth: depth - 1, &generator)))"
        }
    }

    static func number(depth: Int, _ generator: inout SeededGenerator) -> String {
        if depth == 0 { return ["(s % 7)", "(i % 10)", "(j % 10)", "(l % 100)", "e", "f", "1", "-3", "2.5"].randomElement(using: &generator)! }
        let left = number(depth: depth - 1, &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return "CASE WHEN \(boolean(depth: depth - 1, &generator)) THEN \(left) ELSE \(number(depth: depth - 1, &generator)) END"
        case 1: return "COALESCE(\(left), \(number(depth: depth - 1, &generator)))"
        case 2: return "greatest(\(left), \(number(depth: 0, &generator)))"
        default:
            return "(\(left) \(["+", "-", "*"].randomElement(using: &generator)!) \(number(depth: 0, &generator)))"
        }
    }
}
