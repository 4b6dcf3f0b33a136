import SQLSyntax
import Testing

@Suite struct LiftedTextTests {
    private func lifted(_ sql: String) throws -> LiftedText? {
        let split = try SplitText(sql)
        return try LiftedText(split.text, tokens: #require(split.tokens.first))
    }

    @Test func liftsOperands() throws {
        let text = try #require(try lifted("UPDATE t SET a = a + -1234, b = 'it''s' WHERE id = 7 AND m < 1.50;"))
        #expect(text.sql == "UPDATE t SET a = a + $1, b = $2 WHERE id = $3 AND m < $4")
        #expect(text.literals == [.integer(-1234), .string("it's"), .integer(7), .decimal(150, digits: 3, scale: 2)])
        #expect(try lifted("INSERT INTO t VALUES (1, -2.5), (3, 'x')")?.sql == "INSERT INTO t VALUES ($1, $2), ($3, $4)")
        #expect(try lifted("select a-5 from t where b between -1 and 2")?.sql == "select a-$1 from t where b between $2 and $3")
    }

    @Test(arguments: [
        ("SELECT a FROM t WHERE id = 1 ORDER BY 1 LIMIT 5", "SELECT a FROM t WHERE id = $1 ORDER BY 1 LIMIT $2"),
        ("SELECT a FROM t WHERE d > DATE '2020-01-01' AND id = 1", "SELECT a FROM t WHERE d > DATE '2020-01-01' AND id = $1"),
        ("SELECT a FROM t WHERE d = '2020-01-01'::date AND id = 1", "SELECT a FROM t WHERE d = '2020-01-01'::date AND id = $1"),
        ("SELECT a[1] FROM t WHERE id = 1", "SELECT a[1] FROM t WHERE id = $1"),
        ("SELECT a + INTERVAL '1 day' FROM t WHERE id = 1", "SELECT a + INTERVAL '1 day' FROM t WHERE id = $1"),
        ("SELECT a FROM t GROUP BY 1, 2", nil), ("SELECT a FROM t WHERE id = $1 AND b = 2", nil), ("SELECT a FROM t", nil),
        ("SELECT a FROM t WHERE b = E'x' AND id = 1", nil), ("SELECT 1e5", nil), ("SELECT 99999999999999999999", nil), ("SET a = 1", nil),
        ("CREATE TABLE t (a varchar(5))", nil),
    ])
    func leavesWhatDecides(sql: String, text: String?) throws {
        #expect(try lifted(sql)?.sql == text)
    }

    @Test func takesItsOwnTokensOnly() throws {
        let split = try SplitText("SELECT 1; SELECT 'b' ;")
        #expect(split.statements.map(\.sql) == ["SELECT 1", "SELECT 'b'"])
        #expect(LiftedText(split.text, tokens: split.tokens[1])?.literals == [.string("b")])
    }
}
