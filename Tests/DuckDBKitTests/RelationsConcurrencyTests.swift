import Base
import Columnar
import DuckDBKit
import Platform
import Synchronization
import Testing

/// Publication while statements run: no statement sees a mixture, nothing is freed under a reader, all is freed after.
@Suite struct RelationsConcurrencyTests {
    /// A relation of one generation: every row says which.
    private static func generation(_ number: Int64, _ released: Released) throws -> RelationSnapshot {
        let rows: [[Value]] = (0..<3_000).map { [.integer(number), .string("generation \(number) of text"), .integer(Int64($0 % 50))] }
        let types: [DataType] = [.bigInt, .varchar, .integer]
        return try RelationSnapshot(
            columns: zip(["g", "s", "k"], types).map { .init($0, $1) }, rowGroups: RowGroup.groups(of: rows, types: types)
        ) { released.count.add(1, ordering: .relaxed) }
    }

    final class Released: Sendable { let count = Atomic<Int>(0) }
    final class Flag: Sendable { let isSet = Atomic<Bool>(false) }

    private static func publish(_ number: Int64, _ catalog: RelationCatalog, _ released: Released) throws {
        try catalog.publish([
            .put(schema: "public", name: "a", generation(number, released)),
            .put(schema: "public", name: "b", generation(number, released)),
        ])
    }

    @Test func noStatementSeesAMixture() async throws {
        let database = try Database(.init(threads: 2))
        let catalog = try RelationCatalog(attachingTo: try database.connect(), name: "lbx")
        let released = Released()
        try Self.publish(0, catalog, released)
        let done = Flag()
        let generations: Int64 = 60
        let pool = BlockingPool(name: "readers", threads: 3)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for reader in 0..<3 {
                let connection = try database.connect()
                group.addTask { try await pool.run { () throws(LeibrixError) in try Self.read(connection, prepared: reader == 0, until: done) } }
            }
            for number in 1...generations {
                try Self.publish(number, catalog, released)
                await Task.yield()
            }
            done.isSet.store(true, ordering: .releasing)
            var reads = 0
            for try await count in group { reads += count }
            #expect(reads > 0)
        }
        #expect(released.count.load(ordering: .relaxed) == Int(generations) * 2)
        try catalog.publish([.drop(schema: "public", name: "a"), .drop(schema: "public", name: "b")])
        #expect(released.count.load(ordering: .relaxed) == Int(generations + 1) * 2)
    }

    private static func read(_ connection: Connection, prepared: Bool, until done: Flag) throws(LeibrixError) -> Int {
        let sql = """
            SELECT count(*), min(least(a.g, b.g)), max(greatest(a.g, b.g)), count(DISTINCT a.s)
            FROM lbx.public.a JOIN lbx.public.b ON a.k = b.k AND b.g % 50 = b.k
            """
        let statement = try connection.prepare(sql)
        var reads = 0
        while reads < 5 || !done.isSet.load(ordering: .acquiring) {
            var row: [Value]
            if prepared {
                var result = try statement.execute()
                row = try result.next()?.row(0) ?? []
            } else {
                row = try connection.rows(sql)[0]
            }
            #expect(row[0] == .integer(3_600))
            #expect(row[1] == row[2])
            #expect(row[3] == 1)
            reads += 1
        }
        return reads
    }

    @Test func anInterruptedScanLetsGo() async throws {
        let database = try Database(.init(threads: 2))
        let connection = try database.connect()
        let catalog = try RelationCatalog(attachingTo: connection, name: "lbx")
        let released = Released()
        try Self.publish(1, catalog, released)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { @concurrent in
                #expect(throws: LeibrixError.self) {
                    try connection.rows("SELECT count(*) FROM lbx.public.a x, lbx.public.a y, lbx.public.a z WHERE x.k + y.k + z.k = 7")
                }
            }
            // An interrupt before the statement has begun is lost: repeat it until the statement has ended.
            let ended = Released()
            group.addTask { @concurrent in
                while ended.count.load(ordering: .relaxed) == 0 {
                    connection.interrupt()
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            try await group.next()
            ended.count.add(1, ordering: .relaxed)
            try await group.waitForAll()
        }
        try catalog.publish([.drop(schema: "public", name: "a"), .drop(schema: "public", name: "b")])
        #expect(released.count.load(ordering: .relaxed) == 2)
    }
}
