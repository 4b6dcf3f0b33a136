/// One window that rows may still enter, with its groups.
final class OpenWindow {
    let state: AggregateState
    let dirty = AddressList()
    private(set) var start: Int64 = 0
    private(set) var end: Int64 = 0
    /// Rows whose latest window this is and whose effect has not left yet.
    var waiting = 0
    var hasFired = false
    /// This chunk's rows of the window.
    var chunkRows = 0
    var chunkOffset = 0

    init(_ layout: AggregateLayout, limit: Int) { state = AggregateState(layout: layout, limit: limit) }

    func open(start: Int64, end: Int64) {
        self.start = start
        self.end = end
        waiting = 0
        hasFired = false
        chunkRows = 0
    }

    func close() {
        state.reset()
        dirty.removeAll()
    }
}

/// The open windows by their end, and closed ones kept for the next.
final class WindowList {
    private(set) var open: [OpenWindow] = []
    private var spare: [OpenWindow] = []
    private let layout: AggregateLayout
    private let limit: Int

    init(_ layout: AggregateLayout, limit: Int) {
        self.layout = layout
        self.limit = limit
    }

    /// The window's place in `open`, opened where it is not; nil when too many are open.
    func place(end: Int64, _ spec: WindowSpec) -> Int? {
        var low = 0
        var high = open.count
        while low < high {
            let middle = (low + high) / 2
            if open[middle].end < end { low = middle + 1 } else { high = middle }
        }
        if low < open.count && open[low].end == end { return low }
        if open.count >= StreamLimits.openWindowsMax { return nil }
        let window = spare.popLast() ?? OpenWindow(layout, limit: limit)
        window.open(start: spec.start(end: end), end: end)
        open.append(window)
        var place = open.count - 1
        while place > low {
            open[place] = open[place - 1]
            place -= 1
        }
        open[low] = window
        return low
    }

    /// Takes out the first `count` windows.
    func drop(_ count: Int) {
        for place in 0..<count {
            // One whose groups are being written away is that writer's.
            if open[place].state.table.isSnapshotting { continue }
            open[place].close()
            spare.append(open[place])
        }
        // In place: the array keeps its room.
        for place in count..<open.count { open[place - count] = open[place] }
        for _ in 0..<count { open.removeLast() }
    }

    var byteCount: Int { (open + spare).reduce(0) { $0 + $1.state.byteCount } }
    var keyCount: Int { open.reduce(0) { $0 + $1.state.table.count } }
}
