public import Base
public import Columnar
public import StreamEngine
internal import Synchronization

/// A source's way in for single rows, written by a closure into columns: no value is boxed. Where nothing survives a crash anyway (a host without a
/// log) the row goes through its streams to their listeners on the calling thread, and nothing is allocated; with a log each push
/// waits for the disk, so that many rows are better pushed as batches. Any thread.
public final class SourcePort: @unchecked Sendable {
    public let name: String
    public let columns: [DataType.Field]
    private let host: StreamHost
    /// Guarded by `staging`.
    private let stager: RowStager
    private let staging = Mutex(())
    /// Guarded by the host's order.
    private var current: SourceHandle?
    private var version = -1

    init(_ host: StreamHost, _ object: StreamObject) {
        self.host = host
        name = object.name
        columns = object.columns
        stager = RowStager(object.columns.map(\.type))
    }

    /// Pushes a row; columns that `body` leaves alone are NULL. When it returns, listeners and views have what follows from it. Its epoch.
    @discardableResult
    @inline(__always)
    public func push(_ body: (borrowing RowWriter) -> Void) throws(LeibrixError) -> Int64 {
        if host.log == nil { return try host.pushRow(self, body) }
        return try host.push(name, [staged(body)])
    }

    private func staged(_ body: (borrowing RowWriter) -> Void) -> Batch { staging.withLock { _ in stager.row(body) } }

    /// Pushes a batch of the source's columns. Blocks where there is a log.
    @discardableResult
    public func push(_ batch: Batch) throws(LeibrixError) -> Int64 { try host.push(name, [batch]) }

    /// The source as it is now: nil when it was dropped. Under the host's order.
    @inline(__always)
    func handle(_ host: StreamHost) -> SourceHandle? {
        if version != host.handlesVersion { look(host) }
        return current
    }

    private func look(_ host: StreamHost) {
        version = host.handlesVersion
        let found = host.state.withLock { $0.handles[name] }
        current = found?.definition.columns == columns ? found : nil
    }

    var undefined: LeibrixError {
        LeibrixError(.streamUndefined, "source \"\(name)\" does not exist", hint: "It was dropped after this way into it was asked for.")
    }
}

extension StreamHost {
    /// A way into a source for single rows. Throws `streamUndefined`.
    public func port(_ source: String) throws(LeibrixError) -> SourcePort {
        guard let object = object(source), object.kind == .source else {
            throw LeibrixError(.streamUndefined, "source \"\(source)\" does not exist", hint: "SHOW SOURCES lists what there is.")
        }
        return SourcePort(self, object)
    }
}
