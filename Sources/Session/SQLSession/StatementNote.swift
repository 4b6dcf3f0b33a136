// The rows of pg_prepared_statements and pg_cursors: what a session has prepared and opened, by SQL or by the protocol.
// They go into the text of the query that reads them, as sub-selects, since the engine knows no session.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

struct StatementNote: Sendable {
    let text: String
    let micros: Int64
    let parameterTypes: [DataType]
    let isSQL: Bool

    init(_ statement: PreparedStatement, _ micros: Int64, isSQL: Bool, text: String? = nil) {
        self.text = text ?? statement.text.sql
        self.micros = micros
        parameterTypes = statement.parameterTypes
        self.isSQL = isSQL
    }

    struct Cursor: Sendable {
        let text: String
        let micros: Int64
        let isHold: Bool
        let isScroll: Bool

        init(_ portal: StatementNote) {
            text = portal.text
            micros = portal.micros
            isHold = false
            isScroll = false
        }

        init(_ cursor: Session.Cursor) {
            text = cursor.text
            micros = cursor.createdMicros
            isHold = cursor.isHold
            isScroll = cursor.isScroll
        }
    }

    static func relation(_ notes: [String: StatementNote]) -> String {
        relation(
            ["name", "statement", "prepare_time", "parameter_types", "from_sql", "generic_plans", "custom_plans"],
            none: "NULL::VARCHAR, NULL::VARCHAR, NULL::TIMESTAMPTZ, NULL::VARCHAR[], NULL::BOOLEAN, NULL::BIGINT, NULL::BIGINT",
            notes.map { name, note in
                // pg_catalog's names of the types: the door has no catalog to look numbers up in.
                let types = note.parameterTypes.map { "format_type(\($0.postgres.oid), NULL)" }.joined(separator: ", ")
                return "\(sqlString(name)), \(sqlString(note.text)), \(time(note.micros)), [\(types)]::VARCHAR[], \(note.isSQL), 0::BIGINT, 0::BIGINT"
            })
    }

    static func relation(_ cursors: [String: Cursor]) -> String {
        relation(
            ["name", "statement", "is_holdable", "is_binary", "is_scrollable", "creation_time"],
            none: "NULL::VARCHAR, NULL::VARCHAR, NULL::BOOLEAN, NULL::BOOLEAN, NULL::BOOLEAN, NULL::TIMESTAMPTZ",
            cursors.map { name, cursor in
                "\(sqlString(name)), \(sqlString(cursor.text)), \(cursor.isHold), false, \(cursor.isScroll), \(time(cursor.micros))"
            })
    }

    private static func relation(_ columns: [String], none: String, _ rows: [String]) -> String {
        let head = "(SELECT * FROM (VALUES (\(rows.isEmpty ? none : rows.sorted().joined(separator: "), (")))) AS noted"
        return "\(head)(\(columns.joined(separator: ", ")))\(rows.isEmpty ? " WHERE name IS NOT NULL" : ""))"
    }

    private static func time(_ micros: Int64) -> String { "make_timestamptz(\(micros))" }
}
