// Clients write into a table over the wire, the server is killed, at random moments and at each named step, and started again, round
// after round on one directory. What a client was told is committed is there, and no transaction is half there.
import Foundation
import PostgresClient
import Synchronization
import Testing

@Suite(.serialized) struct KilledTablesTests {
    private static let isSoak = ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] != nil
    private static var rounds: Int { isSoak ? 1_000 : 6 }
    private static let clients = 4
    /// Steps of commits come with the first; steps of checkpoints with the one of a server that is told to stop.
    private static let steps = [
        "", "commit-appended", "", "checkpoint-writing", "", "commit-durable", "", "checkpoint-published", "", "commit-encoded", "",
        "checkpoint-written", "", "checkpoint-done",
    ]

    /// What clients were told, by all rounds.
    private final class Told: Sendable {
        private let tags = Mutex<Set<Int>>([])
        private let last = Mutex(0)
        func next() -> Int {
            last.withLock { last in
                last += 1
                return last
            }
        }
        func committed(_ tag: Int) { tags.withLock { _ = $0.insert(tag) } }
        var all: Set<Int> { tags.withLock { $0 } }
    }

    /// Three rows a transaction, in one statement or in three, until the connection breaks.
    private static func work(_ server: ServerProcess, _ told: Told) {
        guard let connection = try? server.connect() else { return }
        while true {
            let tag = told.next()
            do {
                if tag % 3 == 0 {
                    _ = try connection.query("INSERT INTO t SELECT \(tag * 3) + i, \(tag), 'tag \(tag)' FROM range(3) r(i)")
                } else {
                    _ = try connection.query("BEGIN")
                    for row in 0..<3 { _ = try connection.query("INSERT INTO t VALUES (\(tag * 3 + row), \(tag), 'x')") }
                    if tag % 5 == 0 { _ = try connection.query("UPDATE t SET s = 'changed' WHERE tag = \(tag)") }
                    _ = try connection.query("COMMIT")
                }
            } catch {
                return
            }
            told.committed(tag)
        }
    }

    @Test func whatClientsWereToldIsThere() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("killed tables, seed \(seed)")
        var random = SeededRandom(seed: seed)
        let folder = TemporaryFolder("killed")
        let server = try ServerProcess(dataDirectory: folder.path + "/data")
        _ = try server.connect().query("CREATE TABLE t (id BIGINT PRIMARY KEY, tag BIGINT NOT NULL, s VARCHAR)")
        #expect(server.stop() == 0)
        let told = Told()
        for round in 0..<Self.rounds {
            let step = Self.steps[round % Self.steps.count]
            try server.start(environment: ["LEIBRIX_FAULT": step])
            let done = DispatchGroup()
            for _ in 0..<Self.clients {
                done.enter()
                Thread.detachNewThread {
                    Self.work(server, told)
                    done.leave()
                }
            }
            if !step.hasPrefix("commit-") {
                // On a busy machine clients take long to begin: a round in which nobody was told anything proves nothing.
                let before = told.all.count
                while told.all.count == before && server.isRunning { usleep(5_000) }
                usleep(UInt32(20_000 + random.next() % 200_000))
            }
            if step.isEmpty { server.kill() } else if step.hasPrefix("checkpoint-") { server.stop() }
            server.waitUntilExit()
            done.wait()
            try server.start()
            let connection = try server.connect()
            let rows = try connection.query("SELECT tag, count(*) FROM t GROUP BY tag")[0].textRows
            let found = Set(rows.compactMap { $0[0].flatMap { Int($0) } })
            #expect(rows.allSatisfy { $0[1] == "3" }, "round \(round) at '\(step)': a transaction is half there")
            let lost = told.all.subtracting(found)
            #expect(lost.isEmpty, "round \(round) at '\(step)': \(lost.count) acknowledged transactions are lost")
            connection.close()
            server.kill()
        }
        #expect(told.all.count >= Self.rounds / 2)
    }
}
