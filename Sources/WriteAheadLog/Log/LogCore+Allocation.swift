// Segments are made ahead of their use, filled with zeroes and synced, so that a group's sync changes no metadata and no
// record that was admitted can find the disk full. Truncated segments are used again where there are some.
internal import Base
internal import Platform
internal import Synchronization

extension LogCore {
    private static let unfinishedSuffix = ".new"
    static func isUnfinished(_ name: String) -> Bool { name.hasSuffix(unfinishedSuffix) }

    /// Makes the segments that admissions wait for and the one ahead; admits who fits then, refuses who cannot be.
    func allocate() {
        allocation.withLock { allocation in
            var refusal: LeibrixError?
            while let index = nextWanted() {
                let now = configuration.clock.monotonicNanos()
                if now < allocation.pausedUntilNanos {
                    refusal = LogCore.full
                    break
                }
                do throws(LeibrixError) {
                    try makeSegment(index, &allocation)
                    settle(allocatedTo: index + 1)
                } catch {
                    allocation.pausedUntilNanos = now + UInt64(LogLimits.fullDiskPauseMS) * 1_000_000
                    refusal = error
                    break
                }
            }
            if let refusal { refuse(refusal) }
        }
    }

    static let full = LeibrixError(
        .diskFull, "no room for the write-ahead log", hint: "Free space on its file system: the commit was refused, nothing is lost.")

    private func nextWanted() -> UInt64? {
        state.withLock { state in
            guard state.failure == nil, !state.isClosed else { return nil }
            let asked = state.admissions.reduce(state.reserved) { $0 + geometry.spaceMax($1.bytes) }
            let waits = !state.admissions.isEmpty && state.end.rawValue + asked > state.allocatedEnd.rawValue
            return waits || isShort(state) ? geometry.segment(of: state.allocatedEnd) : nil
        }
    }

    private func settle(allocatedTo segment: UInt64) {
        let bodies = state.withLock { state in
            state.allocatedEnd = geometry.start(ofSegment: segment)
            state.isFull = false
            return state.takeAdmissible(geometry: geometry, bufferedMax: configuration.bufferedBytesMax)
        }
        for body in bodies { body(nil) }
    }

    /// Tells those whom disk space keeps waiting; those who wait for memory alone go on waiting.
    private func refuse(_ error: LeibrixError) {
        let bodies = state.withLock { state -> [LogState.Body] in
            state.isFull = error.code == .diskFull
            let room = state.allocatedEnd.rawValue - state.end.rawValue
            var asked = state.reserved
            let kept = state.admissions.prefix { admission in
                asked += geometry.spaceMax(admission.bytes)
                return asked <= room
            }
            let refused = state.admissions[kept.endIndex...].map(\.body)
            state.admissions = Array(kept)
            return refused
        }
        for body in bodies { body(error) }
    }

    /// A durable segment of zeroes under its name. A crash leaves an unfinished name, which opening removes.
    private func makeSegment(_ index: UInt64, _ allocation: inout Allocation) throws(LeibrixError) {
        let disk = configuration.disk
        let target = path(ofSegment: index)
        let unfinished = target + LogCore.unfinishedSuffix
        do throws(LeibrixError) {
            let file: any DiskFile
            if let used = allocation.recycled.popLast() {
                try disk.renameFile(path(used), to: unfinished)
                file = try disk.openFile(unfinished, .write)
            } else {
                file = try disk.openFile(unfinished, .create)
                try fill(file)
            }
            let header = SegmentHeader(
                start: geometry.start(ofSegment: index), segmentBytes: geometry.segmentBytes, identity: identity)
            try unsafe file.write(header.encoded.span.bytes, at: 0)
            try file.sync()
            try disk.renameFile(unfinished, to: target)
            try disk.syncDirectory(configuration.directory)
        } catch {
            try? disk.removeFile(unfinished)
            throw error
        }
    }

    private func fill(_ file: any DiskFile) throws(LeibrixError) {
        let chunk = [UInt8](repeating: 0, count: min(1 << 20, Int(geometry.segmentBytes)))
        var offset = 0
        while offset < Int(geometry.segmentBytes) {
            let count = min(chunk.count, Int(geometry.segmentBytes) - offset)
            try unsafe file.write(chunk.span.bytes.extracting(0..<count), at: offset)
            offset += count
        }
    }

    /// Gives up segments that lie whole below `position` and below every hold. O(segments given up).
    func truncate(below position: LSN) throws(LeibrixError) {
        try allocation.withLock { allocation throws(LeibrixError) in
            let gone = state.withLock { state -> Range<UInt64> in
                let floor = min(state.holds.values.min() ?? position, min(position, durablePosition))
                let first = state.firstSegment
                state.firstSegment = max(first, geometry.segment(of: floor))
                return first..<state.firstSegment
            }
            for index in gone {
                if allocation.recycled.count < LogLimits.recycledSegmentsMax {
                    allocation.nextRecycled += 1
                    let name = "recycled-\(allocation.nextRecycled)" + LogCore.unfinishedSuffix
                    try configuration.disk.renameFile(path(ofSegment: index), to: path(name))
                    allocation.recycled.append(name)
                } else {
                    try configuration.disk.removeFile(path(ofSegment: index))
                }
            }
            if !gone.isEmpty { try configuration.disk.syncDirectory(configuration.directory) }
        }
    }
}
