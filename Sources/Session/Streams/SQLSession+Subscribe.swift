internal import Base
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import StreamHost
internal import Synchronization

/// SUBSCRIBE, planned.
final class SubscribePlan: Sendable {
    let parsed: ParsedQuery
    let name: String
    let epoch: Int64?
    let filter: String?
    let rowsMax: Int?
    let columns: [ResultColumn]
    /// "SUBSCRIBE", "COPY"
    let tag: String

    init(_ parsed: ParsedQuery, _ subscribe: Subscribe, _ name: String, _ filter: String?, _ columns: [ResultColumn], tag: String) {
        self.parsed = parsed
        self.name = name
        epoch = subscribe.epoch
        self.filter = filter
        rowsMax = subscribe.rowsMax.map { Int(clamping: $0) }
        self.columns = columns
        self.tag = tag
    }
}

extension SQLSession {
    /// `inner` is the SUBSCRIBE itself, which may stand inside COPY (…) or DECLARE.
    func subscribePlan(_ parsed: ParsedQuery, _ inner: ParsedQuery, _ subscribe: Subscribe, tag: String) throws(LeibrixError) -> SubscribePlan {
        let host = try requireStreams()
        let name = try streamName(subscribe.name)
        guard let object = host.object(name.name), object.kind != .sink else {
            let names = host.objects.filter { [.stream, .view, .late].contains($0.kind) }.map(\.name)
            throw LeibrixError(
                .streamUndefined, "stream \"\(name.name)\" does not exist",
                hint: suggestion(for: name.name, among: names, what: "streams") ?? "SHOW STREAMS lists what there is.", position: name.position)
        }
        guard object.kind != .source else {
            throw LeibrixError(
                .streamNotSupported, "\"\(name.name)\" is a source: its rows cannot be subscribed to",
                hint: "CREATE STREAM s AS SELECT * FROM \(name.name), and SUBSCRIBE s.", position: name.position)
        }
        let columns = (host.columns(of: name.name) ?? []) + StreamSubscription.addedColumns
        return SubscribePlan(
            parsed, subscribe, name.name, try subscribe.condition.map { (range) throws(LeibrixError) in try StreamText(inner.text, range).sql }, columns.map { ResultColumn($0.name, $0.type) }, tag: tag)
    }

    /// A subscription's rows as they come; of a cursor those at hand.
    func subscribe(_ plan: SubscribePlan, isCursor: Bool = false) async throws(LeibrixError) -> SQLExecution {
        let host = try requireStreams()
        let (name, epoch, filter) = (plan.name, plan.epoch, plan.filter)
        let subscription = try await host.pool.run { () throws(LeibrixError) in try host.subscribe(name, after: epoch, filter: filter) }
        guard subscription.columns.map(\.type) == plan.columns.map(\.type) else {
            throw LeibrixError(
                .notSupported, "cached plan must not change result type", hint: "The stream has changed its columns: prepare the statement again.")
        }
        let control = StatementControl()
        let feed = SubscriptionFeed(subscription, rowsMax: plan.rowsMax, polls: isCursor, control)
        if isCursor { return SQLExecution(columns: plan.columns, feed: feed, tag: .rows("FETCH"), control: control) { _ in } }
        let record = begin(plan.parsed)
        record.update { $0.route = "stream" }
        let deadline = arm(control)
        expose(control)
        return SQLExecution(
            columns: plan.columns, feed: feed, tag: .rows(plan.tag), control: control, onEnd: ending(record, deadline, control))
    }
}

/// A subscription as an execution reads it.
final class SubscriptionFeed: Sendable {
    private let subscription: StreamSubscription
    private let control: StatementControl
    private let rowsLeft: Mutex<Int>
    /// Rows at hand only: of a cursor.
    let polls: Bool

    init(_ subscription: StreamSubscription, rowsMax: Int?, polls: Bool, _ control: StatementControl) {
        self.subscription = subscription
        self.control = control
        self.polls = polls
        rowsLeft = Mutex(rowsMax ?? Int.max)
    }

    /// nil at the end, or when a cursor has all there is. Throws what stopped the statement.
    func next() async throws(LeibrixError) -> Batch? {
        try control.check()
        let left = rowsLeft.withLock { $0 }
        guard left > 0 else { return nil }
        let batch: Batch?
        if polls {
            batch = try subscription.poll()
        } else {
            let subscription = subscription
            guard control.wait({ subscription.cancel() }) else {
                try control.check()
                return nil
            }
            batch = try await subscription.next()
            _ = control.wait(nil)
            try control.check()
        }
        guard let batch else { return nil }
        let taken = batch.rowCount > left ? batch.slice(0..<left) : batch
        rowsLeft.withLock { $0 -= taken.rowCount }
        return taken
    }

    func close() { subscription.cancel() }
}
