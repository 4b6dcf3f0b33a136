internal import Base
internal import DatasetEngine
internal import DuckDBKit

extension Engine {
    /// Starts a query on a connection that reads sources, and fetches its first rows. The lease is given back with the last.
    func start(_ request: EngineRequest, on lease: SourceLease, _ control: StatementControl) async throws(LeibrixError) -> Started {
        try await admission.run(control) { () throws(LeibrixError) -> Started in
            do throws(LeibrixError) {
                let stream = try self.open(request, lease, control)
                let group = try stream.fetchGroup(control)
                return Started(stream: stream, batches: group.batches, isFinished: group.isFinished)
            } catch {
                lease.release()
                throw request.text.located(error)
            }
        }
    }

    private func open(_ request: EngineRequest, _ lease: SourceLease, _ control: StatementControl) throws(LeibrixError) -> EngineStream {
        let executor = Executor(number: 0, connection: lease.connection)
        do throws(LeibrixError) {
            try control.enter(lease.connection)
            defer { control.leave() }
            return try execute(request, executor, verify: { () throws(LeibrixError) in try lease.verify() }) { _ in lease.release() }
        } catch {
            throw control.translated(error)
        }
    }

    /// Describes a query on such a connection.
    func describe(
        _ describer: Describer, _ profile: ExecutionProfile, on lease: SourceLease, _ control: StatementControl
    ) async throws(LeibrixError) -> Description {
        try await admission.run(control) { () throws(LeibrixError) -> Description in
            let executor = Executor(number: 0, connection: lease.connection)
            do throws(LeibrixError) {
                try control.enter(lease.connection)
                defer { control.leave() }
                try executor.apply(profile)
                return try describer.describe(executor)
            } catch {
                throw control.translated(error)
            }
        }
    }
}
