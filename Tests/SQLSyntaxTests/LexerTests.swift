internal import SQLSyntax
internal import Testing

@Suite struct LexerTests {
    private func kinds(_ sql: String) throws -> [Token.Kind] { try SQLText(sql).tokens.map(\.kind) }
    private func texts(_ sql: String) throws -> [String] {
        let text = try SQLText(sql)
        return text.tokens.dropLast().map { text.string($0) }
    }

    /// Pieces that meet each other's edges, put together at random.
    private static let pieces = [
        "select", "'", "''", "E'\\'", "\"", "U&'\\0061'", "B'1", "X'", "$$", "$a$", "$1", "$x", "/*", "*/", "--", "\n", "::", ":=", ":",
        ".", "..", "1", "1.5e3", "0x1F", "1_000", "e", "+-*/", "@-", "<=>", "->>", "(", ")", "[", "]", "{", "}", ";", ",", "ä", "\u{1F600}", "\0",
        "\\", "?", " ", "\t", "n'", "~", "1e", "$",
    ]

    @Test func isTotal() throws {
        let seed: UInt64 = 20_261_121
        var state = seed
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
        for round in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<next(12) {
                if next(8) == 0 { bytes.append(UInt8(next(256))) } else { bytes += Array(Self.pieces[next(Self.pieces.count)].utf8) }
            }
            let text = try SQLText(bytes: bytes)
            var end = 0
            for token in text.tokens {
                #expect(token.start >= end && token.end <= bytes.count, "seed \(seed), round \(round)")
                #expect(token.end > token.start || token.kind == .end, "seed \(seed), round \(round)")
                end = token.end
            }
            #expect(text.tokens.last?.kind == .end)
            #expect(text.tokens.filter { $0.kind == .end }.count == 1)
            _ = Fingerprint(text)
            for token in text.tokens { _ = (text.name(token), token.kind == .unterminated ? nil : text.stringValue(token)) }
        }
    }

    @Test func readsQuotes() throws {
        let text = try SQLText(#"'it''s' E'a\n\'b\u0041' U&'d\0061t' $x$a$$b$x$ "Q""n" N'n'"#)
        #expect(text.tokens.compactMap { text.stringValue($0) } == ["it's", "a\n'bA", "dat", "a$$b", "n"])
        #expect(text.tokens.compactMap { text.name($0) } == ["Q\"n"])
    }

    @Test func cutsOperatorsAsPostgreSQLDoes() throws {
        #expect(try texts("2*-1") == ["2", "*", "-", "1"])
        #expect(try texts("a@-1") == ["a", "@-", "1"])
        #expect(try texts("a--b\n+c") == ["a", "+", "c"])
        #expect(try texts("a*/**/b") == ["a", "*", "b"])
        #expect(try texts("x::int") == ["x", "::", "int"])
        #expect(try texts("a->>'b'") == ["a", "->>", "'b'"])
        #expect(try texts("l[1:2]") == ["l", "[", "1", ":", "2", "]"])
    }

    @Test func readsNumbers() throws {
        #expect(try kinds("1 1_000 0xFF 1.5 .5 1e10 1.e-3") == [.integer, .integer, .integer, .number, .number, .number, .number, .end])
        #expect(try texts("t.1") == ["t", ".", "1"])
        #expect(try texts("1..2") == ["1", ".", ".2"])
    }

    @Test func nestsComments() throws {
        #expect(try texts("a /* b /* c */ d */ e -- f") == ["a", "e"])
        #expect(try kinds("a /* b /* c */") == [.word, .unterminated, .end])
    }

    @Test func countsCharacters() throws {
        let text = try SQLText("SELECT 'äöü', x")
        #expect(text.position(text.tokens[3]) == 15)
        #expect(text.offset(ofCharacter: 14) == text.tokens[3].start)
    }

    @Test func splitsOutsideQuotes() throws {
        let statements = try splitStatements("  SELECT ';' ; -- ;\n /* ; */ SELECT $$;$$;; ")
        #expect(statements.map(\.sql) == ["SELECT ';'", "SELECT $$;$$"])
        #expect(statements.map(\.offset) == [2, 29])
        #expect(try splitStatements(" -- nothing\n;; ").isEmpty)
    }

    @Test func fingerprintsLiftConstants() throws {
        let a = Fingerprint(try SQLText("SELECT  a,b FROM t -- x\n WHERE c = 'x' AND d IN (1, 2) AND e = $1"))
        let b = Fingerprint(try SQLText("select a, b from T where c='y' and d in (3,4) and e=$1"))
        #expect(a.text == "select a, b from t where c = $2 and d in ($3, $4) and e = $1")
        #expect(a.hash == b.hash && a.text == b.text)
        #expect(a.lifted.count == 3)
        #expect(a.hexadecimal.count == 16)
        #expect(Fingerprint(try SQLText("SELECT \"A\"")).hash != Fingerprint(try SQLText("SELECT a")).hash)
    }
}
