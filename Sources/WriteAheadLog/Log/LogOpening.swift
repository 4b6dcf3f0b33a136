// Opening: from the checkpoint's position on every whole record is handed over, and where they end the log goes on.
//
// A log ends at the first record that is not there whole. That is the torn end of a crash when nothing behind it was ever
// durable, and damage otherwise. Frames say how far the log was durable when they were written, so:
//   1. An intact frame behind the end that knows of a durable position behind the end proves damage: refused, since going
//      on would lose acknowledged commits.
//   2. Other intact frames behind the end are unacknowledged leftovers. They are wiped and the wiping synced before anything
//      is appended, or a later log that ends exactly before one of them would take it for its own.
//   3. What was read behind the last position known to be durable may be in the machine's cache alone, marked clean by a sync
//      that failed: it is written again and synced before it counts as committed.
internal import Base
internal import Platform

struct LogOpening {
    let configuration: LogConfiguration
    var disk: any Disk { configuration.disk }
    private(set) var geometry: Geometry
    private(set) var identity: LogIdentity
    private var segments: [UInt64] = []

    init(_ configuration: LogConfiguration) throws(LeibrixError) {
        self.configuration = configuration
        geometry = configuration.geometry
        identity = .fresh()
        for name in try disk.files(in: configuration.directory) {
            if LogCore.isUnfinished(name) { try disk.removeFile(path(name)) }
            if let index = Geometry.segment(named: name) { segments.append(index) }
        }
        segments.sort()
        guard let last = segments.last else { return }
        let header = try header(of: last)
        geometry = Geometry(segmentBytes: header.segmentBytes)
        identity = header.identity
    }

    private func path(_ name: String) -> String { configuration.directory + "/" + name }
    private func path(ofSegment index: UInt64) -> String { path(Geometry.name(ofSegment: index)) }

    private func header(of index: UInt64) throws(LeibrixError) -> SegmentHeader {
        let path = path(ofSegment: index)
        let header = try SegmentHeader(decoding: disk.openFile(path, .read).read(Int(Geometry.headerBytes), at: 0), path: path)
        guard header.start.rawValue / header.segmentBytes == index else { throw .corruptLog("\(path) holds other positions than its name") }
        return header
    }

    struct Outcome {
        var tail: LSN
        var firstSegment: UInt64
        var allocatedEnd: LSN
    }

    /// Hands over every record from `from` (the oldest there is without one) and leaves the files ready to be appended to.
    func recover(from: LSN?, _ replay: (LogRecord) throws(LeibrixError) -> Void) throws(LeibrixError) -> Outcome {
        guard let oldest = segments.first, let newest = segments.last else {
            guard from == nil else { throw .corruptLog("\(configuration.directory) has no log, and \(from!) is needed") }
            return Outcome(tail: Geometry.first, firstSegment: 0, allocatedEnd: .zero)
        }
        let start = geometry.normalized(from ?? geometry.firstFrame(ofSegment: oldest))
        let first = try removeUnneeded(below: geometry.segment(of: start))
        let outcome = Outcome(tail: start, firstSegment: first, allocatedEnd: geometry.start(ofSegment: newest + 1))
        if start == geometry.firstFrame(ofSegment: newest + 1) { return outcome }
        try checkFiles(from: geometry.segment(of: start), to: newest, oldest: oldest)
        var cursor = LogCursor(
            disk: disk, directory: configuration.directory, geometry: geometry, salt: identity.salt, position: start)
        while let record = try cursor.next() { try replay(record) }
        try wipe(behind: cursor.position, to: newest)
        try rewrite(cursor.knownDurable, cursor.position)
        return Outcome(tail: cursor.position, firstSegment: first, allocatedEnd: outcome.allocatedEnd)
    }

    /// Deletes what an interrupted truncation left below a gap; returns the oldest segment of those without one.
    private func removeUnneeded(below needed: UInt64) throws(LeibrixError) -> UInt64 {
        var first = segments.last!
        while segments.contains(first &- 1) { first -= 1 }
        for index in segments where index < first && index < needed { try disk.removeFile(path(ofSegment: index)) }
        return first
    }

    private func checkFiles(from first: UInt64, to newest: UInt64, oldest: UInt64) throws(LeibrixError) {
        guard first >= oldest, first <= newest else {
            throw .corruptLog("the log has \(Geometry.name(ofSegment: oldest)) to \(Geometry.name(ofSegment: newest)), \(Geometry.name(ofSegment: first)) is needed")
        }
        for index in first...newest {
            guard segments.contains(index) else { throw .corruptLog("\(path(ofSegment: index)) is missing") }
            let header = try header(of: index)
            guard header.identity == identity, header.segmentBytes == geometry.segmentBytes else {
                throw .corruptLog("\(path(ofSegment: index)) belongs to another log")
            }
        }
    }

    /// Steps 1 and 2.
    private func wipe(behind tail: LSN, to newest: UInt64) throws(LeibrixError) {
        var leftovers: [LSN] = []
        for index in geometry.segment(of: tail)...max(newest, geometry.segment(of: tail)) where index <= newest {
            let bytes = try disk.openFile(path(ofSegment: index), .read).read(Int(geometry.segmentBytes), at: 0)
            let from = max(tail, geometry.firstFrame(ofSegment: index))
            for offset in FrameHeader.candidates(in: bytes, from: geometry.offset(of: from)) {
                let position = LSN(rawValue: geometry.start(ofSegment: index).rawValue + UInt64(offset))
                guard let frame = FrameHeader.peek(bytes, at: offset, position: position, geometry: geometry),
                    frame.isIntact(bytes, at: offset, salt: identity.salt)
                else { continue }
                guard frame.durable <= tail else {
                    throw .corruptLog(
                        "the log is damaged at \(tail): it was durable up to \(frame.durable), as its frame at \(position) says")
                }
                leftovers.append(position)
            }
        }
        let blank = [UInt8](repeating: 0, count: FrameHeader.bytes)
        for (segment, positions) in Dictionary(grouping: leftovers, by: geometry.segment).sorted(by: { $0.key < $1.key }) {
            let file = try disk.openFile(path(ofSegment: segment), .write)
            for position in positions { try unsafe file.write(blank.span.bytes, at: geometry.offset(of: position)) }
            try file.dataSync()
        }
    }

    /// Step 3.
    private func rewrite(_ from: LSN, _ tail: LSN) throws(LeibrixError) {
        guard from < tail else { return }
        var at = from
        while at < tail {
            let file = try disk.openFile(path(ofSegment: geometry.segment(of: at)), .write)
            let count = min(geometry.bytesLeft(at: at), tail.rawValue - at.rawValue)
            let bytes = try file.read(Int(count), at: geometry.offset(of: at))
            try unsafe file.write(bytes.span.bytes, at: geometry.offset(of: at))
            try file.dataSync()
            at = LSN(rawValue: at.rawValue + count)
            if geometry.offset(of: at) == 0, at < tail { at = geometry.firstFrame(ofSegment: geometry.segment(of: at)) }
        }
    }
}
