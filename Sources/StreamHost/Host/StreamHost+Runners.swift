// Sources with a connector: a runner each, whose rows come through the log like anybody's, with the connector's position in the
// same record. What the log has the next life does not read again, and the rest it does.
public import Base
internal import Columnar
internal import Connectors
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

extension StreamHost {
    /// Checks a source's connector and makes its runner; nil for a source without one. Nothing is read yet.
    func makeRunner(_ object: StreamObject) throws(LeibrixError) -> SourceRunner? {
        guard object.kind == .source, let kind = object.connector else { return nil }
        var context = ConnectorContext()
        context.deadLetterFolder = configuration.directory.map { $0 + "/bad" }
        context.hasCheckpoints = configuration.directory != nil
        context.tableFormats = configuration.tableFormats
        context.variables = configuration.variables
        context.clock = configuration.clock
        let spec = ConnectorSpec(name: object.name, kind: kind, options: object.options, format: object.format, columns: object.columns)
        return try configuration.connectors.makeSource(spec, context)
    }

    /// Begins to read, at the position the log has.
    func startRunner(_ object: StreamObject, _ runner: SourceRunner) {
        guard let handle = state.withLock({ $0.handles[object.name] }) else { return }
        runners.withLock { $0[object.name] = runner }
        let name = object.name
        let target = SourceTarget(position: handle.position) { [weak self] (batch, position) throws(LeibrixError) in
            guard let self else { throw LeibrixError(.shuttingDown, "the database is shut down") }
            _ = try push(name, batch.map { [$0] } ?? [], position: position)
        } end: { [weak self] () throws(LeibrixError) in try self?.end(name) }
        runner.start(target)
    }

    /// After a restart. A connector that cannot be made any more leaves its source without one, with a warning: rows may still be
    /// pushed, and a restart with what it lacks makes it again.
    func startRunners() {
        for object in objects where object.kind == .source {
            do throws(LeibrixError) {
                if let runner = try makeRunner(object) { startRunner(object, runner) }
            } catch {
                Log.warning("streams.source", .text("source", object.name), .text("error", error.message))
            }
        }
    }

    /// Waits until the runner's thread has ended.
    func stopRunner(_ name: String) { runners.withLock { $0.removeValue(forKey: name) }?.stop() }

    func stopRunners() {
        let all = runners.withLock { runners in
            defer { runners = [:] }
            return runners.values
        }
        for runner in all { runner.stop() }
    }

    /// The epoch of the last rows that are durable.
    public var epoch: Int64 { state.withLock { $0.durable } }

    /// Tells the streams the time now, as the clock does from time to time: idle sources go on, EMIT EVERY emits. Blocks.
    public func tellTime() throws(LeibrixError) {
        let (number, end) = try told(InputRecord.tick(micros: 0), InputRecord.tickKind, urgency: .now) { () throws(LeibrixError) in engine.tick() }
        try settle(number, end)
    }

    func runner(_ name: String) -> Connectors.SourceStatistics? { runners.withLock { $0[name] }?.statistics }

    /// The source's connector has given all it had: event time goes to its end, in the log's order.
    private func end(_ name: String) throws(LeibrixError) {
        guard let object = object(name), let handle = state.withLock({ $0.handles[name] }) else { return }
        let payload = log == nil ? [] : InputRecord.end(micros: 0, object: object.number)
        let (number, end) = try told(payload, InputRecord.endKind, urgency: .now) { () throws(LeibrixError) in handle.end() }
        try settle(number, end)
    }
}
