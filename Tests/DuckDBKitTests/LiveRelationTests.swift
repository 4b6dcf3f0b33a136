import Base
import Columnar
import DuckDBKit
import Synchronization
import Testing

/// A relation of BIGINT n, whose rows a test sets for each token, with a bit a row for what the token sees.
private final class Numbers: LiveRelation {
    struct Rows: Sendable {
        var groups: [[Int64?]]
        /// nil: all are seen.
        var visible: [[Bool]?]
        var version: UInt64 = 1
        var firstRowIDs: [Int64]
    }

    struct State: Sendable {
        var facts: RelationFacts
        var rows: [UInt64: Rows] = [:]
        var asked = 0
    }

    static let columns = [RelationColumn("n", .bigInt)]
    let state: Mutex<State>

    init(_ low: Int64, _ high: Int64) {
        state = Mutex(State(facts: RelationFacts(rows: 100, columns: [Self.bounds(low, high)], version: 1)))
    }

    static func bounds(_ low: Int64, _ high: Int64) -> ColumnStatistics {
        ColumnStatistics(nullCount: ColumnStatistics.nullsUnknown, min: .integer(Int128(low)), max: .integer(Int128(high)))
    }

    func facts() -> RelationFacts { state.withLock { $0.facts } }

    func snapshot(token: UInt64) throws(LeibrixError) -> RelationSnapshot {
        let rows = state.withLock { state in
            state.asked += 1
            return state.rows[token]
        }
        guard let rows else { throw LeibrixError(.internal, "nothing is known of token \(token)") }
        var groups: [RowGroup] = []
        for (index, values) in rows.groups.enumerated() {
            groups.append(Self.group(values, rows.visible[index], rows.firstRowIDs[index]))
        }
        return try RelationSnapshot(columns: Self.columns, rowGroups: groups, statisticsVersion: rows.version)
    }

    private static func group(_ values: [Int64?], _ visible: [Bool]?, _ first: Int64) -> RowGroup {
        let memory = TestMemory()
        let data = unsafe memory.block(values.flatMap { littleEndian(UInt128(truncatingIfNeeded: $0 ?? 0), 8) })
        let validity = values.contains(nil) ? unsafe bits(values.map { $0 != nil }, memory) : nil
        let known = values.compactMap { $0 }
        var layout = unsafe ColumnLayout(
            encoding: .plain, width: 8, data: data,
            statistics: ColumnStatistics(
                nullCount: ColumnStatistics.nullsUnknown, min: known.min().map { .integer(Int128($0)) }, max: known.max().map { .integer(Int128($0)) }))
        unsafe layout.validity = unsafe validity
        return unsafe RowGroup(
            rows: values.count, columns: [layout], visible: visible.map { unsafe bits($0, memory) }, firstRowID: first, owner: memory)
    }

    private static func bits(_ flags: [Bool], _ memory: TestMemory) -> UnsafePointer<UInt64> {
        var words = [UInt64](repeating: 0, count: (flags.count + 63) / 64)
        for (row, flag) in flags.enumerated() where flag { words[row / 64] |= 1 << UInt64(row % 64) }
        return unsafe memory.block(words.flatMap { littleEndian(UInt128($0), 8) }).assumingMemoryBound(to: UInt64.self)
    }
}

@Suite struct LiveRelationTests {
    private func open(_ numbers: Numbers) throws -> (Database, Connection, RelationCatalog) {
        let made = try RelationsCatalogTests.open()
        try made.2.publish([.live(schema: "public", name: "t", columns: Numbers.columns, numbers)])
        return made
    }

    private func one(_ connection: Connection, _ sql: String) throws -> [[Value]] { try connection.rows(sql) }

    @Test func everyConnectionReadsAtItsToken() throws {
        let numbers = Numbers(0, 100)
        let (database, connection, _) = try open(numbers)
        numbers.state.withLock {
            $0.rows[0] = .init(groups: [[1, 2, 3]], visible: [nil], firstRowIDs: [0])
            $0.rows[7] = .init(groups: [[1, 2, 3], [4, nil]], visible: [[true, false, true], nil], firstRowIDs: [0, 1 << 20])
        }
        let other = try database.connect()
        other.setScanToken(7)
        #expect(try one(connection, "SELECT sum(n), count(*) FROM t") == [[.hugeInt(6), 3]])
        #expect(try one(other, "SELECT sum(n), count(*) FROM lbx.public.t") == [[.hugeInt(8), 4]])
        #expect(try one(other, "SELECT rowid FROM lbx.public.t ORDER BY 1") == [[0], [2], [.integer(1 << 20)], [.integer(1 << 20 | 1)]])
        #expect(try one(other, "SELECT n FROM lbx.public.t WHERE rowid = 1048576") == [[4]])
        other.setScanToken(0)
        #expect(try one(other, "SELECT count(*) FROM lbx.public.t") == [[3]])
        other.setScanToken(8)
        let failed = #expect(throws: LeibrixError.self) { try other.rows("SELECT * FROM lbx.public.t") }
        #expect(failed?.message.contains("nothing is known of token 8") == true)
    }

