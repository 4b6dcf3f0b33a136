// The shell's own commands, which begin with a backslash. What they show comes from queries on the catalog.
internal import Base
internal import SQLSyntax

enum MetaCommand: Equatable {
    case describe(String?)
    case relations
    case databases
    case schemas
    case users
    case timing(String?)
    case expanded(String?)
    case output(String?)
    case input(String)
    case format(String?)
    case help
    case quit

    static let names = ["\\?", "\\d", "\\dn", "\\dt", "\\du", "\\format", "\\i", "\\l", "\\o", "\\q", "\\timing", "\\x"]

    static let helpText = """
          \\d [NAME]       relations, or one relation's columns     \\dt   tables and datasets
          \\dn  schemas     \\du  users     \\l  databases
          \\timing [on|off]   show how long statements take
          \\x [on|off]        one column a line
          \\format [table|csv|json]
          \\o [FILE]          results into a file, or back here      \\i FILE  run a file
          \\q                 leave (also ^D)
        A statement ends with ';' and may take several lines. ^C drops the line, or ends the running statement. Tab completes.

        """

    init(parsing line: String) throws(LeibrixError) {
        let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
        let word = parts[0]
        var operand = parts.count > 1 ? parts[1].trimmed : nil
        if operand?.hasSuffix(";") == true { operand = String(operand!.dropLast()).trimmed }
        if operand?.isEmpty == true { operand = nil }
        switch word {
        case "\\d", "\\d+": self = .describe(operand)
        case "\\dt", "\\dv", "\\dt+": self = .relations
        case "\\l": self = .databases
        case "\\dn": self = .schemas
        case "\\du": self = .users
        case "\\timing": self = .timing(operand)
        case "\\x": self = .expanded(operand)
        case "\\o": self = .output(operand)
        case "\\format": self = .format(operand)
        case "\\?", "\\h": self = .help
        case "\\q": self = .quit
        case "\\i":
            guard let operand else { throw LeibrixError(.syntax, "\\i needs a file") }
            self = .input(operand)
        default: throw LeibrixError(.syntax, "there is no command \(word)", hint: suggestion(for: word, among: Self.names, what: "commands"))
        }
    }

    /// The query behind a command that shows the catalog.
    var query: String? {
        switch self {
        case .describe(nil), .relations: Self.relationsQuery
        case .describe(let name?): Self.columnsQuery(name)
        case .databases: "SELECT datname AS \"Name\", pg_catalog.pg_encoding_to_char(encoding) AS \"Encoding\" FROM pg_catalog.pg_database ORDER BY 1"
        case .schemas: "SELECT nspname AS \"Name\" FROM pg_catalog.pg_namespace ORDER BY 1"
        case .users: "SELECT rolname AS \"Name\", rolsuper AS \"Superuser\" FROM pg_catalog.pg_roles ORDER BY 1"
        default: nil
        }
    }

    private static let relationsQuery = """
        SELECT n.nspname AS "Schema", c.relname AS "Name",
            CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'dataset' WHEN 'f' THEN 'foreign table' ELSE c.relkind::text END AS "Type"
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'leibrix')
        ORDER BY 1, 2
        """

    /// Columns of NAME or SCHEMA.NAME.
    private static func columnsQuery(_ name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { part in
            part.hasPrefix("\"") && part.hasSuffix("\"") && part.count > 1 ? String(part.dropFirst().dropLast()) : part.lowercased()
        }
        let relation = literal(parts.last ?? "")
        let schema = parts.count > 1 ? "n.nspname = \(literal(parts[parts.count - 2]))" : "n.nspname NOT IN ('pg_catalog', 'information_schema', 'leibrix')"
        return """
            SELECT a.attname AS "Column", pg_catalog.format_type(a.atttypid, a.atttypmod) AS "Type",
                CASE WHEN a.attnotnull THEN 'not null' ELSE '' END AS "Nullable"
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relname = \(relation) AND \(schema) AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attnum
            """
    }

    private static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}
