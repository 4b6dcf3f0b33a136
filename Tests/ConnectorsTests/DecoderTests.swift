internal import Base
internal import Columnar
@testable internal import Connectors
internal import Platform
internal import Testing

/// Records in any cut give the same rows, and what does not read is told with its reason.
@Suite struct DecoderTests {
    private let columns: [DataType.Field] = [.init("id", .bigInt), .init("name", .varchar), .init("price", .double)]

    /// Decodes a text that comes in pieces; rows as text, and reasons of bad records with where they begin.
    private func decode(_ text: String, _ format: RecordFormat, cuts: [Int] = []) throws -> (rows: [String], bad: [String]) {
        let decoder = try RecordDecoder(format, columns)
        let builder = try BatchBuilder(columns.map(\.type), capacity: 3)
        let bytes = Array(text.utf8)
        var rows: [String] = []
        var bad: [String] = []
        var block: [UInt8] = []
        var base = 0
        var ends = cuts.filter { $0 < bytes.count }.sorted()
        ends.append(bytes.count)
        var start = 0
        for end in ends {
            block += bytes[start..<end]
            start = end
            var next = 0
            while true {
                let before = next
                next = try decoder.decode(block, from: next, isLast: end == bytes.count, into: builder) { index, reason, raw in
                    bad.append("\(base + index): \(reason)")
                }
                let wasFull = builder.isFull
                if let batch = builder.take() {
                    for row in 0..<batch.rowCount { rows.append(batch.columns.map { show($0, row) }.joined(separator: "|")) }
                }
                if !wasFull || next == before { break }
            }
            block = Array(block[next...])
            base += next
        }
        return (rows, bad)
    }

    private func show(_ column: Column, _ row: Int) -> String {
        guard column.isValid(row) else { return "NULL" }
        switch column.type {
        case .bigInt: return "\(column.load(row, as: Int64.self))"
        case .double: return "\(column.load(row, as: Double.self))"
        default: return column.text(at: row)
        }
    }

    @Test func jsonLines() throws {
        let text = """
            {"id": 1, "name": "a", "price": 1.5}
            {"price":2,"ID":2,"name":"with \\"quotes\\" and \\u00fc","more":{"a":[1,{"b":null}]}}

            {"id":null}
            {}
            {"id":3,"name":{"x":1,"y":[true]},"price":"4.5"}
            {"id":4,"id":5}
            """
        let (rows, bad) = try decode(text, .json)
        #expect(rows == ["1|a|1.5", "2|with \"quotes\" and ü|2.0", "NULL|NULL|NULL", "NULL|NULL|NULL", "3|{\"x\":1,\"y\":[true]}|4.5", "5|NULL|NULL"])
        #expect(bad == [])
    }

    @Test(arguments: [
        ("[1]", "an object is due at byte 0 of the record"), ("{\"id\":1", "the record ends where '}' is due"), ("{\"id\":}", "a value is due"),
        ("{\"id\":1.5}", "column \"id\" is BIGINT, and \"1.5\" is out of its range"), ("{\"id\":\"x\"}", "column \"id\" is BIGINT, which \"x\" is not"),
        ("{\"id\":true}", "column \"id\" is BIGINT, which \"true\" is not"), ("{\"id\":[1]}", "column \"id\" is BIGINT, which \"[1]\" is not"),
        ("{\"id\":1} 2", "text after the object"), ("{\"id\":tru}", "an unknown word"), ("{\"name\":\"x", "a string has no end"),
        ("{\"name\":\"\\q\"}", "an unknown escape"), ("{\"a\":" + String(repeating: "[", count: 300) + "}", "nested deeper than 128"),
        ("nonsense", "an object is due at byte 0 of the record"), ("{\"id\":1-2}", "column \"id\" is BIGINT, which \"1-2\" is not"),
    ])
    func badJSON(_ record: String, _ reason: String) throws {
        let (rows, bad) = try decode("{\"id\":1}\n" + record + "\n{\"id\":2}\n", .json)
        #expect(rows == ["1|NULL|NULL", "2|NULL|NULL"])
        #expect(bad == ["9: " + reason])
    }

