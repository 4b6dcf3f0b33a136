// pgbench's own scripts, unchanged, and what they leave out: single rows that are durable one by one, and COPY FROM.
internal import Base
internal import Foundation

enum PgbenchBench {
    static func run(_ context: BenchContext) throws -> BenchReport {
        let isSmall = context.scale < 0.1
        let (branches, seconds, rounds) = (isSmall ? 1 : 32, isSmall ? 1 : 5, isSmall ? 1 : context.rounds)
        var report = BenchReport(
            name: "pgbench",
            settings: context.settings + [("pgbench -s", "\(branches)"), ("seconds", "\(seconds)"), ("PostgreSQL", LocalPostgres.durableSettings)])
        let pair = try ServerPair(context, "pgbench")
        defer { pair.stop() }
        report.figures.append(try copying(pair, branches))
        for clients in isSmall ? [1] : [1, 8, 32] {
            context.progress("select-only, \(clients) clients")
            report.figures.append(
                try pair.figure(
                    "select-only, prepared, clients \(clients)", ["-S", "-M", "prepared"], clients: clients, seconds: seconds, rounds: rounds,
                    atLeast: clients == 1 ? 1.3 : 1.5))
        }
        for mode in ["prepared", "simple"] {
            for clients in isSmall ? [2] : [1, 32] {
                context.progress("TPC-B, \(mode), \(clients) clients")
                report.figures.append(
                    try pair.figure(
                        "TPC-B, \(mode), clients \(clients)", ["-M", mode], clients: clients, seconds: seconds, rounds: rounds,
                        atLeast: clients == 32 ? 2 : 1))
            }
        }
        try pair.execute("CREATE TABLE singles (k bigint PRIMARY KEY, v integer, t text)")
        let script = try pair.script(
            "single", "\\set k random(1, 4000000000000)\nINSERT INTO singles VALUES (:k, :client_id, 'a row of its own') ON CONFLICT (k) DO NOTHING;\n")
        let clients = isSmall ? 2 : 32
        report.figures.append(
            try pair.figure(
                "durable INSERT, clients \(clients)", ["-M", "prepared", "-f", script], clients: clients, seconds: seconds, rounds: rounds, atLeast: 2))
        return report
    }

    /// pgbench fills its accounts by COPY FROM STDIN.
    private static func copying(_ pair: ServerPair, _ branches: Int) throws -> BenchFigure {
        var rates: [Double] = []
        for driver in pair.both {
            _ = try driver.run(["-i", "-q", "-I", "dtp", "-s", "\(branches)"])
            let seconds = try Timing.seconds { _ = try driver.run(["-i", "-q", "-I", "g", "-s", "\(branches)"]) }.seconds
            rates.append(Double(branches) * 100_000 / seconds)
        }
        return BenchFigure("COPY FROM, with the primary key", unit: "rows/s", ours: rates[0], peer: rates[1], peerName: "PostgreSQL 15", atLeast: 1)
    }
}
