// Epoch-based reclamation (Fraser, "Practical lock-freedom", 2004) with counters instead of registered threads.
//
// A reader counts itself into the parity of the current epoch for as long as it looks. What a writer unlinks in epoch e
// is freed once the epoch is e + 2: going from e to e + 1 asks that nobody is left of e - 1, going on to e + 2 that nobody
// is left of e, and whoever came later found the new links. Readers write one counter out of several stripes, a cache
// line each, chosen by thread; they never wait. Two epochs are never apart by more than one among readers, so two
// parities are enough.
internal import CLinux

/// Where readers of memory without locks make themselves known, so that writers free nothing that is still looked at.
public final class EpochDomain: Sendable {
    /// One for the process: readers of all indexes count here.
    public static let shared = EpochDomain()

    private static let stripes = 32
    private static let wordsALine = 8
    private let memory: Block

    public init() {
        memory = Block.allocate(bytes: (1 + Self.stripes * 2) * 64)
        for word in 0..<(1 + Self.stripes * 2) * Self.wordsALine { memory[word] = 0 }
    }

    deinit { memory.deallocate() }

    /// Proof of being counted, to be handed back to `leave`.
    public struct Pin: Sendable { let word: Int }

    /// Counts the caller in. Not for long: nothing unlinked since is freed until `leave`.
    @inline(__always) public func enter() -> Pin {
        let stripe = Int(truncatingIfNeeded: ((UInt64(pthread_self()) >> 12) &* 0x9E37_79B9_7F4A_7C15) >> 59)
        while true {
            let epoch = memory.acquire(0)
            let word = (1 &+ stripe &* 2 &+ Int(truncatingIfNeeded: epoch & 1)) &* Self.wordsALine
            memory.add(word, 1)
            if memory.loadOrdered(0) == epoch { return Pin(word: word) }
            memory.add(word, ~0)
        }
    }

    @inline(__always) public func leave(_ pin: Pin) { memory.add(pin.word, ~0) }

    /// The epoch that something unlinked by now belongs to.
    public func stamp() -> UInt64 {
        lbx_fence_ordered()
        return memory.loadOrdered(0)
    }

    /// Moves on if nobody is left of the epoch before, and says where it is now. What was stamped e is free from e + 2.
    public func advance() -> UInt64 {
        let epoch = memory.loadOrdered(0)
        let before = Int(truncatingIfNeeded: (epoch &+ 1) & 1)
        for stripe in 0..<Self.stripes where memory.loadOrdered((1 + stripe * 2 + before) * Self.wordsALine) != 0 { return epoch }
        return memory.replace(0, epoch, with: epoch &+ 1) ? epoch &+ 1 : memory.loadOrdered(0)
    }
}
