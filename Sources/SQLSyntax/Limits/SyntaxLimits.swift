/// The bounds of what a client's text may make this target do.
public enum SyntaxLimits {
    /// Bytes of one query text.
    public static let textBytesMax = 64 << 20
    /// Tokens of one query text.
    public static let tokensMax = 4 << 20
    /// Brackets inside brackets. DuckDB's own expression depth is 1,000, and a bracket may cost it several levels.
    public static let nestingMax = 250
    /// Statements in one query text.
    public static let statementsMax = 100_000
    /// The highest $n.
    public static let parametersMax = 65_535
    /// Constants lifted out of one statement.
    public static let liftedMax = 256
    /// Bytes of a name.
    public static let nameBytesMax = 255
    /// Columns of a table, as in PostgreSQL.
    public static let columnsMax = 1_600
    /// Options in one WITH (…).
    public static let optionsMax = 256
}
