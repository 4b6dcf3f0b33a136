internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform
@testable internal import StreamHost
internal import Synchronization
internal import TableEngine
internal import Testing

@Suite struct TableFollowingTests {
    static let queries: [(view: String, query: String)] = [
        ("sums", "SELECT branch, count(*) AS n, sum(balance) AS total, min(note) AS first FROM accounts GROUP BY branch"),
        ("pairs", "SELECT a.id, a.balance, b.name FROM accounts a JOIN branches b ON a.branch = b.bid"),
        ("named", "SELECT b.name, sum(a.balance) AS total FROM accounts a JOIN branches b ON a.branch = b.bid GROUP BY b.name"),
        ("alike", "SELECT x.id, y.id AS other FROM accounts x JOIN accounts y ON x.branch = y.branch WHERE x.id <> y.id"),
        ("everything", "SELECT * FROM public.accounts"),
        ("counted", "WITH rich AS (SELECT id FROM accounts WHERE balance > 50) SELECT count(*) AS n FROM rich"),
    ]

    private func compare(_ fixture: TableFixture, _ transaction: TableTransaction, _ note: String) async throws {
        for (view, query) in Self.queries {
            let wanted = try await fixture.rows(query, transaction)
            let found = try await fixture.rows("SELECT * FROM \(view)", transaction)
            #expect(found == wanted, "\(view), \(note)")
        }
    }

    /// Views are the SELECT over the tables: at the commit of whoever looks, while others commit, and after crashes.
    @Test(arguments: [false, true]) func viewsAreTheirQueries(inMemory: Bool) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("views over tables, seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let fixture = try TableFixture(inMemory: inMemory)
        try await fixture.makeTables()
        for _ in 0..<10 { try await fixture.change { try fixture.churn(&random, $0) } }
        var host = try await fixture.open()
        for (index, (view, query)) in Self.queries.enumerated() {
            try await host.make(.view, view, query)
            if index % 2 == 0 { try await fixture.change { try fixture.churn(&random, $0) } }
        }
        var held: [TableTransaction] = []
        for round in 0..<60 {
            try await fixture.change { try fixture.churn(&random, $0) }
            let now = try fixture.engine.begin(.repeatableRead, readOnly: true)
            try await compare(fixture, now, "seed \(seed) round \(round)")
            if round % 7 == 0 { held.append(now) } else { now.rollback() }
            // Those who have looked for long see what they saw.
            for transaction in held { try await compare(fixture, transaction, "seed \(seed) round \(round), held") }
            if held.count > 2 { held.removeFirst().rollback() }
            guard round % 15 == 14 else { continue }
            if round % 2 == 0 { _ = try await Threads.pool.run { [host] () throws(LeibrixError) in try host.checkpoint() } }
            try await host.abandonFollowing()
            for transaction in held { transaction.rollback() }
            held = []
            try await fixture.change { try fixture.churn(&random, $0) }
            host = try await fixture.open()
        }
        for transaction in held { transaction.rollback() }
        try await host.stop()
    }

    /// A view is made while rows come: nothing is missing and nothing is twice. Writers do not wait for it.
    @Test func madeWhileOthersWrite() async throws {
        let fixture = try TableFixture()
        try await fixture.makeTables()
        try await fixture.change { transaction in
            for start in stride(from: Int64(100), to: 6_100, by: 1_000) {
                _ = try transaction.insert(fixture.accounts.id, rows: (start..<start + 1_000).map { [.integer($0), .integer($0), .integer(1), .null] })
            }
        }
        let isDone = Atomic<Bool>(false)
        let host = try await fixture.open()
        let writer = Task {
            var random = SeededGenerator(seed: 7)
            var count = 0
            while !isDone.load(ordering: .relaxed) || count < 50 {
                try await fixture.change { try fixture.churn(&random, $0) }
                count += 1
            }
        }
        for (view, query) in Self.queries where view != "alike" { try await host.make(.view, view, query) }
        isDone.store(true, ordering: .relaxed)
        try await writer.value
        let now = try fixture.engine.begin(.repeatableRead, readOnly: true)
        for (view, query) in Self.queries where view != "alike" {
            #expect(try await fixture.rows("SELECT * FROM \(view)", now) == fixture.rows(query, now), "\(view)")
        }
        now.rollback()
        #expect(fixture.engine.changeReaderNames.count == 1)
        for (view, _) in Self.queries where view != "alike" {
            try await Threads.pool.run { () throws(LeibrixError) in try host.drop(view, .view, cascade: false) }
        }
        #expect(fixture.engine.changeReaderNames.isEmpty)
        try await host.stop()
    }

