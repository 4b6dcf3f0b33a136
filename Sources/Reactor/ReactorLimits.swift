/// Every bound of the reactor in one place.
public enum ReactorLimits {
    /// Readiness events taken from the kernel at once.
    static let eventsMax = 256
    /// Jobs run before the kernel is asked for events again, so that one busy connection cannot starve the others.
    static let jobsPerTurnMax = 512
    /// Bytes asked of the kernel by one read.
    public static let readBytes = 16 * 1024
    /// Reads in a row that a connection may try without asking its loop first.
    static let eagerReadsMax = 16
    /// How long a loop asks the kernel for a lone client's next message before it sleeps.
    static let spinNanos: UInt64 = 50_000
    /// Connections accepted in one turn of the listening loop.
    static let acceptsPerTurnMax = 64
    /// How long accepting rests when the process is out of descriptors.
    static let acceptPauseNanos: UInt64 = 50_000_000
    public static let backlog: Int32 = 1_024
    /// Bytes thrown away at most when a connection closes, so that its last message is not lost to a reset.
    static let lingerBytesMax = 64 * 1024
}
