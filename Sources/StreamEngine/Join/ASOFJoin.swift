// Each left row with one right row of its key: the last that is not after it, the first behind it, or the nearest.
//
// A left row waits until the watermark has passed the last time a partner may have: then every one is there. Left rows leave
// in the order of their times. A key's right rows are a chain, newest first; those behind the newest that lies before every left row
// that may still come can be nobody's partner any more and go, so a key that is silent keeps one.

final class ASOFJoin: JoinOperator {
    private let timers = TimerHeap()
    private let waiting = SerialMap()
    /// How long after its time a left row waits.
    private lazy var wait = max(plan.upper, 0)

    override func take(_ chunk: Chunk, _ row: Int, _ time: Int64, isLeft: Bool, mark: Int64) {
        serial += 1
        let side = isLeft ? left : right
        guard side.rows.count < limit else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        if isLeft { takeLeft(chunk, row, time) } else { takeRight(chunk, row, time, mark) }
    }

    private func takeLeft(_ chunk: Chunk, _ row: Int, _ time: Int64) {
        // A NULL key waits too: rows leave in the order of time.
        guard let key = left.key(left.keys, row) else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        let record = left.rows.add(chunk, row, time: time, serial: serial)
        record.next = left.chain(key)
        left.setChain(key, record.address)
        counts.buffered += 1
        loaded(record, key, isLeft: true)
    }

    private func takeRight(_ chunk: Chunk, _ row: Int, _ time: Int64, _ watermark: Int64) {
        guard right.hasKeys(row) else {
            counts.filtered += 1
            return
        }
        guard let key = right.key(right.keys, row) else { return counts.fail(1, HotPathError.stateFull.rawValue) }
        let record = right.rows.add(chunk, row, time: time, serial: serial)
        counts.buffered += 1
        var link = right.chain(key)
        if link == 0 || Memory(address: link).time <= time {
            record.next = link
            right.setChain(key, record.address)
        } else {
            var place = Memory(address: link)
            link = place.next
            while link != 0 && Memory(address: link).time > time {
                place = Memory(address: link)
                link = place.next
            }
            record.next = link
            place.next = record.address
        }
        trim(key, watermark)
    }

    /// Lets go the right rows behind the newest that lies before the watermark.
    private func trim(_ key: Memory, _ watermark: Int64) {
        // Left rows that wait or may come are not before `first`.
        let first = watermark < .min + wait ? .min : watermark - wait
        let edge = plan.upper < 0 ? first.addingReportingOverflow(plan.upper + 1).partialValue : first
        var link = right.chain(key)
        while link != 0 && Memory(address: link).time >= edge { link = Memory(address: link).next }
        if link == 0 { return }
        let newest = Memory(address: link)
        link = newest.next
        newest.next = 0
        while link != 0 {
            let old = Memory(address: link)
            link = old.next
            account(old.isMatched)
            right.rows.remove(old)
        }
    }

    override func loaded(_ record: Memory, _ key: Memory, isLeft: Bool) {
        guard isLeft else { return }
        timers.add(record.time.addingReportingOverflow(wait).partialValue, record.serial)
        waiting.set(record.serial, record, key)
    }

    override func expire(_ watermark: Int64) {
        while timers.earliest < watermark {
            let (time, serial) = timers.removeFirst()
            let (record, key) = waiting.take(serial)
            let partner = partner(record, key)
            partner?.isMatched = true
            if partner != nil || plan.kind == .left { emit(record, partner, mark: time) }
            account(partner != nil || plan.kind == .left)
            left.unlink(record, key)
        }
    }

    private func partner(_ record: Memory, _ key: Memory) -> Memory? {
        for index in 0..<left.keyCount { left.directory.readKey(key, index, into: probe[index], 0) }
        for index in 0..<left.keyCount where probe[index].nulls[0] != 0 { return nil }
        guard let other = right.known(probe, 0) else { return nil }
        var link = right.chain(other)
        var best: Memory?
        while link != 0 {
            let candidate = Memory(address: link)
            link = candidate.next
            let (distance, overflow) = candidate.time.subtractingReportingOverflow(record.time)
            if overflow ? candidate.time > 0 : distance > plan.upper { continue }
            if overflow ? plan.lower > .min : distance < plan.lower { break }
            guard isPair(record, candidate) else { if plan.asof == .last { return nil } else { continue } }
            if plan.asof == .last { return candidate }
            // Newest first: a later one seen is earlier, and so nearer until it lies before.
            if let old = best, plan.asof == .nearest, abs(old.time &- record.time) < abs(distance) { break }
            best = candidate
        }
        return best
    }

    private lazy var probe: Lane<Vector> = makeProbe()
    private let probeArena = Arena()

    private func makeProbe() -> Lane<Vector> {
        let lane = probeArena.lane(Vector.self, count: max(left.keyCount, 1))
        for (index, kind) in left.directory.kinds.enumerated() { lane[index] = probeArena.vector(kind, count: 1) }
        return lane
    }

    private func account(_ hadEffect: Bool) {
        counts.buffered -= 1
        if hadEffect { counts.emitted += 1 } else { counts.filtered += 1 }
    }

}
