import Base
import Catalog
import Columnar
import Platform
import Synchronization
import Testing

@testable import TableEngine

/// The anomalies of Adya's and Fekete's catalogues, and what each level does about them.
@Suite struct IsolationTests {
    static let levels: [TransactionIsolation] = [.readCommitted, .repeatableRead, .serializable]

    /// Two accounts with 50 each, ids 1 and 2.
    static func accounts() throws -> Fixture {
        let f = try Fixture()
        try f.run { t in for id in 1...2 { try f.insert(Int64(id), 50, t) } }
        return f
    }

    static func state(_ result: Result<Void, any Error>) -> String? {
        if case .failure(let error) = result { return (error as? LeibrixError)?.sqlState }
        return nil
    }

    @Test(arguments: levels)
    func `Dirty reads never happen`(level: TransactionIsolation) throws {
        let f = try Self.accounts()
        let a = try f.begin(level)
        try f.update(1, n: 99, a)
        let b = try f.begin(level)
        #expect(try f.n(1, b) == 50)
        a.rollback()
        b.beginStatement()
        #expect(try f.n(1, b) == 50)
    }

    @Test(arguments: levels)
    func `Fuzzy reads and phantoms happen at READ COMMITTED alone`(level: TransactionIsolation) throws {
        let f = try Self.accounts()
        let a = try f.begin(level)
        #expect(try f.n(1, a) == 50)
        try f.run { t in
            try f.update(1, n: 60, t)
            try f.insert(3, 1, t)
        }
        a.beginStatement()
        #expect(try f.n(1, a) == (level == .readCommitted ? 60 : 50))
        var count = 0
        transactionRange(a, try f.handle(a)) { _ in count += 1 }
        #expect(count == (level == .readCommitted ? 3 : 2))
    }

    @Test(arguments: levels)
    func `Lost updates are refused above READ COMMITTED`(level: TransactionIsolation) throws {
        let f = try Self.accounts()
        let a = try f.begin(level)
        let b = try f.begin(level)
        let n = try #require(try f.n(1, a))
        #expect(try f.n(1, b) == n)
        try f.update(1, n: n + 10, a)
        try a.commitInMemory()
        // At READ COMMITTED the statement finds the row changed, and runs again on what is there.
        let row = try #require(try f.find(1, b))
        let result = Result<Void, any Error> { () throws(any Error) in
            let outcome = try b.update(f.table, [row], columns: [1], values: [[.integer(n + 20)]])
            #expect(outcome == .changed)
        }
        #expect(Self.state(result) == (level == .readCommitted ? nil : "40001"))
    }

    @Test(arguments: levels)
    func `Write skew is refused at SERIALIZABLE`(level: TransactionIsolation) throws {
        let f = try Self.accounts()
        let a = try f.begin(level)
        let b = try f.begin(level)
        for t in [a, b] { #expect(try (f.n(1, t) ?? 0) + (f.n(2, t) ?? 0) == 100) }
        try f.update(1, n: -40, a)
        try f.update(2, n: -40, b)
        try a.commitInMemory()
        #expect(Self.state(Result<Void, any Error> { () throws(any Error) in try b.commitInMemory() }) == (level == .serializable ? "40001" : nil))
    }

    @Test(arguments: levels)
    func `Write skew over a range that was empty is refused at SERIALIZABLE`(level: TransactionIsolation) throws {
        let f = try Self.accounts()
        let a = try f.begin(level)
        let b = try f.begin(level)
        for t in [a, b] {
            let handle = try f.handle(t)
            let low = try #require(try handle.index.key([10]))
            let high = try #require(try handle.index.key([20]))
            t.range(handle, from: .inclusive(low), to: .exclusive(high)) { _ in
                Issue.record("the range is empty")
                return false
            }
        }
        try f.insert(11, 1, a)
        try f.insert(12, 1, b)
        try a.commitInMemory()
        #expect(Self.state(Result<Void, any Error> { () throws(any Error) in try b.commitInMemory() }) == (level == .serializable ? "40001" : nil))
        // Outside of what was read nothing is in the way.
        let c = try f.begin(level)
        #expect(try f.n(1, c) == 50)
        try f.run { try f.insert(13, 1, $0) }
        try f.insert(30, 1, c)
        try c.commitInMemory()
    }

    @Test(arguments: levels)
    func `The read-only anomaly is refused at SERIALIZABLE`(level: TransactionIsolation) throws {
        // Fekete, O'Neil, O'Neil 2004: a deposit into savings, a withdrawal from checking that sees neither, a report between.
        let f = try Self.accounts()
        try f.run { t in
            try f.update(1, n: 0, t)
            try f.update(2, n: 0, t)
        }
        let withdrawal = try f.begin(level)
        #expect(try [f.n(1, withdrawal), f.n(2, withdrawal)] == [0, 0])
        let deposit = try f.begin(level)
        #expect(try f.n(2, deposit) == 0)
        try f.update(2, n: 20, deposit)
        try deposit.commitInMemory()
        let report = try f.begin(level)
        #expect(try [f.n(1, report), f.n(2, report)] == [0, 20])
        try report.commitInMemory()
        try f.update(1, n: -11, withdrawal)
        #expect(Self.state(Result<Void, any Error> { () throws(any Error) in try withdrawal.commitInMemory() }) == (level == .serializable ? "40001" : nil))
    }

    @Test func `A scan in DuckDB is a read of the table`() throws {
        let f = try ScannedFixture()
        try f.fixture.run { try f.fixture.insert(1, 1, $0) }
        let a = try f.fixture.begin(.serializable)
        #expect(try f.rows("SELECT sum(n) FROM t", a) == [[.hugeInt(1)]])
        try f.fixture.run { try f.fixture.insert(2, 1, $0) }
        try f.fixture.insert(3, 1, a)
        #expect(Self.state(Result<Void, any Error> { () throws(any Error) in try a.commitInMemory() }) == "40001")
    }

    @Test(arguments: [21, 22, 23] as [UInt64])
    func `Lists that transactions append to have a serial history`(seed: UInt64) async throws {
        let history = try ListAppend(seed: seed)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask { _ = try? await history.pool.run { history.work(worker) } }
            }
        }
        #expect(history.committed.withLock { $0.count } > 100, "seed \(seed)")
        #expect(history.cycle() == nil, "seed \(seed)")
    }
}

