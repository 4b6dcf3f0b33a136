// Rows of two streams with equal keys whose times lie within a bound of each other.
//
// A left row waits until no right row can come that it would meet: until the watermark has passed its time + upper; a right row
// until the watermark has passed its time - lower. Waiting rows that met nobody leave then with NULLs (outer), as they
// are (anti), or not at all.

final class IntervalJoin: JoinOperator {
    private let leftTimers = TimerHeap()
    private let rightTimers = TimerHeap()
    private let leftBySerial = SerialMap()
    private let rightBySerial = SerialMap()

    override func take(_ chunk: Chunk, _ row: Int, _ time: Int64, isLeft: Bool, mark: Int64) {
        let side = isLeft ? left : right
        serial += 1
        guard side.rows.count < limit, let key = side.hasKeys(row) ? side.key(side.keys, row) : nil else {
            return withoutPartner(chunk, row, time, isLeft, mark)
        }
        let record = side.rows.add(chunk, row, time: time, serial: serial)
        record.next = side.chain(key)
        side.setChain(key, record.address)
        counts.buffered += 1
        wait(record, key, isLeft: isLeft)
        meet(record, side, row, isLeft, mark)
    }

    /// A row whose key is NULL meets nobody; a row for which there is no room is refused.
    private func withoutPartner(_ chunk: Chunk, _ row: Int, _ time: Int64, _ isLeft: Bool, _ mark: Int64) {
        let side = isLeft ? left : right
        if side.hasKeys(row) { return counts.fail(1, HotPathError.stateFull.rawValue) }
        let leaves = isLeft ? plan.kind == .left || plan.kind == .full || plan.kind == .anti : plan.kind == .right || plan.kind == .full
        guard leaves else {
            counts.filtered += 1
            return
        }
        let record = side.rows.add(chunk, row, time: time, serial: serial)
        emit(isLeft ? record : nil, isLeft ? nil : record, mark: mark)
        counts.emitted += 1
        side.rows.remove(record)
    }

    private func wait(_ record: Memory, _ key: Memory, isLeft: Bool) {
        if isLeft {
            leftTimers.add(record.time.addingReportingOverflow(plan.upper).partialValue, record.serial)
            leftBySerial.set(record.serial, record, key)
        } else {
            rightTimers.add(record.time.subtractingReportingOverflow(plan.lower).partialValue, record.serial)
            rightBySerial.set(record.serial, record, key)
        }
    }

    override func loaded(_ record: Memory, _ key: Memory, isLeft: Bool) { wait(record, key, isLeft: isLeft) }

    /// The partners that are there already, oldest first.
    private func meet(_ record: Memory, _ side: JoinSide, _ row: Int, _ isLeft: Bool, _ mark: Int64) {
        let other = isLeft ? right : left
        guard let key = other.known(side.keys, row) else { return }
        var link = other.chain(key)
        while link != 0 {
            let partner = Memory(address: link)
            link = partner.next
            let (leftRow, rightRow) = isLeft ? (record, partner) : (partner, record)
            let distance = rightRow.time &- leftRow.time
            guard distance >= plan.lower, distance <= plan.upper, isPair(leftRow, rightRow) else { continue }
            let isNew = !leftRow.isMatched
            leftRow.isMatched = true
            rightRow.isMatched = true
            switch plan.kind {
            case .semi: if isNew { emit(leftRow, nil, mark: mark) }
            case .anti: break
            default: emit(leftRow, rightRow, mark: mark)
            }
        }
    }

    override func expire(_ watermark: Int64) {
        while leftTimers.earliest < watermark || rightTimers.earliest < watermark {
            if leftTimers.earliest <= rightTimers.earliest { expireLeft() } else { expireRight() }
        }
    }

    private func expireLeft() {
        let (time, serial) = leftTimers.removeFirst()
        let (record, key) = leftBySerial.take(serial)
        let leaves = !record.isMatched && (plan.kind == .left || plan.kind == .full || plan.kind == .anti)
        if leaves { emit(record, nil, mark: time) }
        account(leaves || record.isMatched && plan.kind != .anti)
        left.unlink(record, key)
    }

    private func expireRight() {
        let (time, serial) = rightTimers.removeFirst()
        let (record, key) = rightBySerial.take(serial)
        let leaves = !record.isMatched && (plan.kind == .right || plan.kind == .full)
        if leaves { emit(nil, record, mark: time) }
        account(leaves || record.isMatched)
        right.unlink(record, key)
    }

    private func account(_ hadEffect: Bool) {
        counts.buffered -= 1
        if hadEffect { counts.emitted += 1 } else { counts.filtered += 1 }
    }
}
