// Walks records in the files. Knows nothing of a running log: whoever makes a cursor says where it begins and how far it may
// look.
internal import Base
internal import Platform

struct LogCursor {
    let disk: any Disk
    let directory: String
    let geometry: Geometry
    let salt: UInt32
    /// Where the next record begins.
    private(set) var position: LSN
    /// The furthest position that any frame so far knew to be durable.
    private(set) var knownDurable: LSN

    private var file: (segment: UInt64, file: any DiskFile)?
    private var window: [UInt8] = []
    private var windowStart = LSN.zero

    init(disk: any Disk, directory: String, geometry: Geometry, salt: UInt32, position: LSN) {
        self.disk = disk
        self.directory = directory
        self.geometry = geometry
        self.salt = salt
        self.position = geometry.normalized(position)
        knownDurable = position
    }

    /// The record at `position`, which moves behind it; nil, and nothing moves, when none is there whole and intact.
    mutating func next() throws(LeibrixError) -> LogRecord? {
        var at = position
        var payload: [UInt8] = []
        var first: FrameHeader?
        while true {
            guard let header = try frame(at: at), header.isFirst == (first == nil),
                payload.count + header.payloadBytes <= LogLimits.recordBytesMax
            else { return nil }
            if let first, header.transaction != first.transaction || header.kind != first.kind { return nil }
            let from = Int(at.rawValue - windowStart.rawValue) + FrameHeader.bytes
            payload.append(contentsOf: window[from..<from + header.payloadBytes])
            knownDurable = max(knownDurable, header.durable)
            at = geometry.normalized(LSN(rawValue: at.rawValue + UInt64(header.frameBytes)))
            first = first ?? header
            if header.isLast { break }
        }
        guard let first else { return nil }
        defer { position = at }
        return LogRecord(
            start: position, end: at, kind: LogKind(rawValue: first.kind), transaction: first.transaction, micros: first.micros,
            payload: payload)
    }

    /// The intact frame at `at`, its bytes in the window; nil when there is none.
    private mutating func frame(at: LSN) throws(LeibrixError) -> FrameHeader? {
        guard try load(at, FrameHeader.bytes) else { return nil }
        var offset = Int(at.rawValue - windowStart.rawValue)
        guard let header = FrameHeader.peek(window, at: offset, position: at, geometry: geometry) else { return nil }
        guard try load(at, FrameHeader.bytes + header.payloadBytes) else { return nil }
        offset = Int(at.rawValue - windowStart.rawValue)
        return header.isIntact(window, at: offset, salt: salt) ? header : nil
    }

    /// Brings `count` bytes at `at` into the window; false when they are not there.
    private mutating func load(_ at: LSN, _ count: Int) throws(LeibrixError) -> Bool {
        if at >= windowStart, at.rawValue + UInt64(count) <= windowStart.rawValue + UInt64(window.count) { return true }
        let segment = geometry.segment(of: at)
        if file?.segment != segment {
            guard try disk.files(in: directory).contains(Geometry.name(ofSegment: segment)) else { return false }
            file = (segment, try disk.openFile(directory + "/" + Geometry.name(ofSegment: segment), .read))
        }
        let wanted = min(max(count, LogLimits.readWindowBytes), Int(geometry.bytesLeft(at: at)))
        window = try file!.file.read(wanted, at: geometry.offset(of: at))
        windowStart = at
        return window.count >= count
    }

    /// Forgets what was read ahead: the file may have grown since.
    mutating func refresh() { window = [] }
}
