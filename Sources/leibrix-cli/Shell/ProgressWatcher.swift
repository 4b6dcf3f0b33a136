// A bar under a statement that takes long. A thread of its own asks leibrix.queries over a second connection, which is made
// when the first slow statement needs it.
internal import Base
internal import Platform
internal import PostgresClient
internal import Synchronization

final class ProgressWatcher: Sendable {
    private static let delayMS = 700
    private static let periodMS = 250

    private let uri: ConnectionURI
    private let pool = BlockingPool(name: "progress", threads: 1)
    /// Counts starts and stops: odd while a statement runs.
    private let turn = Mutex(0)
    private let drawn = Mutex(false)

    init(_ uri: ConnectionURI) { self.uri = uri }

    func start(_ processID: Int) {
        let mine = turn.withLock { turn in
            turn += 1
            return turn
        }
        pool.start { self.watch(processID, mine) }
    }

    /// Ends the watch and wipes the bar.
    func stop() {
        turn.withLock { $0 += 1 }
        drawn.withLock { drawn in
            if drawn { Console.write("\r\u{1B}[K", to: 2) }
            drawn = false
        }
    }

    private func isCurrent(_ mine: Int) -> Bool { turn.withLock { $0 == mine } }

    private func watch(_ processID: Int, _ mine: Int) {
        for _ in 0..<Self.delayMS / 50 {
            Pause.milliseconds(50)
            guard isCurrent(mine) else { return }
        }
        guard let connection = try? PostgresConnection(host: uri.host, port: uri.port, user: uri.user, database: uri.database, password: uri.password, tls: uri.tls) else { return }
        connection.setReceiveTimeout(seconds: 2)
        defer { connection.close() }
        let sql = "SELECT progress, elapsed_ms / 1000 FROM leibrix.queries WHERE session = \(processID) AND state = 'running'"
        while isCurrent(mine) {
            guard let row = try? connection.query(sql).first?.textRows.first else { return }
            draw(fraction: row[0].flatMap { Double($0) }, seconds: row[1].flatMap { Double($0) } ?? 0, mine)
            Pause.milliseconds(Self.periodMS)
        }
    }

    private func draw(fraction: Double?, seconds: Double, _ mine: Int) {
        let time = "\(Int(seconds)).\(Int(seconds * 10) % 10) s"
        var line = "\r\u{1B}[K"
        if let fraction, fraction >= 0 {
            let full = Int((min(1, fraction) * 30).rounded())
            line += "[" + String(repeating: "#", count: full) + String(repeating: ".", count: 30 - full) + "] \(Int(min(1, fraction) * 100)) %  \(time)"
        } else {
            line += "running  \(time)"
        }
        drawn.withLock { drawn in
            guard isCurrent(mine) else { return }
            Console.write(line, to: 2)
            drawn = true
        }
    }
}
