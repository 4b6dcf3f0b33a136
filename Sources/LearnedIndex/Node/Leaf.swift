// A leaf: a gapped array (Ding et al., "ALEX", SIGMOD 2020) of entries in ascending order of key.
//
//   word 0   version: odd while the writer is inside (a sequence lock)
//   word 1   entries, low 32 bits; slots, high 32 bits
//   word 2   the least key that may be here        } the leaf's fences: they only ever come closer
//   word 3   the greatest key that may be here     }
//   word 4   model: base        word 5   multiplier
//   word 6   model: shift (16 bits); error bound (16); mean error when built, in 1/16 slots (16); last insert's low bits (16)
//   word 7   since it was built: inserts (16), of them after the last key (16), before the first (16), right after the
//            insert before (16)
//   word 8.. slots: key and value, two words each
//
// A gap is a copy of an entry beside it: equal keys lie in one run of slots, every slot of which holds the entry whole.
// So there is no bitmap; any slot of a run answers a lookup, and a run is as long as its entry and the gaps after it.
// There is no slot outside a run, so a leaf without entries has no slots. A slot is read and written as one, and every slot
// that holds a key holds its value: who finds the key needs no version, and never touches the header. Who does not find it
// must look again under the version, for the entry may have been on the move.
//
// Error bound: for each entry, the distance from the slot that the model names to the nearest slot of its run is at most
// the bound. Moving a run by one slot raises the bound by one; the true bound is found again when it gets too high.

struct Leaf {
    let block: Block
    let slots: Int

    static let headerWords = 8
    static func bytes(slots: Int) -> Int { (headerWords + 2 * slots) * 8 }

    @inline(__always) init(block: Block, slots: Int) {
        self.block = block
        self.slots = slots
    }

    @inline(__always) func key(_ slot: Int) -> UInt64 { block[Self.headerWords &+ slot &* 2] }
    @inline(__always) func value(_ slot: Int) -> UInt64 { block[Self.headerWords &+ slot &* 2 &+ 1] }
    /// Key and value as they were at one moment.
    @inline(__always) func pair(_ slot: Int) -> (key: UInt64, value: UInt64) { block.pair(Self.headerWords &+ slot &* 2) }
    @inline(__always) func set(_ slot: Int, _ key: UInt64, _ value: UInt64) { block.setPair(Self.headerWords &+ slot &* 2, key, value) }
    @inline(__always) func setValue(_ slot: Int, _ value: UInt64) { block[Self.headerWords &+ slot &* 2 &+ 1] = value }
    @inline(__always) func copy(_ source: Int, to slot: Int) {
        let pair = pair(source)
        set(slot, pair.key, pair.value)
    }
    @inline(__always) func prefetch(_ slot: Int) { block.prefetch(Self.headerWords &+ slot &* 2) }

    @inline(__always) var count: Int { Int(truncatingIfNeeded: block[1] & 0xFFFF_FFFF) }
    @inline(__always) func setCount(_ count: Int) { block[1] = UInt64(count) | UInt64(slots) << 32 }
    @inline(__always) var low: UInt64 { block[2] }
    @inline(__always) var high: UInt64 { block[3] }

    /// Brings a fence to a border that the leaf's parents already know. A range that read it before saw the leaf as it was
    /// when there was nothing beyond the border.
    func moveFence(isUp: Bool, _ border: UInt64) {
        beginWrite()
        if isUp { block[3] = border - 1 } else { block[2] = border }
        endWrite()
    }

    @inline(__always) var model: Model { Model(base: block[4], multiplier: block[5], shift: block[6] & 0xFFFF) }
    @inline(__always) var errorBound: Int { Int(truncatingIfNeeded: block[6] >> 16 & 0xFFFF) }
    @inline(__always) func setErrorBound(_ bound: Int) { block[6] = block[6] & ~0xFFFF_0000 | UInt64(min(bound, 0xFFFF)) << 16 }
    var meanError: Double { Double(block[6] >> 32 & 0xFFFF) / 16 }

    func setModel(_ model: Model, errorBound: Int, meanError: Double) {
        block[4] = model.base
        block[5] = model.multiplier
        block[6] = model.shift | UInt64(min(errorBound, 0xFFFF)) << 16 | UInt64(min(meanError * 16, 65_535)) << 32
    }

    /// What was inserted since the leaf was built: all, after the last key, before the first, right behind and right before the one
    /// inserted last.
    var inserted: (all: Int, after: Int, before: Int, following: Int, preceding: Int) {
        let word = block[7]
        return (Int(word & 0xFFFF), Int(word >> 16 & 0xFFFF), Int(word >> 32 & 0xFFFF), Int(word >> 48 & 0xFF), Int(word >> 56))
    }

    /// Counts an insert between `before` and `ahead`. That a key follows the one inserted last is told by 16 bits:
    /// it only decides where to cut.
    @inline(__always) func noteInsert(_ key: UInt64, after before: UInt64, ahead: UInt64, isLast: Bool, isFirst: Bool) {
        let state = block[6]
        let word = block[7]
        block[6] = state & 0x0000_FFFF_FFFF_FFFF | key << 48
        if word & 0xFF == 0xFF { return }
        let last = state >> 48
        let follows: UInt64 = last == before & 0xFFFF ? 1 << 48 : last == ahead & 0xFFFF ? 1 << 56 : 0
        block[7] = word &+ 1 &+ (isLast ? 1 << 16 : 0) &+ (isFirst ? 1 << 32 : 0) &+ follows
    }

    // The sequence lock. A reader notes the version before and compares it after; between, it may see anything and must
    // only stay inside the slots.
    @inline(__always) var version: UInt64 { block.acquire(0) }
    @inline(__always) func isStill(_ version: UInt64) -> Bool {
        Fence.acquire()
        return block[0] == version
    }
    @inline(__always) func beginWrite() {
        block[0] = block[0] &+ 1
        Fence.release()
    }
    @inline(__always) func endWrite() { block.release(0, block[0] &+ 1) }
}
