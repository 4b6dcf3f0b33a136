// Functions in the engine that statements on tables are written with: limits of declared types, and sequences.
internal import Base
internal import Columnar
internal import DuckDBKit

/// Errors in them are of our own: the engine hands on what begins with a code.
enum TableFunctions {
    private static let macros = [
        """
        CREATE OR REPLACE MACRO lbx_limit(x, n, t) AS CASE WHEN x IS NULL OR length(x) <= n THEN x \
        WHEN length(rtrim(x, ' ')) <= n THEN left(x, n) \
        ELSE error('\(tooLong)' || t || '(' || n || ')') END
        """,
        """
        CREATE OR REPLACE MACRO lbx_bits(x, n, exact) AS CASE WHEN x IS NULL OR bit_length(x) = n OR (NOT exact AND bit_length(x) < n) THEN x \
        ELSE error('\(ErrorCode.invalidValue.rawValue): bit string length ' || bit_length(x) || ' does not match type bit(' || n || ')') END
        """,
        """
        CREATE OR REPLACE MACRO lbx_round(x, unit) AS make_timestamp( \
        (epoch_us(x) + unit // 2) - (((epoch_us(x) + unit // 2) % unit) + unit) % unit)
        """,
        """
        CREATE OR REPLACE MACRO lbx_round_tz(x, unit) AS to_timestamp(0) + to_microseconds( \
        (epoch_us(x) + unit // 2) - (((epoch_us(x) + unit // 2) % unit) + unit) % unit)
        """,
    ]

    /// How the engine says that a text is too long: recognised in `LeibrixError.inAssignment`.
    static let tooLong = "\(ErrorCode.invalidValue.rawValue): value too long for type "

    /// `sequences` finds the session by its number and does the work.
    static func install(into connection: Connection, _ sequences: SequenceCalls) throws(LeibrixError) {
        for macro in macros { try connection.makeSystemMacro(macro) }
        for argument in [DataType.varchar, .bigInt] {
            try connection.register(
                ScalarFunction("lbx_nextval", [.integer, argument], returns: .bigInt, isVolatile: true) { (values) throws(LeibrixError) in
                    try sequences.next(values)
                })
            try connection.register(
                ScalarFunction("lbx_currval", [.integer, argument], returns: .bigInt, isVolatile: true) { (values) throws(LeibrixError) in
                    try sequences.current(values)
                })
            for flags in [[], [DataType.boolean]] {
                try connection.register(
                    ScalarFunction("lbx_setval", [.integer, argument, .bigInt] + flags, returns: .bigInt, isVolatile: true) { (values) throws(LeibrixError) in
                        try sequences.set(values)
                    })
            }
        }
        try connection.register(
            ScalarFunction("lbx_lastval", [.integer], returns: .bigInt, isVolatile: true) { (values) throws(LeibrixError) in
                try sequences.last(values)
            })
    }
}
