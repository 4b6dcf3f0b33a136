// Rows that were offered to a source and wait to be worked on: batches in order, bounded in rows. Producers put in under the
// lock of the buffer alone; whoever holds the engine's gate takes out. Of every row offered and not rejected is known where
// it is:  offered = taken + dropped + count.
internal import Base
internal import Synchronization

final class PendingRows: Sendable {
    struct Counts: Sendable {
        var offered = 0
        var taken = 0
        var dropped = 0
        /// Rows that were refused with an error; they are not among those offered.
        var rejected = 0
        var waiting: Int { offered - taken - dropped }
    }

    private struct State {
        var entries: [PushedRows] = []
        var first = 0
        var counts = Counts()
    }

    let limits: SourceDefinition.Buffer
    private let state = Mutex(State())

    init(_ limits: SourceDefinition.Buffer) { self.limits = limits }

    var counts: Counts { state.withLock { $0.counts } }
    var count: Int { counts.waiting }

    /// False where there is no room and the producer is to wait.
    func offer(_ rows: PushedRows) throws(LeibrixError) -> Bool {
        let limits = limits
        let isTaken: Bool? = state.withLock { state in
            let excess = state.counts.waiting + rows.range.count - limits.rowsMax
            if excess > 0 {
                switch limits.overflow {
                // Rows that no buffer of this size could hold go in when it is empty, so that they go on at all.
                case .block: if state.counts.waiting > 0 { return false }
                case .reject:
                    state.counts.rejected += rows.range.count
                    return nil
                case .dropOldest: Self.drop(excess, &state)
                }
            }
            state.counts.offered += rows.range.count
            state.entries.append(rows)
            let left = state.counts.waiting - limits.rowsMax
            if left > 0 && limits.overflow == .dropOldest { Self.drop(left, &state) }
            return true
        }
        if let isTaken { return isTaken }
        throw LeibrixError(
            .streamRejected, "the source's buffer is full", detail: "It has room for \(limits.rowsMax) rows.",
            hint: "Push again later, in smaller batches, or make the source block or drop.")
    }

    /// Lets the oldest rows go, at most `count`.
    private static func drop(_ count: Int, _ state: inout State) {
        var left = count
        while left > 0, state.first < state.entries.count {
            let gone = min(left, state.entries[state.first].range.count)
            state.entries[state.first].range.removeFirst(gone)
            state.counts.dropped += gone
            left -= gone
            if state.entries[state.first].range.isEmpty { removeFirst(&state) }
        }
    }

    private static func removeFirst(_ state: inout State) {
        state.first += 1
        if state.first == state.entries.count {
            state.entries.removeAll(keepingCapacity: true)
            state.first = 0
        } else if state.first >= 1_024 && state.first * 2 >= state.entries.count {
            state.entries.removeFirst(state.first)
            state.first = 0
        }
    }

    /// The oldest rows, of one batch and at most `rowsMax`; nil when none wait.
    func take(_ rowsMax: Int) -> PushedRows? {
        state.withLock { state in
            guard state.first < state.entries.count else { return nil }
            var taken = state.entries[state.first]
            if taken.range.count > rowsMax {
                taken.range = taken.range.lowerBound..<taken.range.lowerBound + rowsMax
                taken.position = nil
                state.entries[state.first].range.removeFirst(rowsMax)
            } else {
                Self.removeFirst(&state)
            }
            state.counts.taken += taken.range.count
            return taken
        }
    }
}
