// Readers that ask the same question for as long as they are let, and hold every answer against an invariant.
import Foundation
import PostgresClient
import Synchronization

final class QueryLoad: Sendable {
    private let stop = Atomic(false)
    private let answered = Atomic(0)
    private let failures = Mutex<[String]>([])
    private let group = DispatchGroup()

    /// `check` gives what is wrong with the answer's first row, or nil.
    init(port: Int, readers: Int, sql: String, isPrepared: Bool = false, check: @escaping @Sendable ([String?]) -> String?) throws {
        for number in 0..<readers {
            group.enter()
            Thread.detachNewThread { [self] in
                defer { group.leave() }
                do {
                    let connection = try PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "leibrix")
                    connection.setReceiveTimeout(seconds: 600)
                    let prepares = isPrepared || number % 2 == 1
                    if prepares { _ = try connection.prepare("load", sql) }
                    while !stop.load(ordering: .relaxed) {
                        let result = prepares ? try connection.execute("load") : try connection.query(sql)[0]
                        if let wrong = result.textRows.first.map(check) ?? "no row" { failures.withLock { $0.append(wrong) } }
                        answered.add(1, ordering: .relaxed)
                    }
                    connection.close()
                } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
    }

    func finish() -> (answered: Int, failures: [String]) {
        stop.store(true, ordering: .relaxed)
        group.wait()
        return (answered.load(ordering: .relaxed), failures.withLock { $0 })
    }
}