extension IsolationTests {
    @Test func `The checker of histories finds write skew`() throws {
        let history = try ListAppend(seed: 0)
        let a = try history.fixture.begin(.repeatableRead)
        let b = try history.fixture.begin(.repeatableRead)
        for (t, key, number) in [(a, 0 as Int64, 1), (b, 1, 2)] {
            let row = try #require(try history.fixture.find(key, t))
            let outcome = try t.update(history.fixture.table, [row], columns: [2], values: [[.string(String(number))]])
            #expect(outcome == .done)
            history.committed.withLock { $0.append(.init(reads: [1 - key: []], appends: [(key, number)])) }
        }
        try a.commitInMemory()
        try b.commitInMemory()
        #expect(history.cycle()?.count == 2)
    }
}

/// Workers append unique numbers to lists and read others; what they saw gives the order of versions, and with it the graph of who
/// must come before whom.
final class ListAppend: Sendable {
    struct Observed: Sendable {
        /// What each list was when read, by key.
        var reads: [Int64: [Int]] = [:]
        var appends: [(key: Int64, number: Int)] = []
    }

    static let keys: Int64 = 6
    let seed: UInt64
    let fixture: Fixture
    let pool = BlockingPool(name: "lists", threads: 4)
    let committed = Mutex<[Observed]>([])
    private let nextNumber = Atomic<Int>(1)

    init(seed: UInt64) throws {
        self.seed = seed
        fixture = try Fixture()
        try fixture.run { t in for key in 0..<Self.keys { try fixture.insert(key, 0, t, "") } }
    }

    func work(_ worker: Int) {
        var random = SeededGenerator(seed: seed &* 100 &+ UInt64(worker))
        for _ in 0..<150 {
            guard let transaction = try? fixture.engine.begin(.serializable) else { return }
            if let observed = try? run(transaction, &random) {
                committed.withLock { $0.append(observed) }
            } else {
                transaction.rollback()
            }
        }
    }

    private func run(_ transaction: TableTransaction, _ random: inout SeededGenerator) throws -> Observed {
        var observed = Observed()
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            transaction.beginStatement()
            let key = Int64.random(in: 0..<Self.keys, using: &random)
            var list = try read(key, transaction)
            if observed.appends.allSatisfy({ $0.key != key }) { observed.reads[key] = list }
            guard Bool.random(using: &random) else { continue }
            let number = nextNumber.add(1, ordering: .relaxed).newValue
            list.append(number)
            try append(key, list, transaction)
            observed.appends.append((key, number))
        }
        try transaction.commitInMemory()
        return observed
    }

    private func read(_ key: Int64, _ transaction: TableTransaction) throws -> [Int] {
        guard case .string(let text)? = try fixture.values(key, transaction)?[2] else { throw LeibrixError(.internal, "no list") }
        return text.split(separator: ",").compactMap { Int($0) }
    }

    private func append(_ key: Int64, _ list: [Int], _ transaction: TableTransaction) throws {
        guard let row = try fixture.find(key, transaction) else { throw LeibrixError(.internal, "no list") }
        let text = list.map(String.init).joined(separator: ",")
        while true {
            switch try transaction.update(fixture.table, [row], columns: [2], values: [[.string(text)]]) {
            case .done: return
            case .changed: throw LeibrixError(.serializationFailure, "changed")
            case .blocked(let other): try fixture.engine.blockingWait(for: other, by: transaction)
            }
        }
    }

    /// The numbers of transactions on a cycle; nil for a history with a serial order.
    func cycle() -> [Int]? {
        let observed = committed.withLock { $0 }
        var edges = Array(repeating: Set<Int>(), count: observed.count)
        for key in 0..<Self.keys {
            let order = finalList(key)
            var writer: [Int: Int] = [:]
            for (place, one) in observed.enumerated() {
                for append in one.appends where append.key == key { writer[append.number] = place }
            }
            for (a, b) in zip(order, order.dropFirst()) { add(writer[a], writer[b], &edges) }
            for (place, one) in observed.enumerated() {
                guard let seen = one.reads[key] else { continue }
                if !order.starts(with: seen) { return [place] }
                if let last = seen.last { add(writer[last], place, &edges) }
                if seen.count < order.count { add(place, writer[order[seen.count]], &edges) }
            }
        }
        return findCycle(edges)
    }

    private func finalList(_ key: Int64) -> [Int] {
        guard let transaction = try? fixture.begin() else { return [] }
        return (try? read(key, transaction)) ?? []
    }

    private func add(_ from: Int?, _ to: Int?, _ edges: inout [Set<Int>]) {
        if let from, let to, from != to { edges[from].insert(to) }
    }

    private func findCycle(_ edges: [Set<Int>]) -> [Int]? {
        var before = Array(repeating: 0, count: edges.count)
        for targets in edges { for target in targets { before[target] += 1 } }
        var free = before.indices.filter { before[$0] == 0 }
        var placed = 0
        while let node = free.popLast() {
            placed += 1
            for target in edges[node] {
                before[target] -= 1
                if before[target] == 0 { free.append(target) }
            }
        }
        return placed == edges.count ? nil : before.indices.filter { before[$0] > 0 }
    }
}
