internal import Base
public import Platform

/// Where a log lies and what bounds it.
public struct LogConfiguration: Sendable {
    /// The log's own directory; made when it is not there.
    public var directory: String
    public var disk: any Disk
    public var clock: Clock
    /// Bytes of a segment: a multiple of 4096, at least 8192, at most 4 GiB. A log keeps the size it was made with.
    public var segmentBytes: Int
    /// Longest that a record nobody waits for stays unsynced, in milliseconds.
    public var flushDelayMS: Int
    /// Bytes of appended records not yet on the disk beyond which `admit` waits. One record may be longer.
    public var bufferedBytesMax: Int

    public init(directory: String, disk: any Disk = LinuxDisk(), clock: Clock = .system) {
        self.directory = directory
        self.disk = disk
        self.clock = clock
        segmentBytes = LogLimits.segmentBytes
        flushDelayMS = LogLimits.flushDelayMS
        bufferedBytesMax = LogLimits.bufferedBytesMax
    }

    var geometry: Geometry { Geometry(segmentBytes: UInt64(segmentBytes)) }
}

/// The bounds of a log.
public enum LogLimits {
    public static let segmentBytes = 16 << 20
    public static let flushDelayMS = 10
    public static let bufferedBytesMax = 32 << 20
    /// Longest payload of one record.
    public static let recordBytesMax = 1 << 30
    /// Allocated segments ahead of the one being written.
    public static let segmentsAhead: UInt64 = 1
    /// Truncated segments kept to be written again.
    public static let recycledSegmentsMax = 4
    /// After a full disk nothing is tried again for so long.
    public static let fullDiskPauseMS = 100
    /// Capacity of an idle append buffer above which it is given back.
    static let idleBufferBytesMax = 4 << 20
    /// Bytes that a reader reads ahead.
    static let readWindowBytes = 256 << 10
}
