import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Testing

/// Older files under newer schemas.
@Suite struct EvolutionTests {
    @Test func columnsWidenAndAppear() throws {
        let bench = try Bench(threads: 1)
        let source = """
            SELECT i::INTEGER AS frame, ((hash(i) % 4294967296)::BIGINT - 2147483648)::INTEGER AS plain, 5::SMALLINT AS constant,
                CASE WHEN i % 3 = 0 THEN NULL ELSE ((hash(i) % 256)::BIGINT - 128)::TINYINT END AS holes, (hash(i) % 65536)::USMALLINT AS unsigned,
                ((hash(i) % 9999)::BIGINT / 100)::DECIMAL(4, 2) AS decimal, (i / 7)::REAL AS real, 'x' || i AS text,
                {'a': ((hash(i) % 65536)::BIGINT - 32768)::SMALLINT, 'gone': 1} AS struct, [((hash(i) % 65536)::BIGINT - 32768)::SMALLINT, NULL] AS list
            FROM range(5000) AS r(i)
            """
        let segment = try SegmentFile.map(try bench.write(source)[0].path)
        let wanted = [
            RelationColumn("text", .varchar), RelationColumn("Frame", .bigInt), RelationColumn("plain", .hugeInt),
            RelationColumn("constant", .bigInt), RelationColumn("holes", .integer), RelationColumn("unsigned", .bigInt),
            RelationColumn("decimal", .decimal(width: 38, scale: 2)), RelationColumn("real", .double),
            RelationColumn("struct", .structure([.init("b", .varchar), .init("a", .bigInt)])), RelationColumn("list", .list(.bigInt)),
            RelationColumn("added", .list(.varchar)),
        ]
        try bench.publish(try segment.rowGroups(as: wanted), wanted)
        let expected = """
            SELECT text, frame::BIGINT, plain::HUGEINT, constant::BIGINT, holes::INTEGER, unsigned::BIGINT, decimal::DECIMAL(38, 2),
                real::DOUBLE, {'b': NULL::VARCHAR, 'a': struct.a::BIGINT}, list::BIGINT[], NULL::VARCHAR[]
            FROM (\(source))
            """
        #expect(try bench.difference(expected, "SELECT * FROM lbx.public.t") == 0)
        let widened = try segment.widenedBytes(as: wanted)
        #expect(widened > 5_000 * 16 && widened < 5_000 * 80)
        #expect(try segment.widenedBytes(as: [RelationColumn("frame", .hugeInt), RelationColumn("text", .varchar)]) == 0)
    }

    @Test(arguments: [
        DataType.smallInt, .varchar, .unsignedBigInt, .double, .decimal(width: 10, scale: 2), .list(.integer),
    ])
    func otherChangesAreRefused(type: DataType) throws {
        let bench = try Bench(threads: 1)
        let segment = try SegmentFile.map(try bench.write("SELECT i::INTEGER AS n FROM range(10) AS r(i)")[0].path)
        let error = #expect(throws: LeibrixError.self) { try segment.rowGroups(as: [RelationColumn("n", type)]) }
        #expect(error?.code == .incompatibleSchema)
        #expect(error?.message.contains("column n of type INTEGER") == true)
    }

    @Test func aMissingColumnCannotBeNotNull() throws {
        let bench = try Bench(threads: 1)
        let segment = try SegmentFile.map(try bench.write("SELECT 1 AS n")[0].path)
        let error = #expect(throws: LeibrixError.self) {
            try segment.rowGroups(as: [RelationColumn("n", .integer), RelationColumn("m", .integer, notNull: true)])
        }
        #expect(error?.code == .incompatibleSchema)
    }
}
