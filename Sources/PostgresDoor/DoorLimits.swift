/// Every bound of the PostgreSQL door in one place.
public enum DoorLimits {
    /// A startup packet, as PostgreSQL bounds it.
    public static let startupBytesMax = 10_000
    /// A message of an exchange of passwords.
    public static let passwordBytesMax = 4_096
    /// Any message of a session. Memory grows with the bytes that came, never with the length that was claimed.
    public static let messageBytesMax = 256 << 20
    /// Messages that carry names and numbers only.
    public static let shortMessageBytesMax = 4_096
    /// Named statements of a connection.
    public static let statementsMax = 10_000
    /// Open portals of a connection.
    public static let portalsMax = 1_000
    /// Text of all prepared statements of a connection.
    public static let statementTextBytesMax = 64 << 20
    /// Encoded bytes that wait for the client before its statement waits too. A single longer row is held whole.
    public static let outputBytes = 128 << 10
    /// Memory that each of a connection's two buffers keeps while it waits: short statements need no more.
    static let idleBufferBytes = 1_024
    /// Rows rendered at once.
    static let sliceRows = 256
    /// Rendered bytes of one column in a slice before the slice is cut short.
    static let sliceBytes = 1 << 20
    /// From accept to the end of the authentication.
    public static let authenticationNanos: UInt64 = 60_000_000_000
    /// Connections beyond the limit that are still told why they are refused.
    static let refusalsMax = 64
    /// Rows of a COPY given to the session at once, and the longest line.
    static let copyRowsAtOnce = 2_048
    /// Bytes of COPY that are read together.
    static let copyBytesAtOnce = 64 << 10
    static let copyLineBytesMax = 256 << 20
    /// Dimensions of an array.
    static let dimensionsMax = 6
    /// Levels of an array or record in a parameter.
    static let nestingMax = 32
}

extension [UInt8] {
    init(ascii text: StaticString) {
        self = unsafe Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
