// Counts the rows of every epoch in one pass over the time and dimension columns of the snapshot: which epochs there are,
// and the row counts and bounds that what is written must agree with.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

struct Survey: Sendable {
    struct Epoch: Sendable, Equatable {
        var rows: Int64
        /// Microseconds since 1970; nil without rows of a finite time.
        var minMicros: Int64?
        var maxMicros: Int64?
    }

    /// By key, as `EpochKeys` makes them.
    var epochs: [Int64: Epoch]
    /// Rows that the dataset leaves out.
    var rowsOutside: Int64
    var rowsTotal: Int64 { epochs.values.reduce(rowsOutside) { $0 + $1.rows } }

    static func take(_ table: SourceTable, _ keys: EpochKeys, _ connection: Connection) throws(LeibrixError) -> Survey {
        let time = keys.time ?? "NULL::TIMESTAMP"
        let rows = try connection.rows(
            """
            SELECT key, count(*), epoch_us(min(t)), epoch_us(max(t))
            FROM (SELECT \(keys.expression) AS key, \(time) AS t FROM \(table.relation)) GROUP BY key
            """)
        var survey = Survey(epochs: [:], rowsOutside: 0)
        for row in rows {
            let count = row[1].int64 ?? 0
            guard let key = row[0].int64 else {
                survey.rowsOutside += count
                continue
            }
            survey.epochs[key] = Epoch(rows: count, minMicros: row[2].int64, maxMicros: row[3].int64)
        }
        return survey
    }

    /// What was read must be what the source's metadata says is there. Throws `validationFailed`.
    func check(against table: SourceTable) throws(LeibrixError) {
        guard let expected = table.rowsTotal, expected != rowsTotal else { return }
        throw LeibrixError(
            .validationFailed, "\(expected) rows by \(table.rowsTotalOrigin), but reading finds \(rowsTotal)",
            hint: "The source's metadata and its data disagree: repair the table, and it is loaded again by itself.")
    }
}
