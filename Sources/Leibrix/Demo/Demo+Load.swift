// The datasets: made once, then awaited until each has every row of its table.
internal import Base
internal import Platform

extension Demo {
    private static let options = [
        "lineitem": "time_column = 'l_shipdate', granularity = 'month', refresh = '10s'",
        "orders": "time_column = 'o_orderdate', granularity = 'month', refresh = '10s'",
    ]

    func load(_ client: DemoClient, _ progress: DemoProgress) throws(LeibrixError) {
        let known = Set(try client.rows("SELECT dataset FROM leibrix.datasets").compactMap { $0[0] })
        try client.run("CREATE CATALOG IF NOT EXISTS lake WITH (type = 'iceberg', uri = 'file://\(lake.root)')")
        let start = Clock.system.monotonicNanos()
        for table in TPCHLake.tables where !known.contains(table) {
            let options = Self.options[table] ?? "refresh = '10s'"
            try client.run("CREATE DATASET \(table) FROM lake.\(TPCHLake.namespace).\(table) WITH (\(options))")
        }
        try awaitReady(client, progress)
        let seconds = Double(Clock.system.monotonicNanos() - start) / 1e9
        let (rows, bytes) = try resident(client)
        progress.line("\n\(grouped(rows)) rows READY in \(decimal(seconds, 1)) s, \(Quantity.text(bytes: bytes)) resident.\n")
    }

    private func resident(_ client: DemoClient) throws(LeibrixError) -> (rows: Int, bytes: Int) {
        let row = try client.rows("SELECT sum(rows)::BIGINT, sum(bytes)::BIGINT FROM leibrix.epochs WHERE state = 'READY'").first ?? []
        return (row.first.flatMap { $0 }.flatMap { Int($0) } ?? 0, row.last.flatMap { $0 }.flatMap { Int($0) } ?? 0)
    }

    /// Until every dataset holds at least its table's rows (more, once somebody has appended), or one has failed.
    private func awaitReady(_ client: DemoClient, _ progress: DemoProgress) throws(LeibrixError) {
        let wanted = try lake.rows()
        var finished: Set<String> = []
        while true {
            let states = try client.rows(
                "SELECT dataset, state, count(*), coalesce(sum(rows), 0)::BIGINT, max(reason) FROM leibrix.epochs GROUP BY ALL")
            var ready: [String: Int] = [:]
            var loading = 0
            for row in states {
                guard let dataset = row[0], let state = row[1] else { continue }
                if state == "READY" { ready[dataset, default: 0] += Int(row[3] ?? "") ?? 0 }
                if state == "LOADING" || state == "VALIDATING" { loading += Int(row[2] ?? "") ?? 0 }
                if state == "FAILED", (ready[dataset] ?? 0) == 0, let reason = row[4] {
                    throw LeibrixError(.notReady, "dataset \(dataset) did not load: \(reason)", hint: "SELECT * FROM leibrix.loads tells more.")
                }
            }
            for table in TPCHLake.tables where !finished.contains(table) && (ready[table] ?? -1) >= wanted[table] ?? 0 {
                finished.insert(table)
                progress.line("  \(padRight(table, 9)) \(padLeft(grouped(ready[table] ?? 0), 12)) rows  READY")
            }
            if finished.count == TPCHLake.tables.count { return }
            let done = ready.values.reduce(0, +)
            let total = wanted.values.reduce(0, +)
            progress.status("loading: \(grouped(done)) of \(grouped(total)) rows READY, \(loading) epochs under way")
            Pause.milliseconds(100)
        }
    }
}
