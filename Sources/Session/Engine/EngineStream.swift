internal import Base
internal import Columnar
internal import DuckDBKit

/// A running query on an executor. Used by one thread at a time; every call blocks.
final class EngineStream: @unchecked Sendable {
    /// nil once given back.
    private var executor: Executor?
    private var result: QueryResult?
    private let giveBack: @Sendable (Executor) -> Void
    /// Asked after the last row: throws when the answer is not one.
    private let verify: (@Sendable () throws(LeibrixError) -> Void)?
    let columns: [DataType.Field]
    let executorNumber: Int
    let isPlanHit: Bool
    /// Batches the next hop may fetch: doubles from one, so that a first row comes early and a large result in few hops.
    private var groupSize = 1

    init(
        _ result: consuming QueryResult, isPlanHit: Bool, on executor: Executor,
        verify: (@Sendable () throws(LeibrixError) -> Void)? = nil, giveBack: @escaping @Sendable (Executor) -> Void
    ) {
        self.verify = verify
        columns = result.columns
        self.result = consume result
        self.executor = executor
        executorNumber = executor.number
        self.isPlanHit = isPlanHit
        self.giveBack = giveBack
    }

    /// The next batches; `isFinished` when there are no more, and then the executor is given back already.
    func fetchGroup(_ control: StatementControl) throws(LeibrixError) -> (batches: [Batch], isFinished: Bool) {
        guard let executor else { return ([], true) }
        do throws(LeibrixError) {
            try control.enter(executor.connection)
            defer { control.leave() }
            let group = try fetch()
            control.sampleMemory(executor.connection)
            if group.isFinished { release() }
            return group
        } catch {
            release()
            throw control.translated(error)
        }
    }

    private func fetch() throws(LeibrixError) -> (batches: [Batch], isFinished: Bool) {
        var batches: [Batch] = []
        var bytes = 0
        // One more than the group, so that a result that fits is known to have ended without another hop.
        while batches.count <= groupSize, bytes < SessionLimits.groupBytesMax {
            guard let batch = try result?.next() else {
                try verify?()
                return (batches, true)
            }
            bytes += batch.compactBytes
            batches.append(batch)
        }
        groupSize = min(groupSize * 2, SessionLimits.groupBatchesMax)
        return (batches, false)
    }

    /// Ends the query and gives the executor back. Idempotent.
    func release() {
        guard let executor else { return }
        result = nil
        self.executor = nil
        giveBack(executor)
    }
}
