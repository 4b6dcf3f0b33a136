// Logs at rest: copies in backups, and what is restored from them. Nobody may have the directory open.
public import Base
public import Platform

public enum LogArchive {
    /// What a log at rest holds.
    public struct Extent: Sendable, Hashable {
        /// Behind its last whole record.
        public var end: LSN
        public var records: Int
        /// When the last record was appended, microseconds since 1970; nil without one.
        public var lastMicros: Int64?
    }

    /// The log's segment files by name, ascending, from the one that holds `position` on.
    public static func segments(_ directory: String, from position: LSN, _ disk: any Disk) throws(LeibrixError) -> [String] {
        let names = try disk.files(in: directory).filter { Geometry.segment(named: $0) != nil }.sorted()
        guard let last = names.last else { return [] }
        let path = directory + "/" + last
        let header = try SegmentHeader(decoding: disk.openFile(path, .read).read(Int(Geometry.headerBytes), at: 0), path: path)
        let first = Geometry(segmentBytes: header.segmentBytes).segment(of: position)
        return names.filter { Geometry.segment(named: $0)! >= first }
    }

    /// Reads every record from `position` on, as opening does: a torn end is cut off, damage is refused. Blocks.
    public static func settle(_ directory: String, from position: LSN, _ disk: any Disk) throws(LeibrixError) -> Extent {
        let opening = try LogOpening(LogConfiguration(directory: directory, disk: disk))
        var extent = Extent(end: position, records: 0, lastMicros: nil)
        let outcome = try opening.recover(from: position) { (record) throws(LeibrixError) in
            extent.records += 1
            extent.lastMicros = record.micros
        }
        extent.end = outcome.tail
        return extent
    }

    /// Reads as `settle`, and changes nothing: the end is where the first record is not whole. Blocks.
    public static func look(_ directory: String, from position: LSN, _ disk: any Disk) throws(LeibrixError) -> Extent {
        var (cursor, _) = try cursor(directory, position, disk)
        var extent = Extent(end: cursor.position, records: 0, lastMicros: nil)
        while let record = try cursor.next() {
            extent = Extent(end: record.end, records: extent.records + 1, lastMicros: record.micros)
        }
        return extent
    }

    /// Keeps the records from `position` on as long as `keeps` says so, and forgets the first that it does not want and all behind
    /// it. Blocks.
    public static func cut(
        _ directory: String, from position: LSN, _ disk: any Disk, keeps: (LogRecord) -> Bool
    ) throws(LeibrixError) -> Extent {
        var (cursor, geometry) = try cursor(directory, position, disk)
        var extent = Extent(end: cursor.position, records: 0, lastMicros: nil)
        while let record = try cursor.next(), keeps(record) {
            extent = Extent(end: record.end, records: extent.records + 1, lastMicros: record.micros)
        }
        try blank(directory, from: extent.end, geometry, disk)
        return extent
    }

    private static func cursor(_ directory: String, _ position: LSN, _ disk: any Disk) throws(LeibrixError) -> (LogCursor, Geometry) {
        let opening = try LogOpening(LogConfiguration(directory: directory, disk: disk))
        let cursor = LogCursor(
            disk: disk, directory: directory, geometry: opening.geometry, salt: opening.identity.salt, position: position)
        return (cursor, opening.geometry)
    }

    private static func blank(_ directory: String, from end: LSN, _ geometry: Geometry, _ disk: any Disk) throws(LeibrixError) {
        for name in try disk.files(in: directory) {
            guard let segment = Geometry.segment(named: name), segment >= geometry.segment(of: end) else { continue }
            let from = segment == geometry.segment(of: end) ? geometry.offset(of: end) : Int(Geometry.headerBytes)
            let file = try disk.openFile(directory + "/" + name, .write)
            let zeroes = [UInt8](repeating: 0, count: Int(geometry.segmentBytes) - from)
            try unsafe file.write(zeroes.span.bytes, at: from)
            try file.sync()
        }
    }
}
