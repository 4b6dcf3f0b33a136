// Rows that left a stream, until everybody has them: pages of flat columns, filled one after another. Readers (subscriptions, sinks,
// views, listeners) are cursors: numbers of rows. Nobody sees a row before the record of the log that made it is durable; else a
// crash could take back what was shown.
//
// Pages that everybody has, and that are beyond the bound, are emptied and filled again: in the steady state nothing is allocated.
internal import Base
internal import Columnar
internal import StreamEngine
internal import Synchronization

final class OutputBuffer: Sendable {
    struct State {
        /// Each with the number of its first row.
        var pages: [(first: Int, page: RowPage)] = []
        /// The number of the next row.
        var end = 0
        /// Rows below this number may be read.
        var durableEnd = 0
        /// Rows of records up to this position may be read.
        var durable: Int64 = 0
        /// The position of the last row that was given up, or what was before this buffer began.
        var lostThrough: Int64
        /// Readers that must not lose anything, by number: the next row they want.
        var holds: [Int: Int] = [:]
        var nextHold = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var listeners: [OutputListener] = []
        var isClosed = false
        /// Rows that came from a checkpoint.
        var loadedEnd = 0
        var spare: RowPage?

        var first: Int { pages.first?.first ?? end }
    }

    let state: Mutex<State>
    private let types: [DataType]
    private let retainedRowsMax: Int
    /// The position the stream was made at.
    private let beginning: Int64

    /// `position` is where the stream begins.
    init(_ columns: [DataType.Field], from position: Int64, durable: Int64, retainedRowsMax: Int) {
        types = columns.map(\.type)
        self.retainedRowsMax = retainedRowsMax
        beginning = position
        var first = State(lostThrough: position)
        first.durable = durable
        state = Mutex(first)
    }

    // MARK: rows in

    /// Rows of the record at `position`, which is not before that of others.
    func append(_ rows: borrowing StreamRows, position: Int64) {
        state.withLock { state in
            var done = 0
            while done < rows.count {
                let page = room(&state)
                let taken = page.append(rows, from: done, epoch: position)
                done += taken
                state.end += taken
            }
        }
    }

    /// A page that is not full.
    private func room(_ state: inout State) -> RowPage {
        // By index, here and below: the collections' own ways allocate where they are not specialized.
        let count = state.pages.count
        if count > 0, !state.pages[count - 1].page.isFull { return state.pages[count - 1].page }
        trim(&state)
        let page: RowPage
        if let spare = state.spare {
            page = spare
            state.spare = nil
        } else {
            let size = min(max((state.pages.last?.page.capacity ?? 0) * 4, StreamHostLimits.firstPageRows), StreamHostLimits.pageRows)
            page = RowPage(types, capacity: size)
        }
        state.pages.append((state.end, page))
        return page
    }

    /// Gives up what is beyond the bound and held by nobody. A page whose rows nobody looks at is kept to be filled again.
    private func trim(_ state: inout State) {
        var count = 0
        var held = Int.max
        for (_, cursor) in state.holds { held = min(held, cursor) }
        for listener in state.listeners { held = min(held, listener.cursor) }
        while count < state.pages.count {
            let (first, page) = state.pages[count]
            let end = first + page.count
            guard state.end - end >= retainedRowsMax, end <= held, end <= state.durableEnd else { break }
            state.lostThrough = page.epoch(page.count - 1)
            count += 1
        }
        if count == 0 { return }
        if state.spare == nil, state.pages[count - 1].page.capacity == StreamHostLimits.pageRows {
            if isKnownUniquelyReferenced(&state.pages[count - 1].page) {
                let page = state.pages[count - 1].page
                page.reset()
                state.spare = page
            }
        }
        var index = count
        while index < state.pages.count {
            state.pages[index - count] = state.pages[index]
            index += 1
        }
        while count > 0 {
            state.pages.removeLast()
            count -= 1
        }
    }

    /// Rows made by records up to `position` are durable: readers may go on.
    func advance(_ position: Int64) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard position > state.durable else { return [] }
            state.durable = position
            let before = state.durableEnd
            settle(&state)
            guard !state.waiters.isEmpty, state.durableEnd > before else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Finds how far the durable rows go.
    private func settle(_ state: inout State) {
        var index = state.pages.count - 1
        while index >= 0 {
            let (first, page) = state.pages[index]
            var row = page.count
            while row > 0, first + row > state.durableEnd, page.epoch(row - 1) > state.durable { row -= 1 }
            if row > 0 || first <= state.durableEnd {
                state.durableEnd = max(state.durableEnd, first + row)
                return
            }
            index -= 1
        }
    }

    // MARK: reading

    enum Step {
        case entry(OutputEntry, next: Int)
        case nothing
        case lost
        case closed
    }

    /// The page that has a row.
    private static func place(_ row: Int, _ state: borrowing State) -> Int? {
        var low = 0
        var high = state.pages.count
        while low < high {
            let middle = (low + high) / 2
            if state.pages[middle].first <= row { low = middle + 1 } else { high = middle }
        }
        return low > 0 && row < state.pages[low - 1].first + state.pages[low - 1].page.count ? low - 1 : nil
    }

    /// Rows of one page from a cursor on that may be read.
    static func slice(_ cursor: Int, _ state: borrowing State, rowsMax: Int = StreamHostLimits.pageRows) -> (page: RowPage, rows: Range<Int>)? {
        guard cursor < state.durableEnd, let index = place(cursor, state) else { return nil }
        let (first, page) = state.pages[index]
        let end = min(first + page.count, state.durableEnd, cursor + rowsMax)
        return cursor < end ? (page, cursor - first..<end - first) : nil
    }

