/// Bounds of the HTTP door. Nothing a client sends makes a connection hold more than these.
public enum HTTPLimits {
    /// Method, target and version.
    public static let requestLineBytesMax = 8 << 10
    /// All header lines of a request together.
    public static let headerBytesMax = 16 << 10
    public static let headersMax = 100
    /// A larger body is refused; only POST /query's is kept.
    public static let bodyBytesMax = 1 << 20
    public static let connectionsMax = 256
    /// Taken from a connection at a time. The answers to that much are what a client that does not read can make wait.
    public static let readBytesMax = 2 << 10
    /// A connection without a whole request for this long is closed.
    public static let idleTimeoutMS = 60_000
    /// Taken and forgotten of a request that was refused while it came in.
    public static let lingerMS = 2_000
    public static let lingerBytesMax = 16 << 20
    /// An answer goes out in pieces of this size; the next rows are asked for when the client has taken the last.
    public static let pieceBytes = 64 << 10
    /// Smaller answers are not compressed.
    public static let compressBytesMin = 1 << 10
    /// Passwords checked at a time: each takes milliseconds of a thread.
    public static let passwordThreads = 1
}
