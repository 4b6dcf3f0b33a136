// Changing a leaf in place, by the writer, between beginWrite and endWrite.
//
// An insert between two runs takes a gap of either: the slots from the boundary to where the model wants the key. With no
// gap beside it, the runs between it and the nearest gap on either side move by one slot.

extension Leaf {
    enum Placement {
        case done
        /// No gap, or the bound cannot be kept: the leaf must be built anew.
        case full
    }

    /// Inserts a key that is not there; `bound` is its lower bound. The leaf has entries and is not full.
    func insert(_ key: UInt64, _ value: UInt64, before bound: Int) -> Placement {
        let model = model
        let wanted = model.shift == UInt64(Link.noModel) ? bound : model.place(key, of: slots)
        let room = freeSlots(around: bound, wanted)
        noteInsert(
            key, after: bound > 0 ? self.key(bound &- 1) : 0, ahead: bound < slots ? self.key(bound) : 0, isLast: bound == slots,
            isFirst: bound == 0)
        if let room {
            let worst = max(Self.distance(wanted, room.lowerBound, room.upperBound), shortened(room, model))
            beginWrite()
            var slot = room.lowerBound
            while slot < room.upperBound {
                set(slot, key, value)
                slot &+= 1
            }
            finishInsert(worst: worst, moved: false)
            return .done
        }
        guard let (source, isRight) = nearestGap(bound) else { return .full }
        beginWrite()
        let slot = isRight ? moveRight(bound, source) : moveLeft(bound, source)
        set(slot, key, value)
        finishInsert(worst: Self.distance(wanted, slot, slot &+ 1), moved: true)
        return .done
    }

    /// The distances of the two entries whose runs end and begin at the slots taken.
    private func shortened(_ room: Range<Int>, _ model: Model) -> Int {
        guard model.shift != UInt64(Link.noModel) else { return 0 }
        var worst = 0
        if room.lowerBound > 0 { worst = model.place(key(room.lowerBound &- 1), of: slots) &- room.lowerBound &+ 1 }
        if room.upperBound < slots { worst = max(worst, room.upperBound &- model.place(key(room.upperBound), of: slots)) }
        return max(worst, 0)
    }

    private func finishInsert(worst: Int, moved: Bool) {
        let before = errorBound
        let after = max(before &+ (moved ? 1 : 0), worst)
        if after != before { setErrorBound(after) }
        setCount(count &+ 1)
        endWrite()
    }

    /// The slots that a key between the runs ending and starting at `bound` may take without moving anything.
    private func freeSlots(around bound: Int, _ wanted: Int) -> Range<Int>? {
        if bound == slots {
            // After the last key: right behind it, so that the rest stays free for those that follow.
            let start = lowerBound(key(slots &- 1), in: 0, slots)
            return slots &- start >= 2 ? start &+ 1..<slots : nil
        }
        let end = bound == 0 ? firstRunEnd() : runEnd(bound)
        if bound == 0 { return end >= 2 ? 0..<end &- 1 : nil }
        let hasRight = end &- bound >= 2
        let hasLeft = bound >= 2 && key(bound &- 2) == key(bound &- 1)
        if hasLeft, wanted < bound || !hasRight { return max(min(wanted, bound &- 1), runStart(bound &- 1) &+ 1)..<bound }
        if hasRight { return bound..<min(max(wanted, bound), end &- 2) &+ 1 }
        return nil
    }

    private func firstRunEnd() -> Int { key(0) == .max ? slots : lowerBound(key(0) &+ 1, in: 0, slots) }

    /// The nearest slot that repeats its neighbour away from `bound`: `slot` and the next one to the right, or `slot` and
    /// the one before it to the left.
    private func nearestGap(_ bound: Int) -> (slot: Int, isRight: Bool)? {
        var right = bound
        var left = bound &- 1
        while true {
            let canRight = right &+ 1 < slots
            let canLeft = left >= 1
            if canRight {
                if key(right) == key(right &+ 1) { return (right, true) }
                right &+= 1
            }
            if canLeft {
                if key(left) == key(left &- 1) { return (left, false) }
                left &-= 1
            }
            if !canRight, !canLeft { return nil }
        }
    }

    private func moveRight(_ bound: Int, _ source: Int) -> Int {
        var slot = source
        while slot >= bound {
            copy(slot, to: slot &+ 1)
            slot &-= 1
        }
        return bound
    }

    private func moveLeft(_ bound: Int, _ source: Int) -> Int {
        var slot = source
        while slot < bound {
            copy(slot, to: slot &- 1)
            slot &+= 1
        }
        return bound &- 1
    }

    /// Gives the entry at `slot` another value.
    func update(_ slot: Int, _ value: UInt64) {
        let start = runStart(slot)
        let end = runEnd(slot)
        beginWrite()
        for slot in start..<end { setValue(slot, value) }
        endWrite()
    }

    /// Takes the entry at `slot` out: its run becomes its neighbour's gap.
    func erase(_ slot: Int) {
        let start = runStart(slot)
        let end = runEnd(slot)
        beginWrite()
        if start > 0 {
            for slot in start..<end { copy(start - 1, to: slot) }
        } else if end < slots {
            for slot in start..<end { copy(end, to: slot) }
        }
        setCount(count - 1)
        endWrite()
    }
}
