// YCSB's workloads over rows of ten fields of 100 bytes, keys drawn by its zipfian distribution (0.99 is pgbench's nearest, 1.01) and
// scattered. Each operation is a statement of its own, prepared; F's read and write of a row are two. D reads what lies near the end
// of the keys loaded, in place of what was inserted last.
internal import Base
internal import Foundation

enum YCSBBench {
    private struct Workload {
        let name: String
        /// Scripts with their weights.
        let parts: [(script: String, weight: Int)]
    }

    private static let workloads: [Workload] = [
        Workload(name: "A, half updates", parts: [("read", 50), ("update", 50)]),
        Workload(name: "B, 5% updates", parts: [("read", 95), ("update", 5)]),
        Workload(name: "C, reads", parts: [("read", 100)]),
        Workload(name: "D, latest, 5% inserts", parts: [("latest", 95), ("insert", 5)]),
        Workload(name: "E, scans, 5% inserts", parts: [("scan", 95), ("insert", 5)]),
        Workload(name: "F, read and write", parts: [("read", 50), ("change", 50)]),
    ]

    static func run(_ context: BenchContext) throws -> BenchReport {
        let isSmall = context.scale < 0.1
        let (rows, seconds, clients) = (isSmall ? 1_000 : 200_000, isSmall ? 1 : 5, isSmall ? 2 : 8)
        var report = BenchReport(
            name: "ycsb",
            settings: context.settings + [
                ("rows", "\(rows)"), ("clients", "\(clients)"), ("seconds", "\(seconds)"), ("PostgreSQL", LocalPostgres.durableSettings),
            ])
        let pair = try ServerPair(context, "ycsb")
        defer { pair.stop() }
        let fields = (0..<10).map { "field\($0)" }
        try pair.execute("CREATE TABLE usertable (ycsb_key bigint PRIMARY KEY, \(fields.map { "\($0) varchar(100)" }.joined(separator: ", ")))")
        let values = fields.map { _ in "repeat('x', 100)" }.joined(separator: ", ")
        try pair.execute("INSERT INTO usertable SELECT i, \(values) FROM generate_series(1, \(rows)) AS g(i)")
        let scripts = try self.scripts(pair, rows, fields)
        for workload in workloads {
            context.progress("workload \(workload.name)")
            let files = workload.parts.flatMap { ["-f", "\(scripts[$0.script] ?? "")@\($0.weight)"] }
            report.figures.append(
                try pair.figure(
                    workload.name, ["-M", "prepared"] + files, clients: clients, seconds: seconds, rounds: isSmall ? 1 : context.rounds, atLeast: 1.5))
        }
        return report
    }

    private static func scripts(_ pair: ServerPair, _ rows: Int, _ fields: [String]) throws -> [String: String] {
        let key = "\\set z random_zipfian(1, \(rows), 1.01)\n\\set k permute(:z, \(rows)) + 1\n"
        let text = String(repeating: "y", count: 100)
        let given = fields.map { _ in "'\(text)'" }.joined(separator: ", ")
        let texts = [
            "read": key + "SELECT * FROM usertable WHERE ycsb_key = :k;\n",
            "latest": "\\set z random_zipfian(1, \(rows), 1.01)\n\\set k \(rows) + 1 - :z\nSELECT * FROM usertable WHERE ycsb_key = :k;\n",
            "update": key + "UPDATE usertable SET field3 = '\(text)' WHERE ycsb_key = :k;\n",
            "insert": "\\set k random(\(rows + 1), 4000000000000)\nINSERT INTO usertable VALUES (:k, \(given)) ON CONFLICT (ycsb_key) DO NOTHING;\n",
            "scan": key + "\\set n random(1, 100)\nSELECT * FROM usertable WHERE ycsb_key >= :k ORDER BY ycsb_key LIMIT :n;\n",
            "change": key + "BEGIN;\nSELECT * FROM usertable WHERE ycsb_key = :k;\nUPDATE usertable SET field5 = '\(text)' WHERE ycsb_key = :k;\nEND;\n",
        ]
        return try Dictionary(uniqueKeysWithValues: texts.map { ($0.key, try pair.script($0.key, $0.value)) })
    }
}
