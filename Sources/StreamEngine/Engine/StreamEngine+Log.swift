// The log of durable sources: opened after a restore, replayed from where the checkpoint has it, truncated by checkpoints.
public import Base
internal import Platform
internal import WriteAheadLog

extension StreamEngine {
    /// Opens the log of a directory, or makes one: pushes of durable sources that the restored checkpoint does not have are
    /// worked on again, and from here on such pushes are logged before they are acknowledged. Sources, streams and sinks
    /// must be there, and `restore` done. Rows of sources that are there no more, or of another identity, are passed over.
    /// Blocks. Returns how many rows were replayed.
    @discardableResult
    public func openLog(directory: String) throws(LeibrixError) -> Int {
        guard enter({ log == nil }) else { throw LeibrixError(.streamConfiguration, "the stream log is open already") }
        let from = enter { restoredLog }
        var replayed = 0
        let now = clock.wallMicros()
        let opened = try WriteAheadLog(LogConfiguration(directory: directory, clock: clock), from: from.map { LSN(rawValue: $0) }) {
            (record: LogRecord) throws(LeibrixError) in
            if record.kind == StreamLog.pushKind { replayed += try self.replay(record.payload, now) }
        }
        enter { log = StreamLog(opened) }
        return replayed
    }

    /// Writes and syncs what was logged, and ends the log. Pushes of durable sources are refused afterwards.
    public func closeLog() {
        let open = enter {
            defer { log = nil }
            return log
        }
        open?.log.close()
    }

    private func replay(_ payload: [UInt8], _ now: Int64) throws(LeibrixError) -> Int {
        var decoder = try RowDecoder(payload)
        return try withGate { () throws(LeibrixError) in
            guard let source = sources[decoder.name.lowercased()], source.definition.identity == decoder.identity else { return 0 }
            var rows = try decoder.rows(source.types)
            // What a checkpoint has of a push, it has whole: it is made between two.
            guard decoder.offset >= source.offset else { return 0 }
            guard decoder.offset == source.offset else {
                throw LeibrixError(
                    .streamStateCorrupt, "rows of source \"\(source.definition.name)\" are missing from the log",
                    detail: "Its state has \(source.offset) rows, the log goes on with row \(decoder.offset).", hint: "Restore an older checkpoint.")
            }
            rows.range = 0..<decoder.rowCount
            source.take(rows, now: now)
            source.settle()
            return decoder.rowCount
        }
    }

    // MARK: pushes

    private func openedLog() throws(LeibrixError) -> StreamLog {
        if let log = enter({ log }) { return log }
        throw LeibrixError(.streamConfiguration, "a durable source needs the engine's log", hint: "openLog(directory:) before rows are pushed.")
    }

    func pushLogged(_ source: StreamSource, _ rows: PushedRows) throws(LeibrixError) {
        let log = try openedLog()
        let payload = RowCodec.encode(rows, name: source.definition.name, identity: source.definition.identity)
        var admission = try log.log.tryAdmit(payload.count)
        while admission == nil {
            Pause.milliseconds(1)
            admission = try log.log.tryAdmit(payload.count)
        }
        guard let admission else { return }
        let end = try log.append(source, rows, admission, payload)
        let wait = DurableWait()
        log.log.whenDurable(end) { wait.end($0) }
        if let error = wait.result() { throw error }
        apply(log)
    }

    func pushLoggedSuspending(_ source: StreamSource, _ rows: PushedRows) async throws(LeibrixError) {
        let log = try openedLog()
        let payload = RowCodec.encode(rows, name: source.definition.name, identity: source.definition.identity)
        let admission = try await log.log.admit(payload.count)
        let end = try log.append(source, rows, admission, payload)
        try await log.log.durable(upTo: end)
        apply(log)
    }

    /// Works on everything that is durable and was not yet worked on.
    private func apply(_ log: StreamLog) {
        let now = clock.wallMicros()
        enter {
            while let (source, rows) = log.next() {
                source.take(rows, now: now)
                source.settle()
            }
        }
    }
}

/// Waits on a thread of its own for the log.
private final class DurableWait: @unchecked Sendable {
    private let parker = Parker()
    private var error: LeibrixError?

    func end(_ error: LeibrixError?) {
        self.error = error
        parker.unpark()
    }

    func result() -> LeibrixError? {
        parker.park()
        return error
    }
}
