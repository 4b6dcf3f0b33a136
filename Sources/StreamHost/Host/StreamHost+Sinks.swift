internal import Base
internal import Catalog
internal import Columnar
internal import Connectors
internal import Platform
internal import StreamEngine
internal import Synchronization

extension StreamHost {
    /// Makes what a sink reads, and the sink, which starts later. At a restart a sink whose target is not there is kept, with its error.
    func buildSink(_ object: StreamObject) throws(LeibrixError) {
        if let query = object.query {
            try makeStream(object.hiddenStream, try following(object, parser.read(query)), StreamOptions(emit: object.emit, latenessMicros: object.latenessMicros), from: object.createdAt)
        }
        do throws(LeibrixError) {
            let name = object.readsFrom
            guard let buffer = state.withLock({ $0.buffers[name] }) else {
                throw LeibrixError(.streamUndefined, "stream \"\(name)\" does not exist", hint: "SHOW STREAMS lists what there is.")
            }
            let columns = object.query == nil ? columns(of: name) ?? [] : try engine.columns(of: name)
            let changes = engine.changes(of: name) ?? .append
            let writer = try writer(object, columns, changes)
            let runner = SinkRunner(object.name, writer, buffer, createdAt: object.createdAt, clock: configuration.clock)
            state.withLock { $0.sinks[object.name] = runner }
        } catch {
            if object.query != nil { try dropHidden(object) }
            throw error
        }
    }

    private func writer(_ object: StreamObject, _ columns: [DataType.Field], _ changes: RowChanges) throws(LeibrixError) -> any SinkWriter {
        if let table = object.table {
            guard let tables else { throw LeibrixError(.notSupported, "this host has no tables", hint: "Write into files.") }
            let writer = TableWriter(
                tables, table: table, columns: columns, mark: "stream.\(object.name).\(object.number)", fault: configuration.fault)
            if !isRecovering { try writer.check(retracts: changes == .retract) }
            return writer
        }
        var context = ConnectorContext()
        context.hasCheckpoints = true
        context.isNew = !isRecovering
        context.hasChanges = changes != .append
        context.variables = configuration.variables
        context.tableFormats = configuration.tableFormats
        let spec = ConnectorSpec(name: object.name, kind: object.connector ?? "", options: object.options, format: object.format, columns: columns)
        let sink = try configuration.connectors.makeSink(spec, context)
        let path = configuration.directory.map { "\($0)/host/sink-\(object.number).state" }
        return ConnectorWriter(sink, path: path, fault: configuration.fault)
    }

    func startSink(_ object: StreamObject) {
        guard object.kind == .sink else { return }
        state.withLock { $0.sinks[object.name] }?.wake()
    }

    func stopSink(_ object: StreamObject) {
        state.withLock { $0.sinks.removeValue(forKey: object.name) }?.stop(isDropped: true)
    }

    func closeSinks() {
        let sinks = state.withLock { state in
            defer { state.sinks = [:] }
            return state.sinks
        }
        for sink in sinks.values { sink.stop(isDropped: false) }
    }

    func wakeSinks() {
        // While the log is told again rows are there that the sinks have.
        if isRecovering { return }
        for sink in state.withLock({ Array($0.sinks.values) }) { sink.wake() }
    }

    /// Waits until the sinks have all durable rows. Throws when one has not come there in time.
    func sinksReached(_ position: Int64) throws(LeibrixError) {
        let deadline = configuration.clock.monotonicNanos() &+ UInt64(StreamHostLimits.sinkWaitMS) * 1_000_000
        while true {
            wakeSinks()
            let late = state.withLock { $0.sinks.filter { !$0.value.isIdle || ($0.value.status.error != nil) } }
            guard let (name, runner) = late.first else { return }
            guard configuration.clock.monotonicNanos() < deadline, !state.withLock({ $0.isClosed && runner.status.error != nil }) else {
                throw LeibrixError(
                    .streamRejected, "sink \"\(name)\" does not take its rows", detail: runner.status.error, hint: "leibrix.sinks shows its error; DROP SINK ends it.")
            }
            Pause.milliseconds(2)
        }
    }

    func sinkStatus(_ name: String) -> SinkStatus { state.withLock { $0.sinks[name] }?.status ?? SinkStatus() }
}
