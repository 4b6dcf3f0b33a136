// Deadlines in event time, earliest first: a binary heap of pairs. What a deadline belongs to is a number of its owner's.
//
// Deadlines are not moved when they change: the owner looks at what comes due, and puts it back with its new one.

@safe
final class TimerHeap {
    private struct Timer: BitwiseCopyable {
        var time: Int64
        var owner: Int64
    }

    private var timers: Lane<Timer>
    private var capacity = 1_024
    private(set) var count = 0

    init() { unsafe timers = Lane(.allocate(capacity: 1_024)) }

    deinit { unsafe timers.base.deallocate() }

    /// The earliest deadline, or the end of time.
    @inline(__always)
    var earliest: Int64 { count == 0 ? .max : timers[0].time }

    /// O(log n).
    func add(_ time: Int64, _ owner: Int64) {
        if count == capacity { grow() }
        var place = count
        count += 1
        while place > 0 {
            let parent = (place - 1) / 2
            if isBefore(timers[parent].time, timers[parent].owner, time, owner) { break }
            timers[place] = timers[parent]
            place = parent
        }
        timers[place] = Timer(time: time, owner: owner)
    }

    /// Takes the earliest out; there must be one. O(log n).
    func removeFirst() -> (time: Int64, owner: Int64) {
        let first = timers[0]
        count -= 1
        let moved = timers[count]
        var place = 0
        while true {
            var child = place * 2 + 1
            if child >= count { break }
            let right = child + 1
            if right < count, isBefore(timers[right].time, timers[right].owner, timers[child].time, timers[child].owner) { child = right }
            if isBefore(moved.time, moved.owner, timers[child].time, timers[child].owner) { break }
            timers[place] = timers[child]
            place = child
        }
        timers[place] = moved
        return (first.time, first.owner)
    }

    func removeAll() { count = 0 }

    @inline(__always)
    private func isBefore(_ time: Int64, _ owner: Int64, _ otherTime: Int64, _ otherOwner: Int64) -> Bool {
        time != otherTime ? time < otherTime : owner <= otherOwner
    }

    @inline(never)
    private func grow() {
        let larger: Lane<Timer> = unsafe Lane(.allocate(capacity: capacity * 2))
        larger.copy(from: timers, count: count)
        unsafe timers.base.deallocate()
        timers = larger
        capacity *= 2
    }
}
