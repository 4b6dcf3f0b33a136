internal import Synchronization

/// Which commit of the tables each position of the host's log has come to, for the last positions. Both only grow.
final class CommitClock: Sendable {
    private struct Mark {
        var position: Int64
        var commit: UInt64
    }

    private static let marksMax = 65_536
    private let marks = Mutex<[Mark]>([])

    /// From `position` on everything up to `commit` has been told.
    func mark(_ position: Int64, _ commit: UInt64) {
        marks.withLock { marks in
            if let last = marks.last, last.commit >= commit { return }
            marks.append(Mark(position: position, commit: commit))
            if marks.count > Self.marksMax + Self.marksMax / 4 { marks.removeFirst(marks.count - Self.marksMax) }
        }
    }

    /// 0 before the first mark that is kept. O(log marks).
    func commit(at position: Int64) -> UInt64 {
        marks.withLock { marks in
            var (low, high) = (0, marks.count)
            while low < high {
                let middle = (low + high) / 2
                if marks[middle].position <= position { low = middle + 1 } else { high = middle }
            }
            return low == 0 ? 0 : marks[low - 1].commit
        }
    }

    /// The newest.
    var commit: UInt64 { marks.withLock { $0.last?.commit ?? 0 } }
}
