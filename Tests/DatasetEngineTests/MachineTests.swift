import Base
import Catalog
import Synchronization
import Testing

@testable import DatasetEngine

@Suite struct EpochMachineTests {
    @Test func aLoadThatAgreesBecomesReadyByTheFlipAlone() {
        var machine = EpochMachine()
        #expect(machine.shown == .loading)
        #expect(machine.handle(.agreed) == [])
        #expect(machine.handle(.flipped) == [])
        #expect(machine.shown == .loading)
        #expect(machine.handle(.written(rows: 5)) == [.compareWithSource])
        #expect(machine.shown == .validating)
        #expect(machine.handle(.flipped) == [])
        #expect(machine.handle(.agreed) == [.commitFlip])
        #expect(machine.shown == .validating)
        #expect(machine.handle(.flipped) == [.serve])
        #expect(machine.shown == .ready)
        #expect(machine.handle(.broke("late")) == [])
        #expect(machine.shown == .ready)
    }

    @Test func retiringWaitsForPins() {
        var machine = EpochMachine(recovered: .ready)
        #expect(machine.handle(.superseded(pins: 2)) == [])
        #expect(machine.shown == .retiring)
        #expect(machine.handle(.unpinned) == [])
        #expect(machine.handle(.deleted) == [])
        #expect(machine.handle(.unpinned) == [.deleteFiles])
        #expect(machine.handle(.deleted) == [.forgetRecord])
        #expect(machine.shown == nil)
        var free = EpochMachine(recovered: .ready)
        #expect(free.handle(.superseded(pins: 0)) == [.deleteFiles])
    }

    @Test(arguments: [[EpochEvent](), [.written(rows: 1)], [.written(rows: 1), .agreed]])
    func failureKeepsItsReason(before: [EpochEvent]) {
        var machine = EpochMachine()
        for event in before { _ = machine.handle(event) }
        #expect(machine.handle(.broke("gone")) == [.deleteFiles, .keepReason("gone")])
        #expect(machine.shown == .failed)
        #expect(machine.handle(.agreed) == [])
        #expect(machine.handle(.flipped) == [])
        #expect(machine.shown == .failed)
    }

    @Test func aMismatchFails() {
        var machine = EpochMachine()
        _ = machine.handle(.written(rows: 4))
        #expect(machine.handle(.disagreed("5 rows")) == [.deleteFiles, .keepReason("5 rows")])
        #expect(machine.shown == .failed)
    }
}

@Suite struct RefreshLaneTests {
    @Test func whoAsksWhileOneRunsSharesTheNext() {
        var lane = RefreshLane()
        let told = Mutex<[String]>([])
        func waiter(_ name: String) -> RefreshLane.Waiter { { _ in told.withLock { $0.append(name) } } }
        #expect(lane.request(isForced: false, waiter: waiter("a")) == true)
        #expect(lane.request(isForced: true, waiter: waiter("b")) == false)
        #expect(lane.request(isForced: false, waiter: waiter("c")) == false)
        let first = lane.finished()
        #expect(first.startsNext && first.isForced && first.waiters.count == 1)
        let second = lane.finished()
        #expect(!second.startsNext && second.waiters.count == 2)
        #expect(!lane.isRunning)
        for waiter in first.waiters + second.waiters { waiter(.success(())) }
        #expect(told.withLock { $0 } == ["a", "b", "c"])
    }

    @Test func failuresBackOff() {
        var schedule = PollSchedule(periodMS: nil, nowMS: 0)
        #expect(!schedule.isDue(1_000_000))
        var now: Int64 = 0
        var waits: [Int64] = []
        for _ in 0..<12 {
            schedule.failed(now, jitter: 1)
            waits.append(schedule.dueMS - now)
            #expect(!schedule.isDue(schedule.dueMS - 1))
            #expect(schedule.isDue(schedule.dueMS))
            now = schedule.dueMS
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map { $0 * 1_000 })
        schedule.succeeded(now)
        #expect(!schedule.isDue(now + 1_000_000))
    }
}
