// Whether a loop that has nothing to do goes on asking the kernel for a short while before it sleeps. It pays between the messages of
// one client that answers at once: its next message comes sooner than a sleeping processor wakes. Beside other clients it would
// take time from them, and with a slow one it would be for nothing.
//
//   lone        the last turns heard of one source alone; pushes of other threads do not count
//   credit      earned by finding something, spent by finding nothing; without any, one sleep in `probeEvery` tries again

struct Patience {
    private var source: UInt64 = .max
    private var repeats = 0
    private var credit = Patience.creditMax
    private var slept = 0

    static let repeatsMin = 4
    static let creditMax = 8
    static let probeEvery = 64

    /// The only source that a turn has heard of; nil for several. The greatest number stands for pushes.
    mutating func saw(_ only: UInt64?) {
        guard let only else { return repeats = 0 }
        if only == .max { return }
        repeats = only == source ? min(repeats + 1, Patience.repeatsMin) : 0
        source = only
    }

    /// Whether to ask before this sleep.
    mutating func spins() -> Bool {
        guard repeats >= Patience.repeatsMin else { return false }
        if credit > 0 { return true }
        slept += 1
        guard slept >= Patience.probeEvery else { return false }
        slept = 0
        return true
    }

    mutating func ended(found: Bool) {
        credit = found ? min(credit + 2, Patience.creditMax) : max(credit - 1, 0)
    }
}
