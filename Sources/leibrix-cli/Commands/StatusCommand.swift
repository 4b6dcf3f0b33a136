internal import Base
internal import Leibrix
internal import PostgresClient

enum StatusCommand: Command {
    static let name = "status"
    static let summary = "Datasets, epochs, memory and sessions of a running server."
    static let usage = "[URI]"
    static let flags = [Arguments.Flag("format", placeholder: "FORMAT", "table, csv or json. [table]")]
    static let more = "URI is postgresql://USER@HOST:PORT/DATABASE or HOST:PORT; postgresql://admin@127.0.0.1:5433/leibrix by default."

    private static let datasets = """
        SELECT d.dataset, d.state, d.source,
            count(*) FILTER (WHERE e.state = 'READY') AS ready, count(*) FILTER (WHERE e.state IN ('LOADING', 'VALIDATING')) AS loading,
            count(*) FILTER (WHERE e.state = 'FAILED') AS failed, coalesce(sum(e.rows) FILTER (WHERE e.state = 'READY'), 0)::BIGINT AS rows,
            coalesce(sum(e.bytes) FILTER (WHERE e.state = 'READY'), 0)::BIGINT AS bytes, d.refreshed_at, d.reason
        FROM leibrix.datasets AS d LEFT JOIN leibrix.epochs AS e ON e.tenant = d.tenant AND e.dataset = d.dataset
        GROUP BY ALL ORDER BY d.dataset
        """
    private static let totals = """
        SELECT (SELECT count(*) FROM leibrix.sessions) AS sessions,
            (SELECT count(*) FROM leibrix.queries WHERE state = 'running') AS running,
            (SELECT max(value)::BIGINT FROM leibrix.metrics WHERE name = 'leibrix_resident_bytes') AS resident_bytes
        """

    static func run(_ arguments: Arguments) throws(LeibrixError) -> Int32 {
        let uri = if let text = arguments.operands.first { try ConnectionURI(parsing: text) } else { ConnectionURI() }
        guard let format = OutputFormat(rawValue: arguments.value("format") ?? "table") else {
            throw LeibrixError(.configuration, "there is no format \(arguments.value("format") ?? "")", hint: "Choose table, csv or json.")
        }
        let shell = Shell(try SQLCommand.connect(uri), format: format)
        defer { shell.connection.close() }
        for query in [datasets, totals] where !shell.hasFailed { shell.execute(query) }
        return shell.hasFailed ? 1 : 0
    }
}
