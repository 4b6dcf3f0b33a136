// How many statements of a tenant may start at a time: CREATE TENANT's concurrency and queue. The place is held for the
// statement's start (planning, executing, first rows); further groups of a large result go through `Admission` alone.
internal import Base
internal import Synchronization

final class TenantGates: Sendable {
    private struct Waiter: Sendable {
        let number: UInt64
        let continuation: CheckedContinuation<LeibrixError?, Never>
    }

    private struct Gate {
        var running = 0
        var queue: [Waiter] = []
    }

    private struct State {
        var gates: [String: Gate] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Takes a place, or waits for one. Throws `queueFull`, or the control's error when the statement is stopped meanwhile.
    func enter(_ tenant: String, runningMax: Int, queueMax: Int, _ control: StatementControl) async throws(LeibrixError) {
        let error = await withCheckedContinuation { (continuation: CheckedContinuation<LeibrixError?, Never>) in
            enum Decision { case run, wait(UInt64), full }
            let decision = state.withLock { state -> Decision in
                if state.gates[tenant, default: Gate()].running < runningMax {
                    state.gates[tenant, default: Gate()].running += 1
                    return .run
                }
                guard state.gates[tenant, default: Gate()].queue.count < queueMax else { return .full }
                state.next += 1
                state.gates[tenant, default: Gate()].queue.append(Waiter(number: state.next, continuation: continuation))
                return .wait(state.next)
            }
            switch decision {
            case .run: continuation.resume(returning: nil)
            case .full:
                continuation.resume(returning: LeibrixError(
                    .queueFull, "tenant \"\(tenant)\" has \(runningMax) statements running and \(queueMax) waiting",
                    hint: "Try again later, or ask an administrator to raise the tenant's concurrency or queue."))
            case .wait(let number):
                if !control.wait({ self.abandon(tenant, number, control) }) { abandon(tenant, number, control) }
            }
        }
        if let error { throw error }
        _ = control.wait(nil)
    }

    /// Gives a place back; the one who waited longest takes it. Harmless for a tenant without a bound.
    func leave(_ tenant: String) {
        let next = state.withLock { state -> Waiter? in
            guard var gate = state.gates[tenant], gate.running > 0 else { return nil }
            defer { state.gates[tenant] = gate.running == 0 && gate.queue.isEmpty ? nil : gate }
            guard !gate.queue.isEmpty else {
                gate.running -= 1
                return nil
            }
            return gate.queue.removeFirst()
        }
        next?.continuation.resume(returning: nil)
    }

    private func abandon(_ tenant: String, _ number: UInt64, _ control: StatementControl) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.gates[tenant]?.queue.firstIndex(where: { $0.number == number }) else { return nil }
            return state.gates[tenant]?.queue.remove(at: index)
        }
        guard let waiter else { return }
        do throws(LeibrixError) { try control.check() } catch { return waiter.continuation.resume(returning: error) }
        waiter.continuation.resume(returning: StatementControl.Stop.cancelled.error)
    }
}