    /// What a cursor finds.
    func read(_ cursor: Int) -> Step {
        state.withLock { state in
            guard cursor >= state.first else { return .lost }
            if let (page, rows) = Self.slice(cursor, state) { return .entry(OutputEntry(page, rows), next: cursor + rows.count) }
            return state.isClosed ? .closed : .nothing
        }
    }

    /// Durable rows from a cursor on: whole positions, about `rowsMax` rows, those of records up to `position` left out.
    func take(_ cursor: Int, after position: Int64 = .min, rowsMax: Int) -> (entries: [OutputEntry], next: Int) {
        state.withLock { state in
            var next = max(cursor, state.first)
            while let (page, rows) = Self.slice(next, state), page.epoch(rows.lowerBound) <= position { next += Self.run(page, rows) }
            var taken: [OutputEntry] = []
            var left = rowsMax
            var last: Int64?
            while let (page, rows) = Self.slice(next, state) {
                var end = rows.upperBound
                if left < rows.count {
                    // The rest of the record that the bound falls into, or is behind.
                    end = rows.lowerBound + max(left, 0)
                    let epoch = end > rows.lowerBound ? page.epoch(end - 1) : last ?? page.epoch(end)
                    while end < rows.upperBound, page.epoch(end) == epoch { end += 1 }
                }
                if end == rows.lowerBound { break }
                taken.append(OutputEntry(page, rows.lowerBound..<end))
                last = page.epoch(end - 1)
                left -= end - rows.lowerBound
                next += end - rows.lowerBound
                if end < rows.upperBound { break }
            }
            return (taken, next)
        }
    }

    /// How many of the rows the first one's record made.
    private static func run(_ page: RowPage, _ rows: Range<Int>) -> Int {
        var row = rows.lowerBound
        while row < rows.upperBound, page.epoch(row) == page.epoch(rows.lowerBound) { row += 1 }
        return row - rows.lowerBound
    }

    /// A cursor at the first row behind `position`; nil when rows behind it are gone. 0 is the stream's beginning, whenever it was made;
    /// other positions before it may be those of an older stream of that name, whose rows are gone.
    func cursor(after position: Int64) -> Int? {
        state.withLock { state in
            let isWhole = position >= state.lostThrough || position == 0 && state.lostThrough == beginning
            return isWhole ? Self.end(of: position, state) : nil
        }
    }

    /// The number of the first row that a record behind `position` made.
    private static func end(of position: Int64, _ state: borrowing State) -> Int {
        for index in state.pages.indices.reversed() {
            let (first, page) = state.pages[index]
            guard page.count > 0, page.epoch(0) <= position else { continue }
            var (low, high) = (0, page.count)
            while low < high {
                let middle = (low + high) / 2
                if page.epoch(middle) <= position { low = middle + 1 } else { high = middle }
            }
            return first + low
        }
        return state.first
    }

    /// A cursor behind all that is durable.
    var end: Int { state.withLock { max($0.durableEnd, $0.first) } }

    /// The first position that can still be asked for, less one.
    var lostThrough: Int64 { state.withLock { $0.lostThrough } }

    /// Waits for a row at the cursor, or the end.
    func wait(for cursor: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state -> Bool in
                if cursor < state.durableEnd || cursor < state.first || state.isClosed { return true }
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

    func move(_ hold: Int, to cursor: Int) { state.withLock { $0.holds[hold] = cursor } }

    func release(_ hold: Int) { state.withLock { $0.holds[hold] = nil } }

    /// Rows that the slowest of those has not taken.
    var heldRows: Int {
        state.withLock { state in
            var least = state.end
            for (_, cursor) in state.holds { least = min(least, cursor) }
            return state.end - least
        }
    }

    /// The stream is gone.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeAll()
    }

    // MARK: what a checkpoint keeps

    /// Durable rows that are retained, and from where on they are complete.
    func saved() -> (lostThrough: Int64, durable: Int64, rows: [(page: RowPage, rows: Range<Int>)]) {
        state.withLock { state in
            var rows: [(RowPage, Range<Int>)] = []
            var next = state.first
            while let slice = Self.slice(next, state) {
                rows.append(slice)
                next += slice.rows.count
            }
            return (state.lostThrough, state.durable, rows)
        }
    }

    /// Puts back what a checkpoint kept, before anything is appended. Rows that the replay makes again are left out.
    func load(lostThrough: Int64) { state.withLock { $0.lostThrough = lostThrough } }

    /// More of it, each row with the position and weight it had.
    func load(_ batch: Batch, position: (Int) -> Int64, weight: (Int) -> Int) {
        state.withLock { state in
            var done = 0
            while done < batch.rowCount {
                let taken = room(&state).append(batch, from: done, epoch: position, weight: weight)
                done += taken
                state.end += taken
            }
            state.loadedEnd = state.end
        }
    }

    /// Takes away what was just made by a record whose rows are here already.
    func dropRows(of position: Int64) {
        state.withLock { state in
            // Loaded rows of the position stand first; what the replay adds is behind those of later positions, or alike.
            while state.end > state.loadedEnd, let (first, page) = state.pages.last {
                var keep = page.count
                while keep > 0, first + keep > state.loadedEnd, page.epoch(keep - 1) == position { keep -= 1 }
                if keep == page.count { return }
                state.end -= page.count - keep
                page.truncate(to: keep)
                if keep > 0 { return }
                state.pages.removeLast()
            }
        }
    }

    /// The last position there is a row of.
    var lastPosition: Int64? { state.withLock { $0.pages.last.flatMap { $0.page.count > 0 ? $0.page.epoch($0.page.count - 1) : nil } } }
}
