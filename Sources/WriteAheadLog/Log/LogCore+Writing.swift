// The writer's step: everything appended since the last one becomes one group, which is written, synced once a file, and
// then announced. The position announced is never ahead of what a successful sync covered.
internal import Base
internal import Platform
internal import Synchronization

extension LogCore {
    enum Step: Equatable { case idle, wrote, stalled, failed }

    /// Writes one group. `stalled`: the disk is full although the bytes were allocated; the group is kept for the next step,
    /// nobody is told anything, and nothing new is admitted meanwhile.
    func writeGroup() -> Step {
        writer.withLock { writer in
            if state.withLock({ $0.failure != nil }) { return .failed }
            if writer.group.isEmpty {
                let durable = durablePosition
                state.withLock { state in
                    swap(&writer.group, &state.pending)
                    state.isHurried = false
                }
                if writer.group.isEmpty { return .idle }
                writer.group.seal(durable: durable, salt: identity.salt)
            }
            do throws(LeibrixError) {
                try write(&writer)
            } catch {
                if error.code == .diskFull {
                    state.withLock { $0.isStalled = true }
                    return .stalled
                }
                return fail(error)
            }
            do throws(LeibrixError) {
                for run in writer.group.runs { try file(geometry.segment(of: run.start), &writer).dataSync() }
            } catch {
                // A second sync may succeed although the bytes are lost: whatever the error was, it is the last.
                return fail(error)
            }
            announce(&writer)
            return .wrote
        }
    }

    private func write(_ writer: inout Writer) throws(LeibrixError) {
        for run in writer.group.runs {
            let file = try file(geometry.segment(of: run.start), &writer)
            let bytes = unsafe writer.group.bytes.span.bytes
            try file.write(bytes.extracting(run.range), at: geometry.offset(of: run.start))
        }
    }

    private func file(_ segment: UInt64, _ writer: inout Writer) throws(LeibrixError) -> any DiskFile {
        if let file = writer.files[segment] { return file }
        let file = try configuration.disk.openFile(path(ofSegment: segment), .write)
        writer.files[segment] = file
        return file
    }

    private func announce(_ writer: inout Writer) {
        let end = writer.group.end
        let bytes = writer.group.bytes.count
        let payload = writer.group.payloadBytes
        writer.group.removeAll()
        let current = geometry.segment(of: end)
        if writer.files.keys.contains(where: { $0 < current }) { writer.files = writer.files.filter { $0.key >= current } }
        let bodies = state.withLock { state in
            durable.store(end.rawValue, ordering: .releasing)
            state.isStalled = false
            state.buffered -= payload
            state.counts.groups += 1
            state.counts.bytes += bytes
            return state.takeWaiters(upTo: end)
                + state.takeAdmissible(geometry: geometry, bufferedMax: configuration.bufferedBytesMax)
        }
        for body in bodies { body(nil) }
    }

    /// The log ends here: what is buffered is dropped, whoever waits is told. Nothing is ever written again.
    private func fail(_ cause: LeibrixError) -> Step {
        let failure = LogCore.failed(cause)
        let bodies = state.withLock { state in
            state.failure = failure
            state.pending.removeAll()
            return state.takeEverybody()
        }
        for body in bodies { body(failure) }
        return .failed
    }
}