    @Test func csv() throws {
        let text = "price,name,other,id\r\n1.5,a,x,1\r\n,\"say \"\"hi\"\", you\",,2\n2,\"two\nlines\",\"\",3\n3,\"\",x,4\n4,5\" pipe,x,5"
        let (rows, bad) = try decode(text, .csv(.init()))
        #expect(rows == ["1|a|1.5", "2|say \"hi\", you|NULL", "3|two\nlines|2.0", "4||3.0", "5|5\" pipe|4.0"])
        #expect(bad == [])
    }

    @Test func csvWithoutHeaderAndOtherMarks() throws {
        let style = RecordFormat.CSVStyle(delimiter: 9, quote: 39, hasHeader: false, null: "\\N")
        let (rows, bad) = try decode("1\t'a\tb'\t\\N\n2\t\\N\n3\tx\t1\t9\nx\tx\t1\n4\t''\t0.5\n5\t'open\t1\n", .csv(style))
        #expect(rows == ["1|a\tb|NULL", "4||0.5"])
        #expect(bad.map { String($0.split(separator: " ", maxSplits: 1)[1]) } == [
            "the line has 2 fields, and there are 3 columns", "the line has more fields than the 3 columns",
            "column \"id\" is BIGINT, which \"x\" is not", "a quoted field has no end",
        ])
    }

    @Test func aHeaderOfOtherColumnsIsAnError() {
        #expect(throws: LeibrixError.self) { try self.decode("a,b\n1,2\n", .csv(.init())) }
    }

    @Test func tooLongRecordsAreSkipped() throws {
        let long = "{\"name\":\"" + String(repeating: "x", count: ConnectorLimits.recordBytesMax + 100) + "\"}"
        let text = "{\"id\":1}\n" + long + "\n{\"id\":2}\n"
        let cuts = [5, 1_000, 900_000, 1_048_700, 1_048_703]
        let (rows, bad) = try decode(text, .json, cuts: cuts)
        #expect(rows == ["1|NULL|NULL", "2|NULL|NULL"])
        #expect(bad.count == 1 && bad[0].hasPrefix("9: the record is longer"))
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64]) func cutsDoNotMatter(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var json = ""
        var csv = "id,name,price\n"
        for id in 0..<60 {
            let names = ["plain", "with \\\"quote\\\"", "ünï", "", "comma, and", "x"]
            let name = names[Int(generator.next() % 6)]
            let broken = generator.next() % 9 == 0
            json += broken ? "{\"id\":\(id),\n" : "{\"id\":\(id),\"name\":\"\(name)\",\"price\":\(generator.next() % 100)}\n"
            let quoted = "\"" + name.split(separator: "\\\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
            csv += broken ? "x,y\n" : "\(id),\(generator.next() % 2 == 0 ? quoted : "\"two\nlines\""),\(generator.next() % 100)\n"
        }
        for (text, format) in [(json, RecordFormat.json), (csv, .csv(.init()))] {
            let whole = try decode(text, format)
            #expect(whole.rows.count + whole.bad.count == 60)
            #expect(!whole.bad.isEmpty || seed == 0)
            let cuts = (0..<20).map { _ in Int(generator.next() % UInt64(text.utf8.count)) }
            let parts = try decode(text, format, cuts: cuts)
            #expect(parts.rows == whole.rows, "seed \(seed)")
            #expect(parts.bad == whole.bad, "seed \(seed)")
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func anyBytesAreTaken(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]\",:\\\n 0123456789.eE+-tfnaul\u{e9}".utf8) + [0, 255]
        for _ in 0..<200 {
            let bytes = (0..<Int(generator.next() % 200)).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
            let text = String(decoding: bytes, as: UTF8.self)
            for format in [RecordFormat.json, .csv(.init(hasHeader: false))] { _ = try decode(text, format, cuts: [50, 51, 120]) }
        }
    }
}
