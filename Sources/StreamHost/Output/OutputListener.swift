internal import Platform
internal import StreamEngine
internal import Synchronization

/// Somebody who is called with rows as they become durable, by the thread that pushed what made them. All but `body` guarded by the buffer's lock.
final class OutputListener: @unchecked Sendable {
    let body: @Sendable (borrowing PageRows) -> Void
    /// The next row it is to see.
    var cursor: Int
    /// The thread that is calling it.
    var caller: ThreadIdentity?
    var isCancelled = false

    init(_ cursor: Int, _ body: @escaping @Sendable (borrowing PageRows) -> Void) {
        self.cursor = cursor
        self.body = body
    }
}

/// A listener's handle. It ends with it.
public final class StreamListener: Sendable {
    private let buffer: OutputBuffer
    private let listener: OutputListener

    init(_ buffer: OutputBuffer, _ listener: OutputListener) {
        self.buffer = buffer
        self.listener = listener
    }

    deinit { buffer.cancel(listener) }

    /// It is not called again, but for a call that is under way on another thread.
    public func cancel() { buffer.cancel(listener) }
}

extension OutputBuffer {
    /// Calls `body` with the rows behind what is durable now, in their order, one call at a time. No lock is held meanwhile: it may push.
    func listen(_ body: @escaping @Sendable (borrowing PageRows) -> Void) -> StreamListener {
        let listener = state.withLock { state in
            let listener = OutputListener(max(state.durableEnd, state.first), body)
            state.listeners.append(listener)
            return listener
        }
        return StreamListener(self, listener)
    }

    func cancel(_ listener: OutputListener) {
        state.withLock { state in
            listener.isCancelled = true
            state.listeners.removeAll { $0 === listener }
        }
    }

    /// Calls listeners with what is durable. Where another thread is calling one, it goes on with these rows; who is far behind is waited for.
    func deliver() {
        var index = 0
        while let listener = state.withLock({ state in index < state.listeners.count ? state.listeners[index] : nil }) {
            deliver(listener)
            index += 1
        }
    }

    private func deliver(_ listener: OutputListener) {
        while true {
            var next = state.withLock { state -> (page: RowPage, rows: Range<Int>)? in
                if listener.caller != nil || listener.isCancelled { return nil }
                guard let slice = Self.slice(listener.cursor, state) else { return nil }
                listener.caller = .current
                return slice
            }
            while let (page, rows) = next {
                listener.body(PageRows(page, rows))
                next = state.withLock { state in
                    listener.cursor += rows.count
                    let slice = listener.isCancelled ? nil : Self.slice(listener.cursor, state)
                    if slice == nil { listener.caller = nil }
                    return slice
                }
            }
            let isBehind = state.withLock { state in
                guard let caller = listener.caller, caller != .current, !listener.isCancelled else { return false }
                return state.durableEnd - listener.cursor > StreamHostLimits.listenerLagRowsMax
            }
            if !isBehind { return }
            Pause.milliseconds(1)
        }
    }
}