    /// A stream over a table hands on what comes and what goes; who goes on behind an epoch gets each once, over crashes.
    @Test func streamsOfChanges() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("streams of changes, seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let fixture = try TableFixture()
        try await fixture.makeTables()
        var host = try await fixture.open()
        try await host.make(.stream, "some", "SELECT id, balance FROM accounts WHERE balance > 50")
        var counts: [String: Int64] = [:]
        var epoch: Int64 = 0
        for round in 0..<40 {
            try await fixture.change { try fixture.churn(&random, $0) }
            let snapshot = fixture.engine.snapshot
            let wanted = try await fixture.rows("SELECT id, balance FROM accounts WHERE balance > 50")
            let number = try #require(host.object("some")).number
            let batches = try await Threads.pool.run { [host, epoch] () throws(LeibrixError) -> [Batch] in
                try host.waitForTables(snapshot, [number])
                let subscription = try host.subscribe("some", after: epoch)
                var batches: [Batch] = []
                while let batch = try subscription.poll() { batches.append(batch) }
                return batches
            }
            for batch in batches {
                for row in 0..<batch.rowCount {
                    guard case .integer(let at) = batch.value(row: row, column: 2), case .integer(let weight) = batch.value(row: row, column: 3) else { continue }
                    #expect(at >= epoch)
                    epoch = max(epoch, at)
                    counts["\([batch.value(row: row, column: 0), batch.value(row: row, column: 1)])", default: 0] += weight
                }
            }
            #expect(counts.values.allSatisfy { $0 == 0 || $0 == 1 }, "seed \(seed) round \(round)")
            #expect(counts.filter { $0.value == 1 }.keys.sorted() == wanted, "seed \(seed) round \(round)")
            guard round % 10 == 9 else { continue }
            if round == 19 { _ = try await Threads.pool.run { [host] () throws(LeibrixError) in try host.checkpoint() } }
            try await host.abandonFollowing()
            host = try await fixture.open()
        }
        try await host.stop()
    }

    /// A view that lost its changes says so to who reads it, and another one is made beside it.
    @Test func saysThatItStopped() async throws {
        let fixture = try TableFixture()
        try await fixture.makeTables()
        var host = try await fixture.open()
        try await host.make(.view, "sums", Self.queries[0].query)
        try await fixture.change { transaction in _ = try transaction.drop(fixture.accounts.id) }
        try await fixture.change { transaction in _ = try transaction.insert(fixture.branches.id, rows: [[.integer(1), .string("one")]]) }
        for _ in 0..<2 {
            let error = await #expect(throws: LeibrixError.self) { try await fixture.rows("SELECT * FROM sums") }
            #expect(error?.message.contains("no longer follows its tables") == true)
            try await host.abandonFollowing()
            host = try await fixture.open()
        }
        try await host.make(.view, "names", "SELECT name, count(*) AS n FROM branches GROUP BY name")
        #expect(try await fixture.rows("SELECT * FROM names") == fixture.rows("SELECT name, count(*) FROM branches GROUP BY name"))
        let error = await #expect(throws: LeibrixError.self) { try await fixture.rows("SELECT * FROM sums") }
        #expect(error?.message.contains("no longer follows its tables") == true)
        try await Threads.pool.run { [host] () throws(LeibrixError) in try host.drop("sums", .view, cascade: false) }
        try await host.stop()
    }