    /// Every vector with all, some or no rows hidden, under filters of every kind of verdict.
    @Test(arguments: [UInt64(1), 2, 3]) func hiddenRowsAreNotRead(seed: UInt64) throws {
        var random = Generator(seed: seed)
        let numbers = Numbers(-5, 2_000_000)
        let (_, connection, _) = try open(numbers)
        var groups: [[Int64?]] = []
        var visible: [[Bool]?] = []
        var starts: [Int64] = []
        for group in 0..<4 {
            let rows = group == 3 ? 1 + Int(random.below(5_000)) : Int(random.below(30_000)) + 2_048
            groups.append((0..<rows).map { _ in random.below(20) == 0 ? nil : Int64(random.below(1_000)) })
            let density = random.below(4)
            visible.append(density == 0 ? nil : hidden(rows, density, &random))
            starts.append(Int64(group) << 17)
        }
        let rows = Numbers.Rows(groups: groups, visible: visible, firstRowIDs: starts)
        numbers.state.withLock { $0.rows[0] = rows }
        var seen: [Int64?] = []
        for (group, values) in groups.enumerated() {
            seen += values.enumerated().filter { visible[group]?[$0.offset] ?? true }.map(\.element)
        }
        let conditions: [(String, (Int64?) -> Bool)] = [
            ("true", { _ in true }), ("n < 500", { ($0 ?? 1_000) < 500 }), ("n IS NULL", { $0 == nil }),
            ("n >= 0 OR n IS NULL", { _ in true }), ("n = 7", { $0 == 7 }), ("n % 3 = 0", { ($0 ?? 1) % 3 == 0 }), ("n > 5000", { ($0 ?? 0) > 5_000 }),
        ]
        for (text, passes) in conditions {
            let wanted = seen.filter(passes)
            let sum = wanted.compactMap { $0 }.reduce(0, +)
            #expect(
                try connection.rows("SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM t WHERE \(text)") == [[.integer(Int64(wanted.count)), .integer(sum)]],
                "seed \(seed): \(text)")
        }
        let top = seen.compactMap { $0 }.sorted().suffix(5)
        #expect(try connection.rows("SELECT n FROM t WHERE n IS NOT NULL ORDER BY n DESC LIMIT 5").map { $0[0] } == top.reversed().map { .integer($0) })
    }

    private func hidden(_ rows: Int, _ density: UInt64, _ random: inout Generator) -> [Bool] {
        switch density {
        case 1: (0..<rows).map { _ in random.below(2) == 0 }
        // Whole vectors of one kind, and mixed ones.
        case 2: (0..<rows).map { ($0 / 2_048) % 3 != 1 || ($0 / 2_048) % 5 == 0 && $0 % 7 == 0 }
        default: (0..<rows).map { _ in false }
        }
    }

    @Test func aScanBeyondThePlansFactsIsPlannedAgain() throws {
        let numbers = Numbers(0, 10)
        let (_, connection, catalog) = try open(numbers)
        numbers.state.withLock { $0.rows[0] = .init(groups: [[1, 2, 3]], visible: [nil], firstRowIDs: [0]) }
        let statement = try connection.prepare("SELECT n, count(*) FROM t WHERE n <= 10 GROUP BY n ORDER BY n")
        func rows() throws -> Int {
            var result = try statement.execute()
            var count = 0
            while let batch = try result.next() { count += batch.rowCount }
            return count
        }
        #expect(try rows() == 3)
        numbers.state.withLock {
            $0.facts = RelationFacts(rows: 100, columns: [Numbers.bounds(0, 5_000)], version: 2)
            $0.rows[0] = .init(groups: [[1, 2, 3, 4_000, 4]], visible: [nil], version: 2, firstRowIDs: [0])
        }
        let refused = #expect(throws: LeibrixError.self) { _ = try rows() }
        #expect(refused?.message.contains("lbx:replan") == true)
        catalog.factsChanged()
        #expect(try rows() == 4)
    }

    /// A forged segment file may claim the largest length there is.
    @Test func theLargestLengthIsTakenForUnknown() throws {
        let (_, connection, catalog) = try RelationsCatalogTests.open()
        let memory = TestMemory()
        let statistics = ColumnStatistics(min: .string([97]), max: .string([98]), lengthMax: .max)
        let layout = unsafe ColumnLayout(
            encoding: .strings, data: UnsafeRawPointer(memory.words([0, 1, 3])), heap: memory.block([97, 98, 98]).assumingMemoryBound(to: UInt8.self),
            statistics: statistics)
        let group = RowGroup(rows: 2, columns: [layout], owner: memory)
        try catalog.publish([.put(schema: "public", name: "s", RelationSnapshot(columns: [.init("v", .varchar)], rowGroups: [group]))])
        #expect(try connection.rows("SELECT v FROM s ORDER BY v DESC") == [["bb"], ["a"]])
    }

    @Test func theScansOfOneQueryShareASnapshot() throws {
        let numbers = Numbers(0, 100)
        let (_, connection, _) = try open(numbers)
        numbers.state.withLock { $0.rows[0] = .init(groups: [[1, 2, 3]], visible: [[true, true, false]], firstRowIDs: [0]) }
        #expect(try connection.rows("SELECT count(*) FROM t a, t b, t c WHERE a.n = b.n AND b.n >= c.n") == [[3]])
        #expect(numbers.state.withLock { $0.asked } == 1)
        _ = try connection.rows("SELECT count(*) FROM t")
        #expect(numbers.state.withLock { $0.asked } == 2)
    }

    @Test func aViewIsAQueryUnderAName() throws {
        let numbers = Numbers(0, 100)
        let (_, connection, catalog) = try open(numbers)
        numbers.state.withLock { $0.rows[0] = .init(groups: [[1, 2, 3]], visible: [nil], firstRowIDs: [0]) }
        try catalog.publish([.view(schema: "public", name: "big", query: "SELECT n * 10 AS tens, n FROM t WHERE n > 1")])
        #expect(try connection.rows("SELECT tens FROM big ORDER BY 1") == [[20], [30]])
        #expect(try connection.rows("SELECT sum(b.n) FROM main.big b JOIN lbx.public.big USING (tens)") == [[.hugeInt(5)]])
        let statement = try connection.prepare("SELECT count(*) FROM big")
        try catalog.publish([.view(schema: "public", name: "big", query: "SELECT n FROM t UNION ALL SELECT 7")])
        var result = try statement.execute()
        #expect(try result.next()?.row(0) == [4])
        #expect(try connection.rows("SELECT view_name FROM duckdb_views() WHERE schema_name = 'public' AND database_name = 'lbx'") == [["big"]])
        #expect(throws: LeibrixError.self) { try catalog.publish([.view(schema: "public", name: "bad", query: "SELECT FROM WHERE")]) }
        #expect(throws: LeibrixError.self) { try catalog.publish([.view(schema: "public", name: "bad", query: "DROP TABLE t")]) }
        try catalog.publish([.drop(schema: "public", name: "big")])
        #expect(throws: LeibrixError.self) { try connection.rows("SELECT * FROM big") }
    }

    @Test func anOverlayIsSeenByItsTokenOnly() throws {
        let numbers = Numbers(0, 100)
        let (database, connection, catalog) = try open(numbers)
        let made = Numbers(0, 100)
        numbers.state.withLock { $0.rows[0] = .init(groups: [[1, 2, 3]], visible: [nil], firstRowIDs: [0]) }
        made.state.withLock {
            $0.rows[0] = .init(groups: [[9]], visible: [nil], firstRowIDs: [0])
            $0.rows[5] = .init(groups: [[8, 8]], visible: [nil], firstRowIDs: [0])
        }
        let own = try database.connect()
        try own.execute("USE lbx.public")
        own.setScanToken(5)
        let statement = try own.prepare("SELECT count(*) FROM t WHERE n > 0")
        try catalog.publish([
            .live(schema: "public", name: "made", columns: Numbers.columns, made), .drop(schema: "public", name: "t"),
        ], overlay: 5)
        #expect(try own.rows("SELECT sum(n) FROM made") == [[.hugeInt(16)]])
        #expect(try own.rows("SELECT sum(n) FROM main.made") == [[.hugeInt(16)]])
        #expect(try own.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'public'") == [["made"]])
        #expect(throws: LeibrixError.self) { try own.rows("SELECT * FROM t") }
        #expect(throws: LeibrixError.self) { _ = try statement.execute() }
        #expect(throws: LeibrixError.self) { try connection.rows("SELECT * FROM made") }
        #expect(try connection.rows("SELECT count(*) FROM t") == [[3]])
        try catalog.publish(
            [.live(schema: "public", name: "made", columns: Numbers.columns, made), .drop(schema: "public", name: "t")], ended: 5)
        #expect(try connection.rows("SELECT sum(n) FROM made") == [[.hugeInt(9)]])
        #expect(throws: LeibrixError.self) { try connection.rows("SELECT * FROM t") }
        #expect(try own.rows("SELECT sum(n) FROM made") == [[.hugeInt(16)]])
    }

    @Test func anOverlayOfATransactionThatRunsIsSeenAtOnce() throws {
        let numbers = Numbers(0, 100)
        let (_, connection, catalog) = try open(numbers)
        numbers.state.withLock {
            for token in [UInt64(0), 3] { $0.rows[token] = .init(groups: [[1]], visible: [nil], firstRowIDs: [0]) }
        }
        connection.setScanToken(3)
        try connection.execute("BEGIN")
        #expect(try connection.rows("SELECT count(*) FROM t") == [[1]])
        try catalog.publish([.live(schema: "public", name: "u", columns: Numbers.columns, numbers)], overlay: 3)
        #expect(try connection.rows("SELECT count(*) FROM u") == [[1]])
        try catalog.publish([], ended: 3)
        #expect(throws: LeibrixError.self) { try connection.rows("SELECT count(*) FROM u") }
    }
}

/// SplitMix64.
private struct Generator {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func below(_ bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ (mixed >> 31)) % bound
    }
}
