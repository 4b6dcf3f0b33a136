internal import Base
internal import Synchronization

extension LogCore {
    /// Keeps everything from `position` on until it is released. Throws when it is gone already.
    func hold(_ position: LSN) throws(LeibrixError) -> UInt64 {
        let number = state.withLock { state -> UInt64? in
            guard geometry.segment(of: position) >= state.firstSegment else { return nil }
            state.nextHold += 1
            state.holds[state.nextHold] = position
            return state.nextHold
        }
        guard let number else {
            throw LeibrixError(.undefinedObject, "the log no longer has position \(position): it was truncated after a checkpoint")
        }
        return number
    }

    func moveHold(_ number: UInt64, to position: LSN) { state.withLock { $0.holds[number] = position } }
    func releaseHold(_ number: UInt64) { state.withLock { $0.holds[number] = nil } }
}