    /// A crash while a view is made leaves nothing of it; what was made before goes on.
    @Test(arguments: ["tables-snapshot", "tables-caught-up"]) func crashWhileMade(point: String) async throws {
        let fixture = try TableFixture()
        try await fixture.makeTables()
        var random = SeededGenerator(seed: 3)
        for _ in 0..<5 { try await fixture.change { try fixture.churn(&random, $0) } }
        let doomed = Mutex<StreamHost?>(nil)
        var host = try await fixture.open { if $0 == point { doomed.withLock { $0 }?.abandon() } }
        try await host.make(.view, "sums", Self.queries[0].query)
        doomed.withLock { [host] in $0 = host }
        await #expect(throws: LeibrixError.self) { try await host.make(.view, "everything", Self.queries[4].query) }
        try await host.abandonFollowing()
        host = try await fixture.open()
        #expect(host.objects.map(\.name) == ["sums"])
        try await fixture.change { try fixture.churn(&random, $0) }
        #expect(try await fixture.rows("SELECT * FROM sums") == fixture.rows(Self.queries[0].query))
        try await host.make(.view, "everything", Self.queries[4].query)
        #expect(try await fixture.rows("SELECT * FROM everything") == fixture.rows(Self.queries[4].query))
        #expect(fixture.engine.changeReaderNames.count == 1)
        try await host.stop()
    }
}

@Suite struct LookupTests {
    /// What a lookup answered is answered again after a crash, whatever the table holds by then.
    @Test(arguments: [false, true]) func answersAreRemembered(withCheckpoint: Bool) async throws {
        let fixture = try TableFixture()
        try await fixture.makeTables()
        try await fixture.change { _ = try $0.insert(fixture.accounts.id, rows: [[.integer(1), .integer(7), .integer(10), .string("one")]]) }
        var host = try await fixture.open()
        var source = object(.source, "clicks")
        source.columns = [.init("account", .bigInt), .init("n", .integer)]
        let clicks = source
        try await Threads.pool.run { [host] () throws(LeibrixError) in try host.create(clicks) }
        let query = "SELECT c.n, a.balance, a.note FROM clicks c LEFT JOIN accounts AS a AT (TIMESTAMP => now()) ON c.account = a.id"
        try await host.make(.view, "seen", query)
        func push(_ host: StreamHost, _ rows: [[Value]]) async throws {
            let batch = Batch.rows(rows, clicks.columns)
            _ = try await Threads.pool.run { () throws(LeibrixError) in try host.push("clicks", [batch]) }
        }
        func shown(_ row: [Int64?]) -> String { "\(row.map { $0.map { Value.integer($0) } ?? .null })" }
        try await push(host, [[.integer(1), .integer(1)], [.integer(2), .integer(2)]])
        if withCheckpoint { _ = try await Threads.pool.run { [host] () throws(LeibrixError) in try host.checkpoint() } }
        try await fixture.change { transaction in
            let handle = try transaction.index(fixture.accounts.indexes[0].id, of: fixture.accounts.id)
            let row = try #require(try handle.index.key([.integer(1)]).flatMap { transaction.lookup(handle, $0) })
            _ = try transaction.update(fixture.accounts.id, [row], columns: [2], values: [[.integer(20)]])
        }
        try await push(host, [[.integer(1), .integer(3)]])
        let seen = try await fixture.rows("SELECT n, balance FROM seen")
        #expect(seen == [[1, 10], [2, nil], [3, 20]].map(shown))
        #expect(host.dependents(on: fixture.accounts).map(\.name) == ["seen"])
        try await host.abandonFollowing()
        try await fixture.change { _ = try $0.truncate(fixture.accounts.id) }
        host = try await fixture.open()
        #expect(try await fixture.rows("SELECT n, balance FROM seen") == seen)
        try await push(host, [[.integer(1), .integer(4)]])
        #expect(try await fixture.rows("SELECT n, balance FROM seen") == seen + [shown([4, nil])])
        try await host.stop()
    }
}
