// Every type, as PostgreSQL 15 writes it.
import Base
import Catalog
import Columnar
import DuckDBKit
@testable import PostgresDoor
import Reactor
import Testing

@Suite struct FormatTests {
    private func rows(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    }

    private func encode(_ batch: Batch, _ format: WireFormat, context: FormatContext = FormatContext()) throws(LeibrixError) -> [[[UInt8]?]] {
        let out = ByteBuffer()
        let encoder = RowEncoder(formats: batch.columns.map { _ in format }, layout: .dataRows, rows: batch.rowCount, context: context)
        var next = 0
        while next < batch.rowCount { next = try encoder.encode(batch, from: next, to: batch.rowCount, into: out) }
        var rows: [[[UInt8]?]] = []
        while out.count > 0 {
            let length = Int(out.integer(at: 1, as: Int32.self))
            rows.append(Message(type: "D", body: out.bytes(at: 5, count: length - 4)).row)
            out.consume(length + 1)
        }
        return rows
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }

    @Test func valuesAreWrittenAsPostgreSQLDoes() throws {
        let database = try Database()
        let connection = try database.connect()
        try connection.execute("SET TimeZone = 'UTC'")
        for row in rows(Golden.values) {
            var result = try connection.query("SELECT \(row[0])")
            let type = result.columns[0].type
            let batch = try #require(try result.next())
            #expect(type.postgres.oid == UInt32(row[1]), "\(row[0])")
            let text = try encode(batch, .text)[0][0] ?? []
            #expect(String(decoding: text, as: UTF8.self) == row[2], "\(row[0])")
            let binary = try encode(batch, .binary)[0][0] ?? []
            #expect(hex(binary) == row[3], "\(row[0])")
        }
    }

    @Test func fewRowsAreWrittenAsManyAre() throws {
        let connection = try Database().connect()
        try connection.execute("SET TimeZone = 'UTC'")
        var direct = 0
        for row in rows(Golden.values) {
            var result = try connection.query("SELECT v FROM (VALUES (\(row[0])), (NULL)) AS t(v)")
            let batch = try #require(try result.next())
            for format in [WireFormat.text, .binary] {
                let out = ByteBuffer()
                out.append(UInt8(7))
                guard DirectRows.append(batch, batch.columns.map { _ in format }, to: out) else {
                    #expect(out.count == 1, "nothing is left behind: \(row[0])")
                    continue
                }
                direct += 1
                out.consume(1)
                let whole = ByteBuffer()
                let encoder = RowEncoder(formats: batch.columns.map { _ in format }, layout: .dataRows, rows: batch.rowCount, context: FormatContext())
                _ = try encoder.encode(batch, from: 0, to: batch.rowCount, into: whole)
                #expect(out.bytes(at: 0, count: out.count) == whole.bytes(at: 0, count: whole.count), "\(row[0])")
            }
        }
        #expect(direct > 20)
    }

    @Test func parametersReadBackWhatWasWritten() throws {
        let database = try Database()
        let connection = try database.connect()
        try connection.execute("SET TimeZone = 'UTC'")
        let decoder = ParameterDecoder(context: FormatContext())
        for row in rows(Golden.values) where !row[0].hasPrefix("{") {
            var result = try connection.query("SELECT \(row[0])")
            let type = result.columns[0].type
            let batch = try #require(try result.next())
            let binary = try encode(batch, .binary)[0][0] ?? []
            let text = Array(row[2].utf8)
            guard !row[0].contains("'nan'") else { continue }
            let fromText = try decoder.value(text, .text, type)
            let fromBinary = try decoder.value(binary, .binary, type)
            #expect(same(fromText, fromBinary), "\(row[0]): \(fromText) \(fromBinary)")
            if type == .double || type == .integer || type == .date || type == .timestamp || type == .uuid || type == .interval {
                #expect(fromText == batch.value(row: 0, column: 0), "\(row[0])")
            }
        }
    }

