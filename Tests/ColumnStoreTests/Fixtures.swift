import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Platform
import Testing

/// A directory of a test's own, gone with it.
final class Scratch {
    let path: String

    init() throws {
        path = "/tmp/leibrix-columnstore-\(Random.integer(UInt64.self))"
        try Files.createDirectory(path)
    }

    deinit { try? Files.removeTree(path) }
}

/// A DuckDB instance whose tables in `memory.main` are the truth, with a catalog `lbx` that shows what was written from them.
struct Bench {
    let database: Database
    let connection: Connection
    let catalog: RelationCatalog
    let scratch: Scratch

    init(threads: Int = 2) throws {
        database = try Database(.init(threads: threads))
        connection = try database.connect()
        catalog = try RelationCatalog(attachingTo: connection, name: "lbx")
        scratch = try Scratch()
    }

    func columns(of query: String) throws -> [RelationColumn] {
        try (connection.prepare(query).columns ?? []).map { RelationColumn($0.name, $0.type) }
    }

    /// Writes the query's rows to segments called `name`.
    func write(
        _ query: String, name: String = "t", options: SegmentWriterOptions = SegmentWriterOptions()
    ) throws -> [SegmentSummary] {
        let writer = try SegmentWriter(
            directory: scratch.path, name: name, columns: try columns(of: query), options: options)
        try connection.copy(query, into: writer)
        return try writer.finish()
    }

    /// Writes, maps, verifies and publishes as `lbx.public.NAME`.
    @discardableResult
    func publish(
        _ query: String, name: String = "t", options: SegmentWriterOptions = SegmentWriterOptions()
    ) throws -> [MappedSegment] {
        let segments = try write(query, name: name, options: options).map { try SegmentFile.map($0.path) }
        try publish(segments.flatMap { try $0.rowGroups() }, segments[0].columns, name: name)
        return segments
    }

    func publish(_ groups: [RowGroup], _ columns: [RelationColumn], name: String = "t") throws {
        let snapshot = try RelationSnapshot(columns: columns, rowGroups: groups)
        try catalog.publish([.put(schema: "public", name: name, snapshot)])
    }

    /// How many rows one query has and the other has not, counting repetitions, both ways.
    func difference(_ a: String, _ b: String) throws -> Int64 {
        let rows = try connection.rows(
            "SELECT (SELECT count(*) FROM (\(a) EXCEPT ALL \(b))) + (SELECT count(*) FROM (\(b) EXCEPT ALL \(a)))")
        guard case .integer(let count)? = rows.first?.first else { return -1 }
        return count
    }
}

/// SQL for `rows` rows of every type, a share of each column NULL, values from small and large domains.
enum EveryType {
    static func query(rows: Int, seed: Int) -> String {
        let list = columns.enumerated().map { index, column in
            let hash = "hash(i, \(seed), \(index))"
            let value = column.expression.split(separator: "$", omittingEmptySubsequences: false).joined(separator: hash)
            let isNull = index % 3 == 0 ? "false" : "hash(i, \(seed), \(index), 'null') % \(index % 5 + 2) = 0"
            return "CASE WHEN \(isNull) THEN NULL ELSE \(value) END AS \(column.name)"
        }
        return "SELECT \(list.joined(separator: ", ")) FROM range(\(rows)) AS r(i)"
    }

