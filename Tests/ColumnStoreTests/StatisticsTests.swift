import Base
import Columnar
@testable import ColumnStore
import DuckDBKit
import Platform
import Testing

/// What a row group says of its values holds for them.
@Suite struct StatisticsTests {
    @Test func boundsHoldForEveryValue() throws {
        let bench = try Bench(threads: 1)
        let segment = try bench.publish(EveryType.query(rows: 130_000, seed: freshSeed()))[0]
        var checked = 0
        for (index, column) in segment.columns.enumerated() {
            var first = 0
            for group in segment.placed {
                let statistics = group.node.columns[index].root.statistics
                defer { first += group.node.rows }
                let rows = try bench.connection.rows(
                    """
                    SELECT count(*) - count("\(column.name)"), min("\(column.name)"), max("\(column.name)")
                    FROM lbx.public.t WHERE rowid >= \(first) AND rowid < \(first + group.node.rows)
                    """)
                #expect(rows[0][0] == .integer(Int64(statistics.nullCount)), "\(column.name)")
                guard let low = statistics.min, let high = statistics.max else { continue }
                #expect(Self.isAtMost(low, rows[0][1], column.type) && Self.isAtLeast(high, rows[0][2], column.type), "\(column.name)")
                checked += 1
            }
        }
        #expect(checked > 50)
    }

    private static func isAtMost(_ bound: ColumnBound, _ value: Value, _ type: DataType) -> Bool {
        switch bound {
        case .integer(let low): integer(value, type).map { low == $0 } ?? false
        case .double(let low): if case .double(let number) = value { low == number } else if case .real(let number) = value { low == Double(number) } else { false }
        case .string(let low): if case .string(let text) = value { !Array(text.utf8).lexicographicallyPrecedes(low) } else { false }
        }
    }

    private static func isAtLeast(_ bound: ColumnBound, _ value: Value, _ type: DataType) -> Bool {
        if case .string(let high) = bound, case .string(let text) = value {
            return !high.lexicographicallyPrecedes(Array(text.utf8))
        }
        return isAtMost(bound, value, type)
    }

    /// Bounds of integers are exact, in the type's own unit.
    private static func integer(_ value: Value, _ type: DataType) -> Int128? {
        switch value {
        case .boolean(let flag): flag ? 1 : 0
        case .integer(let number): Int128(number)
        case .unsigned(let number): Int128(number)
        case .hugeInt(let number): number
        case .unsignedHugeInt(let number): Int128(exactly: number)
        case .decimal(let digits, _, _): digits
        case .date(let days): Int128(days)
        case .time(let micros), .timestampTZ(let micros): Int128(micros)
        case .timestamp(let micros): Int128(type == .timestampSeconds ? micros / 1_000_000 : type == .timestampMillis ? micros / 1_000 : micros)
        case .timestampNanos(let nanos): Int128(nanos)
        case .string(let label):
            if case .enumeration(let labels) = type { labels.firstIndex(of: label).map { Int128($0) } } else { nil }
        default: nil
        }
    }

    @Test func stringBoundsAreRoundedOutwards() {
        let seed = freshSeed()
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...20, using: &generator)
            let alphabet: [UInt8] = [0, 1, 97, 98, 254, 255]
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &generator)! }
            let padded = bytes + [UInt8](repeating: 7, count: 16)
            let key = unsafe padded.withUnsafeBufferPointer { unsafe StringKey($0.baseAddress!, length: UInt32(length)) }
            #expect(!bytes.lexicographicallyPrecedes(key.lowerBound))
            if let upper = key.upperBound {
                #expect(!upper.lexicographicallyPrecedes(bytes))
            } else {
                #expect(bytes.prefix(16).allSatisfy { $0 == 255 })
            }
        }
    }

    @Test func keysOrderAsStringsDo() {
        var generator = SeededGenerator(seed: UInt64(freshSeed()))
        func random() -> [UInt8] { (0..<Int.random(in: 0...15, using: &generator)).map { _ in UInt8.random(in: 0...2, using: &generator) } }
        func key(_ bytes: [UInt8]) -> StringKey {
            let padded = bytes + [UInt8](repeating: 9, count: 16)
            return unsafe padded.withUnsafeBufferPointer { unsafe StringKey($0.baseAddress!, length: UInt32(bytes.count)) }
        }
        for _ in 0..<20_000 {
            let (a, b) = (random(), random())
            #expect((key(a) < key(b)) == a.lexicographicallyPrecedes(b), "\(a) \(b)")
        }
    }

    /// Three standard errors of 2.3% and a little for the rounding of small sets.
    @Test(arguments: [0, 1, 2, 10, 100, 1_000, 10_000, 100_000, 1_000_000])
    func sketchesEstimateWithinBounds(distinct: Int) {
        var sketch = DistinctSketch()
        let start = UInt64(freshSeed()) << 32
        for value in 0..<UInt64(distinct) {
            sketch.insert(hash: hashInteger(start + value))
            sketch.insert(hash: hashInteger(start + value))
        }
        let error = abs(Double(sketch.estimate()) - Double(distinct))
        #expect(error <= Double(distinct) * 0.092 + 1, "\(sketch.estimate()) for \(distinct)")
    }

    @Test func sketchesMergeOverSegmentsAndEncodings() throws {
        let bench = try Bench(threads: 1)
        // The same 5,000 strings: in the first segment few rows repeat them much, in the second none does.
        let much = try bench.write("SELECT 'value ' || i % 5000 AS s, (i % 5000)::INTEGER AS n FROM range(50000) AS r(i)", name: "a")[0]
        let once = try bench.write("SELECT 'value ' || i AS s, i::BIGINT AS n FROM range(5000) AS r(i)", name: "b")[0]
        for column in 0..<2 {
            var merged = much.sketches[column]
            merged.merge(once.sketches[column])
            #expect(merged == much.sketches[column])
            #expect(merged == once.sketches[column])
            #expect(much.statistics[column].distinct == merged.estimate())
        }
    }

    @Test func encodingsAreChosenByTheData() throws {
        let bench = try Bench(threads: 1)
        let query = """
            SELECT 7::BIGINT AS constant, NULL::BIGINT AS nothing, (i % 200)::BIGINT AS byte, (i * 3)::BIGINT AS word,
                hash(i)::UBIGINT AS plain, (i % 3)::VARCHAR AS dictionary, hash(i)::VARCHAR AS strings, (i / 3)::DOUBLE AS double,
                (i * 10000000)::HUGEINT AS wide, i::DECIMAL(38, 2) AS decimal, 18446744073709551615 - i AS top
            FROM range(100000) AS r(i)
            """
        let segment = try bench.publish(query)[0]
        let nodes = segment.placed[0].node.columns.map(\.root)
        #expect(
            nodes.map(\.encoding) == [
                .constant, .allNull, .frame, .frame, .plain, .dictionary, .strings, .plain, .frame, .frame, .plain,
            ])
        #expect(nodes.map(\.width) == [8, 0, 1, 4, 8, 1, 0, 8, 8, 4, 16])
        #expect(try bench.difference(query, "SELECT * FROM lbx.public.t") == 0)
    }
}
