// Bytes of Avro and of Iceberg's bounds, against the examples of their specifications.
import Base
import Columnar
import Testing

@testable import IcebergWriter

@Suite struct EncodingTests {
    @Test(arguments: [(0, [0x00]), (-1, [0x01]), (1, [0x02]), (-64, [0x7F]), (64, [0x80, 0x01]), (8_192, [0x80, 0x80, 0x01])] as [(Int64, [UInt8])])
    func longs(value: Int64, bytes: [UInt8]) {
        var out = AvroEncoder()
        out.long(value)
        #expect(out.bytes == bytes)
    }

    @Test func stringsAndUnions() {
        var out = AvroEncoder()
        out.string("foo")
        out.optional("a") { $0.string($1) }
        out.optional(String?.none) { $0.string($1) }
        #expect(out.bytes == [0x06, 0x66, 0x6F, 0x6F, 0x02, 0x02, 0x61, 0x00])
    }

    @Test func arraysEndWithAnEmptyBlock() {
        var out = AvroEncoder()
        out.array([3, 27]) { $0.int($1) }
        out.array([Int]()) { $0.int($1) }
        #expect(out.bytes == [0x04, 0x06, 0x36, 0x00, 0x00])
    }

    @Test(arguments: [("1.50", [0x00, 0x96]), ("-1.50", [0xFF, 0x6A]), ("0.00", [0x00]), ("-0.01", [0xFF]), ("1", [0x64])] as [(String, [UInt8])])
    func decimals(text: String, bytes: [UInt8]) {
        #expect(BoundValue.bytes(text, .decimal(width: 15, scale: 2), isUpper: false) == bytes)
    }

    @Test func numbersAndDates() {
        #expect(BoundValue.bytes("258", .bigInt, isUpper: false) == [2, 1, 0, 0, 0, 0, 0, 0])
        #expect(BoundValue.bytes("-2", .integer, isUpper: true) == [0xFE, 0xFF, 0xFF, 0xFF])
        #expect(BoundValue.bytes("1970-02-01", .date, isUpper: true) == [31, 0, 0, 0])
        #expect(BoundValue.bytes("soon", .date, isUpper: true) == nil)
    }

    @Test func longStringsAreCutOutwards() {
        let text = "0123456789abcdefg"
        #expect(BoundValue.string(text, isUpper: false) == Array("0123456789abcdef".utf8))
        #expect(BoundValue.string(text, isUpper: true) == Array("0123456789abcdeg".utf8))
        #expect(BoundValue.string("short", isUpper: true) == Array("short".utf8))
        #expect(BoundValue.string(String(repeating: "\u{10FFFF}", count: 17), isUpper: true) == nil)
    }

    @Test func months() {
        #expect(PartitionSpec.month(ofFolderValue: "1970-01") == 0)
        #expect(PartitionSpec.month(ofFolderValue: "1998-12") == 347)
        #expect(PartitionSpec.month(ofFolderValue: "1969-12") == -1)
        #expect(PartitionSpec.month(ofFolderValue: "1998-13") == nil)
    }
}