    /// `$` stands for 64 random bits.
    static let columns: [(name: String, expression: String)] = [
        ("bool", "$ % 2 = 0"), ("tiny", "(($ % 256)::INTEGER - 128)::TINYINT"),
        ("small", "(($ % 65536)::INTEGER - 32768)::SMALLINT"), ("smallNarrow", "(1000 + $ % 200)::SMALLINT"),
        ("int", "(($ % 4294967296)::BIGINT - 2147483648)::INTEGER"), ("intNarrow", "(-70000 + ($ % 60000)::INTEGER)::INTEGER"),
        ("big", "($ // 2)::BIGINT - ($ % 2)::BIGINT * 4611686018427387904"), ("bigNarrow", "(1000000000000 + ($ % 4000000000)::BIGINT)::BIGINT"),
        ("huge", "$::HUGEINT * ($ % 1000)::HUGEINT - 5"), ("hugeNarrow", "(-12 + ($ % 250)::HUGEINT)::HUGEINT"),
        ("hugeMiddle", "(-12 + ($ % 1000000000000)::HUGEINT)::HUGEINT"),
        ("utiny", "($ % 256)::UTINYINT"), ("usmall", "($ % 65536)::USMALLINT"), ("uint", "($ % 4294967296)::UINTEGER"),
        ("ubig", "$::UBIGINT"), ("ubigTop", "(18446744073709551615 - $ % 100)::UBIGINT"), ("uhuge", "($::UHUGEINT * 7777777777777777777)::UHUGEINT"),
        ("real", "(($ % 1000)::INTEGER / 7 - 50)::REAL"), ("double", "CASE $ % 50 WHEN 0 THEN 'nan' WHEN 1 THEN '-inf' ELSE (($ % 100000)::BIGINT / 13)::VARCHAR END::DOUBLE"),
        ("dec4", "(($ % 9999)::INTEGER / 100)::DECIMAL(4,2)"), ("dec9", "(($ % 99999)::INTEGER / 100)::DECIMAL(9,2)"),
        ("dec15", "(($ % 10000000)::BIGINT / 100)::DECIMAL(15,2)"), ("dec38", "(($ % 10000000)::BIGINT / 100)::DECIMAL(38,2)"),
        ("dec38wide", "($::HUGEINT * 1000000000)::DECIMAL(38,4)"),
        ("word", "['red', 'green', 'blue', 'a colour with a long name', ''][1 + ($ % 5)::INTEGER]"),
        ("text", "repeat('é' || $::VARCHAR, 1 + ($ % 3)::INTEGER)"), ("constant", "'always the same text'"), ("seven", "7"),
        ("blob", "($::VARCHAR)::BLOB"), ("bit", "($ % 1000)::INTEGER::BIT"), ("json", "('{\"a\":' || $ % 10 || '}')::VARCHAR::JSON"),
        ("date", "DATE '2020-01-01' + ($ % 400)::INTEGER"), ("time", "TIME '00:00:00' + to_seconds(($ % 86400)::INTEGER)"),
        ("timetz", "'12:00:00+01'::TIMETZ"), ("ts", "TIMESTAMP '2020-01-01' + to_microseconds(($ % 100000000000000)::BIGINT)"),
        ("tss", "(TIMESTAMP '2020-01-01' + to_seconds(($ % 1000)::INTEGER))::TIMESTAMP_S"), ("tsms", "(TIMESTAMP '2020-01-01' + to_seconds(($ % 1000)::INTEGER))::TIMESTAMP_MS"),
        ("tsns", "(TIMESTAMP '2020-01-01' + to_seconds(($ % 1000)::INTEGER))::TIMESTAMP_NS"), ("tstz", "(TIMESTAMP '2020-01-01' + to_seconds(($ % 1000)::INTEGER))::TIMESTAMPTZ"),
        ("interval", "to_days(($ % 40)::INTEGER) + to_seconds(($ % 90)::INTEGER)"), ("uuid", "md5($::VARCHAR)::UUID"),
        ("mood", "(['sad', 'ok', 'happy'][1 + ($ % 3)::INTEGER])::ENUM('sad', 'ok', 'happy')"),
        ("list", "[x * ($ % 9)::INTEGER FOR x IN range(($ % 5)::INTEGER)]"), ("names", "[CASE WHEN x = 2 THEN NULL ELSE 'n' || x END FOR x IN range(($ % 5)::INTEGER)]"),
        ("deep", "[[x, NULL, ($ % 100)::INTEGER] FOR x IN range(($ % 3)::INTEGER)]"), ("array", "[($ % 10)::INTEGER, NULL, 3]::INTEGER[3]"),
        ("struct", "{'a': ($ % 100)::INTEGER, 'b': CASE WHEN $ % 3 = 0 THEN NULL ELSE 's' || $ % 4 END}"),
        ("structs", "[{'k': x, 'v': [x, x + 1]} FOR x IN range(($ % 3)::INTEGER)]"),
        ("map", "MAP {'a': ($ % 7)::INTEGER, 'b': NULL}"), ("union", "CASE WHEN $ % 2 = 0 THEN union_value(num := ($ % 9)::INTEGER) ELSE ('t' || $ % 9)::UNION(num INTEGER, str VARCHAR) END"),
        ("nothing", "NULL"), ("nothingInt", "NULL::INTEGER"),
    ]
}

/// A seed for this run, printed so that a failure can be repeated.
func freshSeed() -> Int {
    let seed = Int(Random.integer(UInt32.self))
    print("seed \(seed)")
    return seed
}
