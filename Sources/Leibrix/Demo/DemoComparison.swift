// The 22 queries, at the source (a DuckDB of its own over the same Iceberg tables) and here, with their answers held
// against each other.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Platform

struct DemoComparison: Sendable {
    struct Line: Sendable {
        var number: Int
        var sourceMS: Double
        /// The first time the query is asked.
        var hereMS: Double
        /// Asked again, when its plan and perhaps its answer are kept.
        var againMS: Double
        var rows: Int
        var isEqual: Bool
    }

    var lines: [Line] = []
    var allEqual: Bool { lines.allSatisfy(\.isEqual) }

    var summary: String {
        let source = lines.reduce(0) { $0 + $1.sourceMS }
        let here = lines.reduce(0) { $0 + $1.hereMS }
        let again = lines.reduce(0) { $0 + $1.againMS }
        let equal = lines.count(where: \.isEqual)
        return """
            -----  ----------  ----------  -------  ----------
            total  \(padLeft(decimal(source, 1), 10))  \(padLeft(decimal(here, 1), 10))  \(padLeft(decimal(source / max(here, 0.001), 1), 6))x  \(padLeft(decimal(again, 1), 10))

            \(equal) of \(lines.count) answers equal. Source: best of 2, DuckDB over the Iceberg tables. Here: over the wire, the first
            time; again: the same query once more, its answer kept as long as no dataset changes.
            """
    }

    static let header = """
        query   source ms     here ms   faster    again ms  rows
        -----  ----------  ----------  -------  ----------  ----
        """

    static func text(_ line: Line) -> String {
        let faster = padLeft(decimal(line.sourceMS / max(line.hereMS, 0.001), 1), 6) + "x"
        return "Q\(padRight(String(line.number), 4))  \(padLeft(decimal(line.sourceMS, 1), 10))  \(padLeft(decimal(line.hereMS, 1), 10))  \(faster)  "
            + padLeft(decimal(line.againMS, 1), 10) + "  " + padLeft(String(line.rows), 4) + (line.isEqual ? "" : "  DIFFERENT")
    }
}

extension Demo {
    func compare(_ client: DemoClient, _ progress: DemoProgress) throws(LeibrixError) -> DemoComparison {
        let source = try sourceConnection(client)
        let queries = try TPCHLake.queries(source)
        progress.line(DemoComparison.header)
        var comparison = DemoComparison()
        for (index, query) in queries.enumerated() {
            progress.status("Q\(index + 1) ..")
            var there: [[Value]] = []
            let sourceMS = try best(of: 2) { () throws(LeibrixError) in there = try source.rows(query) }
            var here: [[String?]] = []
            let hereMS = try best(of: 1) { () throws(LeibrixError) in here = try client.rows(query) }
            let againMS = try best(of: 1) { () throws(LeibrixError) in _ = try client.rows(query) }
            let line = DemoComparison.Line(
                number: index + 1, sourceMS: sourceMS, hereMS: hereMS, againMS: againMS, rows: here.count,
                isEqual: AnswerComparison.areEqual(there, here))
            comparison.lines.append(line)
            progress.line(DemoComparison.text(line))
        }
        return comparison
    }

    /// DuckDB reading the lake as it lies there: what a query costs without Leibrix. The snapshots are the tables' current
    /// ones, so that answers agree after an append too.
    private func sourceConnection(_ client: DemoClient) throws(LeibrixError) -> Connection {
        let database = try Database(DatabaseConfiguration(threads: configuration.threads, memoryLimit: configuration.memory))
        let connection = try database.connect()
        for name in ["avro", "iceberg", "sqlite_scanner", "tpch"] { try connection.loadExtension("\(lake.extensions)/\(name).duckdb_extension") }
        let catalog = Value.string(lake.catalogFile).duckDBLiteral
        for row in try connection.rows("SELECT table_name, metadata_location FROM sqlite_scan(\(catalog), 'iceberg_tables')") {
            guard case .string(let table) = row[0], case .string(let location) = row[1] else { continue }
            let path = location.hasPrefix("file://") ? String(location.dropFirst(7)) : location
            try connection.execute("CREATE VIEW \(table) AS FROM iceberg_scan(\(Value.string(path).duckDBLiteral))")
        }
        return connection
    }

    private func best(of runs: Int, _ body: () throws(LeibrixError) -> Void) throws(LeibrixError) -> Double {
        var best = Double.infinity
        for _ in 0..<runs {
            let start = Clock.system.monotonicNanos()
            try body()
            best = min(best, Double(Clock.system.monotonicNanos() - start) / 1e6)
        }
        return best
    }
}
