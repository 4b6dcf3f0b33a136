// Records on their way to the disk, as the bytes of their frames, in runs that each lie within one segment.

struct AppendBuffer {
    struct Run {
        let start: LSN
        var range: Range<Int>
    }

    private(set) var bytes: [UInt8] = []
    private(set) var runs: [Run] = []
    /// Payload bytes in it.
    private(set) var payloadBytes = 0

    var isEmpty: Bool { runs.isEmpty }
    /// Where the next frame after its last goes.
    private(set) var end = LSN.zero

    /// Appends a record at `position`; returns where the next begins. O(payload).
    mutating func append(_ record: RecordHead, payload: RawSpan, at position: LSN, geometry: Geometry) -> LSN {
        var position = position
        var done = 0
        repeat {
            let room = Int(geometry.bytesLeft(at: position) - Geometry.frameHeaderBytes)
            let part = min(room, payload.byteCount - done)
            let start = bytes.count
            FrameHeader(
                position: position, durable: .zero, transaction: record.transaction, micros: record.micros, payloadBytes: part,
                kind: record.kind.rawValue, isFirst: done == 0, isLast: done + part == payload.byteCount
            ).append(to: &bytes)
            unsafe payload.extracting(done..<done + part).withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: repeatElement(0, count: Geometry.padded(part) - part))
            addRun(position, start..<bytes.count, geometry)
            position = geometry.normalized(LSN(rawValue: position.rawValue + UInt64(bytes.count - start)))
            done += part
        } while done < payload.byteCount
        payloadBytes += payload.byteCount
        end = position
        return position
    }

    private mutating func addRun(_ position: LSN, _ range: Range<Int>, _ geometry: Geometry) {
        if let last = runs.last, geometry.segment(of: last.start) == geometry.segment(of: position) {
            runs[runs.count - 1].range = last.range.lowerBound..<range.upperBound
        } else {
            runs.append(Run(start: position, range: range))
        }
    }

    /// Completes every frame's header. O(bytes).
    mutating func seal(durable: LSN, salt: UInt32) {
        var at = 0
        while at < bytes.count { at += FrameHeader.seal(&bytes, at: at, durable: durable, salt: salt) }
    }

    mutating func removeAll() {
        runs.removeAll(keepingCapacity: true)
        payloadBytes = 0
        if bytes.capacity > LogLimits.idleBufferBytesMax { bytes = [] } else { bytes.removeAll(keepingCapacity: true) }
    }
}

/// What a record's frames say of it.
struct RecordHead {
    let kind: LogKind
    let transaction: UInt64
    let micros: Int64
}
