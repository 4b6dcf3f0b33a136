// Rows that left a stream, until everybody has them. Readers (subscriptions, sinks, views) are cursors: numbers of entries.
// Nobody sees an entry before the record of the log that made it is durable; else a crash could take back what was shown.
internal import Base
internal import Columnar
internal import Synchronization

/// Rows that one record of the log made, or a part of them.
struct OutputEntry: Sendable {
    var position: Int64
    var batch: Batch
    /// +1 and -1; empty when all are +1.
    var weights: [Int8]

    func weight(_ row: Int) -> Int { weights.isEmpty ? 1 : Int(weights[row]) }
}

final class OutputBuffer: Sendable {
    private struct State {
        var entries: [OutputEntry] = []
        /// Of the first entry.
        var firstNumber = 0
        var rows = 0
        /// Entries up to this position may be read.
        var durable: Int64 = 0
        /// The position of the last entry that was given up, or what was before this buffer began.
        var lostThrough: Int64
        /// Readers that must not lose anything, by number: the next entry they want.
        var holds: [Int: Int] = [:]
        var nextHold = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isClosed = false
        /// Entries that came from a checkpoint.
        var loadedCount = 0
    }

    private let state: Mutex<State>
    private let retainedRowsMax: Int

    /// `position` is where the stream begins.
    init(from position: Int64, durable: Int64, retainedRowsMax: Int) {
        self.retainedRowsMax = retainedRowsMax
        var first = State(lostThrough: position)
        first.durable = durable
        state = Mutex(first)
    }

    func append(_ entry: OutputEntry) {
        state.withLock { state in
            state.entries.append(entry)
            state.rows += entry.batch.rowCount
        }
    }

    /// Entries made by records up to `position` are durable: readers may go on.
    func advance(_ position: Int64) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard position > state.durable else { return [] }
            state.durable = position
            trim(&state)
            guard let last = state.entries.first, last.position <= position || state.isClosed else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Gives up what is beyond the bound and held by nobody.
    private func trim(_ state: inout State) {
        guard state.rows > retainedRowsMax + retainedRowsMax / 4 else { return }
        let held = state.holds.values.min() ?? Int.max
        var count = 0
        while count < state.entries.count, state.rows > retainedRowsMax, state.firstNumber + count < held,
            state.entries[count].position <= state.durable
        {
            state.rows -= state.entries[count].batch.rowCount
            state.lostThrough = state.entries[count].position
            count += 1
        }
        state.entries.removeFirst(count)
        state.firstNumber += count
    }

    // MARK: reading

    enum Step {
        case entry(OutputEntry, next: Int)
        case nothing
        case lost
        case closed
    }

    /// The entry of a cursor.
    func read(_ cursor: Int) -> Step {
        state.withLock { state in
            guard cursor >= state.firstNumber else { return .lost }
            let index = cursor - state.firstNumber
            if index < state.entries.count, state.entries[index].position <= state.durable {
                return .entry(state.entries[index], next: cursor + 1)
            }
            return state.isClosed ? .closed : .nothing
        }
    }

    /// Durable entries from a cursor on: whole positions, about `rowsMax` rows.
    func take(_ cursor: Int, rowsMax: Int) -> (entries: [OutputEntry], next: Int) {
        state.withLock { state in
            var index = max(cursor - state.firstNumber, 0)
            var taken: [OutputEntry] = []
            var rows = 0
            while index < state.entries.count, state.entries[index].position <= state.durable {
                if rows >= rowsMax, let last = taken.last, last.position != state.entries[index].position { break }
                taken.append(state.entries[index])
                rows += state.entries[index].batch.rowCount
                index += 1
            }
            return (taken, state.firstNumber + index)
        }
    }

    /// A cursor at the first entry behind `position`; nil when entries behind it are gone.
    func cursor(after position: Int64) -> Int? {
        state.withLock { state in
            guard position >= state.lostThrough else { return nil }
            let index = state.entries.firstIndex { $0.position > position } ?? state.entries.count
            return state.firstNumber + index
        }
    }

    /// A cursor behind all that is durable.
    var end: Int {
        state.withLock { state in
            state.firstNumber + (state.entries.firstIndex { $0.position > state.durable } ?? state.entries.count)
        }
    }

    /// The first position that can still be asked for, less one.
    var lostThrough: Int64 { state.withLock { $0.lostThrough } }

    /// Waits for an entry at the cursor, or the end.
    func wait(for cursor: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state -> Bool in
                let index = cursor - state.firstNumber
                let has = index < 0 || index < state.entries.count && state.entries[index].position <= state.durable
                if has || state.isClosed { return true }
                state.waiters.append(continuation)
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// Lets everybody who waits look again.
    func wakeAll() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: readers that must not lose anything

    func hold(_ cursor: Int) -> Int {
        state.withLock { state in
            state.nextHold += 1
            state.holds[state.nextHold] = cursor
            return state.nextHold
        }
    }

    func move(_ hold: Int, to cursor: Int) {
        state.withLock { state in
            state.holds[hold] = cursor
            trim(&state)
        }
    }

    func release(_ hold: Int) { state.withLock { $0.holds[hold] = nil } }

    /// Rows that the slowest of those has not taken.
    var heldRows: Int {
        state.withLock { state in
            guard let least = state.holds.values.min() else { return 0 }
            let index = max(least - state.firstNumber, 0)
            guard index < state.entries.count else { return 0 }
            return state.entries[index...].reduce(0) { $0 + $1.batch.rowCount }
        }
    }

    /// The stream is gone.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeAll()
    }

    // MARK: what a checkpoint keeps

    /// Durable entries that are retained, and from where on they are complete.
    func saved() -> (lostThrough: Int64, durable: Int64, entries: [OutputEntry]) {
        state.withLock { state in (state.lostThrough, state.durable, state.entries.filter { $0.position <= state.durable }) }
    }

    /// Puts back what a checkpoint kept, before anything is appended. Rows that the replay makes again are left out.
    func load(lostThrough: Int64, _ entries: [OutputEntry]) {
        state.withLock { state in
            state.lostThrough = lostThrough
            state.entries = entries
            state.loadedCount = entries.count
            state.rows = entries.reduce(0) { $0 + $1.batch.rowCount }
        }
    }

    /// Takes away what was just made by a record whose rows are here already.
    func dropRows(of position: Int64) {
        state.withLock { state in
            // Loaded entries of the position stand first; what the replay adds is behind those of later positions, or alike.
            while state.entries.count > state.loadedCount, state.entries[state.entries.count - 1].position == position {
                state.rows -= state.entries.removeLast().batch.rowCount
            }
        }
    }

    /// The last position there is an entry of.
    var lastPosition: Int64? { state.withLock { $0.entries.last?.position } }
}
