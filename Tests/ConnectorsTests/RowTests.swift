internal import Base
internal import Columnar
@testable internal import Connectors
internal import Platform
internal import Testing

/// Texts and values into columns of every type, and back out of the batch.
@Suite struct RowTests {
    static let fits: [(DataType, String, Value)] = [
        (.boolean, "true", true), (.tinyInt, "-128", -128), (.smallInt, "32767", 32767), (.integer, "-5", -5), (.bigInt, "9223372036854775807", .integer(.max)),
        (.bigInt, "-9223372036854775808", .integer(.min)), (.bigInt, "1e3", 1000), (.unsignedTinyInt, "255", .unsigned(255)),
        (.unsignedBigInt, "18446744073709551615", .unsigned(.max)), (.hugeInt, "170141183460469231731687303715884105", .hugeInt(170_141_183_460_469_231_731_687_303_715_884_105)),
        (.real, "1.5", .real(1.5)), (.double, "-2.25e2", .double(-225)), (.decimal(width: 4, scale: 2), "1.005", .decimal(101, width: 4, scale: 2)),
        (.decimal(width: 18, scale: 3), "-12", .decimal(-12000, width: 18, scale: 3)), (.decimal(width: 38, scale: 0), "12.5", .decimal(13, width: 38, scale: 0)),
        (.varchar, "", ""), (.varchar, "twelve bytes", "twelve bytes"), (.varchar, "thirteen byte", "thirteen byte"), (.varchar, "ünïcode…", "ünïcode…"),
        (.date, "1969-12-31", .date(-1)), (.time, "12:30:15.25", .time(45_015_250_000)), (.timestamp, "1970-01-01T00:00:01.5Z", .timestamp(1_500_000)),
        (.timestamp, "1970-01-02", .timestamp(86_400_000_000)), (.timestampTZ, "1970-01-01 02:00:00+02", .timestampTZ(0)),
        (.timestampTZ, "1970-01-01 00:00:00.1234567-01:30", .timestampTZ(5_400_123_456)),
    ]

    @Test(arguments: fits.indices) func textsAreRead(_ index: Int) throws {
        let (type, text, value) = Self.fits[index]
        let builder = try BatchBuilder([.bigInt, type], capacity: 3)
        for _ in 0..<2 {
            builder.beginRow()
            try builder.set(1, "x" == text ? "" : text)
            builder.endRow()
        }
        builder.beginRow()
        builder.endRow()
        #expect(builder.isFull)
        let batch = try #require(builder.take())
        #expect(batch.rowCount == 3)
        #expect(read(batch.columns[1], 0) == value)
        #expect(read(batch.columns[1], 1) == value)
        #expect(read(batch.columns[1], 2) == .null)
        #expect(read(batch.columns[0], 0) == .null)
        #expect(builder.take() == nil)
    }

    private func read(_ column: Column, _ row: Int) -> Value {
        if !column.isValid(row) { return .null }
        switch column.type {
        case .boolean: return .boolean(column.load(row, as: UInt8.self) == 1)
        case .tinyInt: return .integer(Int64(column.load(row, as: Int8.self)))
        case .smallInt: return .integer(Int64(column.load(row, as: Int16.self)))
        case .integer: return .integer(Int64(column.load(row, as: Int32.self)))
        case .bigInt: return .integer(column.load(row, as: Int64.self))
        case .unsignedTinyInt: return .unsigned(UInt64(column.load(row, as: UInt8.self)))
        case .unsignedBigInt: return .unsigned(column.load(row, as: UInt64.self))
        case .hugeInt: return .hugeInt(column.load(row, as: Int128.self))
        case .real: return .real(column.load(row, as: Float.self))
        case .double: return .double(column.load(row, as: Double.self))
        case .decimal(let width, let scale): return .decimal(digits(column, row), width: width, scale: scale)
        case .varchar: return .string(column.text(at: row))
        case .date: return .date(column.load(row, as: Int32.self))
        case .time: return .time(column.load(row, as: Int64.self))
        case .timestamp: return .timestamp(column.load(row, as: Int64.self))
        default: return .timestampTZ(column.load(row, as: Int64.self))
        }
    }

    private func digits(_ column: Column, _ row: Int) -> Int128 {
        switch column.type.physicalWidth {
        case 2: Int128(column.load(row, as: Int16.self))
        case 4: Int128(column.load(row, as: Int32.self))
        case 8: Int128(column.load(row, as: Int64.self))
        default: column.load(row, as: Int128.self)
        }
    }

    static let misfits: [(DataType, String, Misfit)] = [
        (.boolean, "maybe", .type), (.tinyInt, "128", .range), (.unsignedInteger, "-1", .range), (.bigInt, "9223372036854775808", .range),
        (.bigInt, "1.5", .range), (.bigInt, "", .type), (.bigInt, "-", .type), (.bigInt, "12x", .type), (.double, "1,5", .type),
        (.decimal(width: 4, scale: 2), "100", .range), (.decimal(width: 4, scale: 2), "1e", .type), (.date, "2026-02-29", .type),
        (.date, "2026-13-01", .type), (.time, "24:00", .type), (.timestamp, "2026-01-01 10", .type), (.timestamp, "1767225600", .type),
        (.timestamp, "2026-01-01 10:00:00 CET", .type),
    ]

    @Test(arguments: misfits.indices) func othersAreRefused(_ index: Int) throws {
        let (type, text, misfit) = Self.misfits[index]
        let builder = try BatchBuilder([type])
        builder.beginRow()
        #expect(throws: misfit) { try builder.set(0, text) }
    }

    @Test func aRowGivenUpLeavesNothing() throws {
        let builder = try BatchBuilder([.varchar, .integer])
        builder.beginRow()
        try builder.set(0, "a text that is too long to lie in its entry")
        builder.beginRow()
        try builder.set(1, 7 as Int64)
        builder.endRow()
        let batch = try #require(builder.take())
        #expect(batch.rowCount == 1)
        #expect(!batch.columns[0].isValid(0))
        #expect(batch.columns[1].load(0, as: Int32.self) == 7)
    }

    @Test func batchesLiveOnTheirOwn() throws {
        let builder = try BatchBuilder([.varchar], capacity: 4)
        var batches: [Batch] = []
        for round in 0..<50 {
            builder.beginRow()
            try builder.set(0, "round \(round) of many, with a long text")
            builder.endRow()
            batches.append(try #require(builder.take()))
        }
        for (round, batch) in batches.enumerated() { #expect(batch.columns[0].text(at: 0) == "round \(round) of many, with a long text") }
    }

    @Test func typesWithoutAVectorAreRefused() {
        #expect(throws: LeibrixError.self) { try BatchBuilder([.list(.bigInt)]) }
        #expect(throws: LeibrixError.self) { try BatchBuilder([.uuid]) }
    }
}