    /// Decimals of different scales, and integers of different widths, may be the same number.
    private func same(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.list(let a), .list(let b)): return a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
        default: return number(a) == number(b)
        }
    }

    private func number(_ value: Value) -> Value {
        switch value {
        case .decimal(var digits, _, var scale):
            while scale > 0 && digits % 10 == 0 {
                digits /= 10
                scale -= 1
            }
            return scale == 0 ? .hugeInt(digits) : .decimal(digits, width: 38, scale: scale)
        case .integer(let value): return .hugeInt(Int128(value))
        case .timestampNanos(let nanos): return .timestamp(nanos / 1_000)
        case .unsigned(let value): return .hugeInt(Int128(value))
        case .unsignedHugeInt(let value): return Int128(exactly: value).map { .hugeInt($0) } ?? .unsignedHugeInt(value)
        default: return value
        }
    }

    @Test func intervalsInEveryStyle() throws {
        for row in rows(Golden.intervals) {
            let style = try #require(IntervalStyle(setting: row[0]))
            let out = ByteBuffer()
            unsafe out.withFreeSpace(IntervalText.slot) { space in
                unsafe IntervalText.write(
                    months: Int32(row[1])!, days: Int32(row[2])!, micros: Int64(row[3])!, style: style, to: space.assumingMemoryBound(to: UInt8.self))
            }
            #expect(String(decoding: out.bytes(at: 0, count: out.count), as: UTF8.self) == row[4], "\(row)")
            if style != .sqlStandard {
                let back = try IntervalInput.value(row[4])
                #expect(back == .interval(months: Int32(row[1])!, days: Int32(row[2])!, micros: Int64(row[3])!), "\(row)")
            }
        }
    }

    @Test func zonesOfTheSystem() throws {
        for row in rows(Golden.zones) {
            let zone = try #require(TimeZone(named: row[0]))
            let micros = Int64(row[1])!
            let out = ByteBuffer()
            unsafe out.withFreeSpace(TemporalText.slot) { space in
                unsafe TemporalText.timestamp(micros, offset: zone.offset(atMicros: micros), to: space.assumingMemoryBound(to: UInt8.self))
            }
            #expect(String(decoding: out.bytes(at: 0, count: out.count), as: UTF8.self) == row[2], "\(row)")
            #expect(try TemporalInput(zone: .utc).value(row[2], .timestampTZ) == .timestampTZ(micros), "\(row)")
        }
        #expect(TimeZone(named: "../etc/passwd") == nil)
        #expect(TimeZone(named: "Nowhere/Land") == nil)
    }

    @Test func doublesAreShortestAndReadBack() throws {
        var random = SeededBits(seed: 20_261_121)
        for _ in 0..<20_000 {
            for value in [Double(bitPattern: random.next()), Double(Int64(truncatingIfNeeded: random.next() % 100_000_000)) / 1_000] where value.isFinite {
                let out = ByteBuffer()
                unsafe out.withFreeSpace(FloatText.slot) { space in unsafe FloatText.double(value, to: space.assumingMemoryBound(to: UInt8.self)) }
                let text = String(decoding: out.bytes(at: 0, count: out.count), as: UTF8.self)
                #expect(Double(text) == value, "\(text)")
                #expect(text.filter(\.isNumber).count <= value.description.filter(\.isNumber).count + 15, "\(text) \(value)")
            }
        }
    }

    @Test func whatIsNoValueIsRefused() {
        let decoder = ParameterDecoder(context: FormatContext())
        let bad: [(String, DataType, String)] = [
            ("", .integer, "22P02"), ("1.5", .integer, "22P02"), ("99999999999", .integer, "22003"), ("maybe", .boolean, "22P02"),
            ("1e400", .double, "22003"), ("0x1p3", .double, "22P02"), ("1..2", .decimal(width: 10, scale: 2), "22P02"),
            ("2026-02-30", .date, "22008"), ("2026-13-01", .date, "22008"), ("yesterday", .date, "22007"), ("25:00:00", .time, "22007"),
            ("2026-01-01 10:00:00 Mars/North", .timestampTZ, "22007"), ("1 fortnight", .interval, "22007"), ("xyz", .uuid, "22P02"),
            ("{1,2", .list(.integer), "22P02"), ("{1,,2}", .list(.integer), "22P02"), ("{a}", .list(.integer), "22P02"), ("\\x0", .blob, "22P02"),
            ("10102", .bit, "22P02"), (String(repeating: "9", count: 60), .decimal(width: 38, scale: 0), "22003"),
        ]
        for (text, type, state) in bad {
            let error = #expect(throws: LeibrixError.self) { try decoder.value(Array(text.utf8), .text, type) }
            #expect(error?.sqlState == state, "\(text) as \(type): \(String(describing: error))")
        }
    }

    /// Random bytes as every type: a value or an error, never more.
    @Test(arguments: [1 as UInt64, 99])
    func randomParametersNeverHurt(seed: UInt64) {
        var random = SeededBits(seed: seed)
        let decoder = ParameterDecoder(context: FormatContext())
        let types = PostgresType.all.compactMap(\.dataType)
        for _ in 0..<20_000 {
            let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next() % 3 == 0 ? random.next() : random.next() % 5) }
            let type = types[Int(random.next() % UInt64(types.count))]
            _ = try? decoder.value(bytes, random.next() % 2 == 0 ? .text : .binary, type)
        }
    }

    @Test func slicesJoinUpAndHonourNulls() throws {
        let database = try Database()
        let connection = try database.connect()
        var result = try connection.query("SELECT range AS a, CASE WHEN range % 3 = 0 THEN NULL ELSE repeat('s', (range % 40)::INT) END AS b, (range / 7)::DECIMAL(10,3) AS c, [range] AS d FROM range(5000)")
        var row = 0
        while let batch = try result.next() {
            for values in try encode(batch, .text) {
                #expect(String(decoding: values[0]!, as: UTF8.self) == "\(row)")
                #expect(values[1]?.count == (row % 3 == 0 ? nil : row % 40))
                #expect(values[3] == Array("{\(row)}".utf8))
                row += 1
            }
        }
        #expect(row == 5_000)
    }

    @Test func cellsAndMessagesAreSmall() {
        #expect(MemoryLayout<Cell>.size == 12)
        #expect(MemoryLayout<Cell>.stride == 16)
    }
}

/// xorshift64*: the same bits on every machine.
struct SeededBits {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
