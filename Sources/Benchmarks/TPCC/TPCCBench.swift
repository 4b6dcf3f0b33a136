// TPC-C over the wire beside PostgreSQL 15: terminals without keying and thinking times, each with a home warehouse. What counts is new
// orders a minute; afterwards the consistency conditions must hold on both.
internal import Base
internal import Foundation
internal import PostgresClient
internal import Synchronization

enum TPCCBench {
    private struct Outcome {
        var newOrders = 0
        var transactions = 0
        var retries = 0
        /// Milliseconds of new orders.
        var latencies: [Double] = []
    }

    static func run(_ context: BenchContext) throws -> BenchReport {
        let scale = TPCCScale.of(context.scale)
        let isSmall = context.scale < 0.1
        let (terminals, seconds) = isSmall ? (2, 1.0) : (8, 20.0)
        var report = BenchReport(
            name: "tpcc",
            settings: context.settings + [
                ("warehouses", "\(scale.warehouses)"), ("terminals", "\(terminals)"), ("seconds", "\(seconds)"),
                ("PostgreSQL", LocalPostgres.durableSettings),
            ])
        try Pgbench.requireInstalled()
        let folder = try context.temporaryFolder("tpcc")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let server = try BenchServer(context, folder: folder, arguments: ["--extensions", context.extensions])
        defer { server.stop() }
        let postgres = try LocalPostgres(context, isDurable: true)
        let connects: [@Sendable () throws -> PostgresConnection] = [
            { [port = server.port] in try PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "leibrix") },
            { [port = postgres.port] in try PostgresConnection(host: "127.0.0.1", port: port, user: "admin", database: "postgres") },
        ]
        var best = [Outcome(), Outcome()]
        for (side, connect) in connects.enumerated() {
            context.progress("tpcc: loading \(scale.warehouses) warehouses into \(side == 0 ? "Leibrix" : "PostgreSQL")")
            try load(connect(), scale, isPeer: side == 1)
        }
        for round in 0..<(isSmall ? 1 : context.rounds) {
            for (side, connect) in connects.enumerated() {
                let outcome = try measure(connect, scale, terminals, seconds, seed: UInt64(round + 1))
                if outcome.newOrders >= best[side].newOrders { best[side] = outcome }
            }
        }
        for connect in connects { try checkConditions(connect()) }
        let minutes = seconds / 60
        report.figures.append(
            BenchFigure(
                "new orders a minute", unit: "tpmC", ours: Double(best[0].newOrders) / minutes, peer: Double(best[1].newOrders) / minutes,
                peerName: "PostgreSQL 15", atLeast: 1))
        for (name, part) in [("median", 0.5), ("99th", 0.99)] {
            report.figures.append(
                BenchFigure(
                    "new order, \(name)", unit: "ms", ours: Timing.quantile(best[0].latencies, part), peer: Timing.quantile(best[1].latencies, part),
                    peerName: "PostgreSQL 15"))
        }
        report.figures.append(BenchFigure("transactions run again", unit: "", ours: Double(best[0].retries), peer: Double(best[1].retries), peerName: "PostgreSQL 15"))
        report.figures.append(BenchFigure("consistency conditions breached", unit: "", ours: 0, atMost: 0))
        return report
    }

    private static func load(_ connection: PostgresConnection, _ scale: TPCCScale, isPeer: Bool) throws {
        for sql in TPCCSchema.tables + [TPCCSchema.items(scale)] { _ = try connection.query(sql) }
        for warehouse in 1...scale.warehouses {
            for sql in TPCCSchema.rows(of: warehouse, scale) { _ = try connection.query(sql) }
        }
        for sql in TPCCSchema.indexes { _ = try connection.query(sql) }
        if isPeer { _ = try connection.query("VACUUM ANALYZE") }
        connection.close()
    }

    private static func measure(
        _ connect: @escaping @Sendable () throws -> PostgresConnection, _ scale: TPCCScale, _ count: Int, _ seconds: Double, seed: UInt64
    ) throws -> Outcome {
        let total = Mutex(Outcome())
        let failure = Mutex<String?>(nil)
        let group = DispatchGroup()
        for number in 0..<count {
            let connection = try connect()
            let terminal = try TPCCTerminal(connection, scale, warehouse: number % scale.warehouses + 1, seed: seed * 1_000 + UInt64(number))
            let handed = Handed(terminal)
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                do {
                    let outcome = try work(handed.terminal, seconds)
                    total.withLock { total in
                        total.newOrders += outcome.newOrders
                        total.transactions += outcome.transactions
                        total.retries += outcome.retries
                        total.latencies += outcome.latencies
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? "\(error)" }
                }
                handed.terminal.connection.close()
            }
        }
        group.wait()
        if let failure = failure.withLock({ $0 }) { throw LeibrixError(.internal, "a terminal failed: \(failure)") }
        return total.withLock { $0 }
    }

    private static func work(_ terminal: TPCCTerminal, _ seconds: Double) throws -> Outcome {
        var outcome = Outcome()
        let stop = Date().addingTimeInterval(seconds)
        while Date() < stop {
            let kind = terminal.next()
            let (time, ran) = try Timing.seconds { try terminal.run(kind) }
            outcome.transactions += 1
            outcome.retries += ran.retries
            guard kind == .newOrder, ran.isCommitted else { continue }
            outcome.newOrders += 1
            outcome.latencies.append(time * 1_000)
        }
        return outcome
    }

    private static func checkConditions(_ connection: PostgresConnection) throws {
        for (number, sql) in TPCCConditions.all {
            let breaches = try connection.query(sql)[0].text(0, 0)
            guard breaches == "0" else { throw LeibrixError(.internal, "TPC-C's condition \(number) is breached \(breaches ?? "?") times") }
        }
        connection.close()
    }
}

/// A terminal on its way to its thread.
private final class Handed: @unchecked Sendable {
    let terminal: TPCCTerminal
    init(_ terminal: TPCCTerminal) { self.terminal = terminal }
}
