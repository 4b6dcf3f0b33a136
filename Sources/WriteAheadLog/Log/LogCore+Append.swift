internal import Base
internal import Platform
internal import Synchronization

extension LogCore {
    /// Calls `body` when `bytes` are admitted, at once where there is room. An error is that of a full disk, of a failed log
    /// or of a closed one.
    func admit(_ bytes: Int, _ body: @escaping LogState.Body) {
        let answer = state.withLock { state -> LeibrixError?? in
            if let failure = state.failure { return .some(failure) }
            if state.isClosed { return .some(LogCore.closed) }
            if state.isStalled { return .some(LogCore.full) }
            if state.admissions.isEmpty,
                state.reserve(bytes, geometry: geometry, bufferedMax: configuration.bufferedBytesMax) { return .some(nil) }
            state.admissions.append(LogState.AdmissionWaiter(bytes: bytes, body: body))
            return nil
        }
        guard let answer else {
            allocatorBell.ring()
            return writerBell.ring()
        }
        body(answer)
    }

    /// The admission that `admit` would give at once; false when it would have to wait.
    func tryAdmit(_ bytes: Int) throws(LeibrixError) -> Bool {
        let answer = state.withLock { state -> Result<Bool, LeibrixError> in
            if let failure = state.failure { return .failure(failure) }
            if state.isClosed { return .failure(LogCore.closed) }
            if state.isStalled { return .failure(LogCore.full) }
            return .success(
                state.admissions.isEmpty
                    && state.reserve(bytes, geometry: geometry, bufferedMax: configuration.bufferedBytesMax))
        }
        return try answer.get()
    }

    func release(_ bytes: Int) {
        let bodies = state.withLock { state in
            state.release(bytes, geometry: geometry)
            return state.takeAdmissible(geometry: geometry, bufferedMax: configuration.bufferedBytesMax)
        }
        for body in bodies { body(nil) }
    }

    /// Appends one admitted record; its frames lie right after the last one's. The writer is woken when `isUrgent`, or when it
    /// has nothing to do.
    func append(
        _ kind: LogKind, transaction: UInt64, payload: RawSpan, admitted: Int, isUrgent: Bool
    ) throws(LeibrixError) -> (start: LSN, end: LSN) {
        precondition(payload.byteCount <= admitted)
        let head = RecordHead(kind: kind, transaction: transaction, micros: configuration.clock.wallMicros())
        let (answer, rings, allocates) = state.withLock { state -> (Result<(LSN, LSN), LeibrixError>, Bool, Bool) in
            state.reserved -= geometry.spaceMax(admitted)
            state.buffered -= admitted - payload.byteCount
            if let failure = state.failure { return (.failure(failure), false, false) }
            if state.isClosed { return (.failure(LogCore.closed), false, false) }
            let wasEmpty = state.pending.isEmpty
            let start = state.end
            state.end = state.pending.append(head, payload: payload, at: start, geometry: geometry)
            state.counts.records += 1
            state.isHurried = state.isHurried || isUrgent
            let needsSegment = isShort(state)
            return (.success((start, state.end)), isUrgent || wasEmpty, needsSegment)
        }
        if rings { writerBell.ring() }
        if allocates { allocatorBell.ring() }
        let (start, end) = try answer.get()
        return (start, end)
    }

    /// Whether fewer segments lie ahead of the end than should.
    func isShort(_ state: LogState) -> Bool {
        state.allocatedEnd.rawValue < geometry.start(ofSegment: geometry.segment(of: state.end) + 1 + LogLimits.segmentsAhead).rawValue
    }

    /// Calls `body` when everything below `position` is on stable storage, at once where it is.
    func whenDurable(_ position: LSN, _ body: @escaping LogState.Body) {
        if position <= durablePosition { return body(nil) }
        let answer = state.withLock { state -> LeibrixError?? in
            if position <= durablePosition { return .some(nil) }
            if let failure = state.failure { return .some(failure) }
            if state.isOver { return .some(LogCore.closed) }
            state.waiters.append(LogState.Waiter(position: position, body: body))
            return nil
        }
        guard let answer else { return writerBell.ring() }
        body(answer)
    }
}
