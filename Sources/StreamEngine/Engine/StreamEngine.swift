// The engine: sources, the streams over them, and who listens. Every entry passes one gate, so that a stream sees the rows
// of its sources in one order, whoever pushes; the gate is one uncontended atomic operation where one thread does.
public import Base
public import Columnar
public import Platform
public import SQLPlanning
internal import Synchronization

public final class StreamEngine: @unchecked Sendable {
    let clock: Clock
    private let gate = Mutex(())
    var sources: [String: StreamSource] = [:]
    var streams: [String: StreamPipeline] = [:]
    var sinks: [String: Sink] = [:]
    var lookups: [String: LookupDefinition] = [:]
    /// Late rows that have a name, by it.
    var lates: [String: LateRows] = [:]
    var lastCheckpoint = 0
    /// What the last checkpoint consists of, and in which directory: none after one that failed.
    var lastWritten: (directory: String, contents: CheckpointStore.Contents)?
    /// One checkpoint at a time.
    let checkpointing = Mutex(())
    let feeder = Mutex<Feeder?>(nil)
    /// Sources with a buffer, by name.
    var buffered: [StreamSource] = []
    /// Streams in the order they were made: later ones may read earlier ones.
    var order: [String] = []

    public convenience init() { self.init(clock: .system) }

    /// Cores that keyed streams are spread over; with 1 everything runs where rows are pushed.
    public let cores: Int

    /// With a clock of the caller's: a test's virtual one.
    public init(clock: Clock, cores: Int = 1) {
        self.clock = clock
        self.cores = min(max(cores, 1), StreamLimits.coresMax)
    }

    deinit { feeder.withLock { $0 }?.cancel() }

    func withGate<T>(_ body: () throws(LeibrixError) -> T) throws(LeibrixError) -> T {
        let result: Result<T, LeibrixError> = gate.withLock { _ in
            do throws(LeibrixError) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    @inline(__always)
    func enter<T>(_ body: () -> T) -> T { gate.withLock { _ in body() } }

    // MARK: definitions

    /// Makes a source. Its name is unique among sources and streams, without regard to case.
    public func createSource(_ definition: SourceDefinition) throws(LeibrixError) {
        try withGate { () throws(LeibrixError) in
            try checkName(definition.name)
            let source = try StreamSource(definition)
            sources[definition.name.lowercased()] = source
            if source.pending != nil {
                buffered.append(source)
                buffered.sort { $0.definition.name < $1.definition.name }
            }
        }
    }

    /// Makes a stream over sources and streams that are there. `late` is the name under which other streams read the rows that come too late
    /// for it, and `onLate` takes them too.
    public func createStream(
        _ name: String, _ query: Query, _ options: StreamOptions = StreamOptions(), late lateName: String? = nil,
        onLate: ((borrowing StreamRows) -> Void)? = nil
    ) throws(LeibrixError) {
        try withGate { () throws(LeibrixError) in
            try checkName(name)
            let planned = try plan(query, options)
            var late: LateRows?
            if let lateName {
                try checkName(lateName)
                late = try lateRows(lateName, of: name, planned.node)
                if let onLate { _ = late?.outlet.subscribe(onLate) }
                lates[lateName.lowercased()] = late
            }
            let pipeline = StreamPipeline(name, query, options, planned, late: late?.outlet, cores: cores)
            streams[name.lowercased()] = pipeline
            order.append(name.lowercased())
            for (input, head) in pipeline.heads { attach(head, to: input) }
        }
    }

    func plan(_ query: Query, _ options: StreamOptions) throws(LeibrixError) -> PlannedRelation {
        let names = sources.values.map(\.definition.name) + streams.values.map(\.name) + lookups.values.map(\.name) + lates.values.map(\.name)
        return try StreamPlanner(lookUp: { self.relation($0) }, names: names.filter { !$0.contains("\u{1}") }, options: options).plan(query)
    }

    private func checkName(_ name: String) throws(LeibrixError) {
        let key = name.lowercased()
        guard sources[key] == nil, streams[key] == nil, lookups[key] == nil, lates[key] == nil else { throw LeibrixError(.streamDuplicate, "source or stream \"\(name)\" already exists") }
    }

    func relation(_ name: String) -> PlannedRelation? {
        sources[name]?.relation ?? streams[name]?.asInput ?? lookups[name].map(Self.relation) ?? lates[name]?.relation
    }

    private static func relation(_ lookup: LookupDefinition) -> PlannedRelation {
        PlannedRelation(
            node: PlanNode(kind: .input(lookup.name.lowercased()), types: lookup.columns.map(\.type)),
            columns: lookup.columns.map { Scope.Column(relation: lookup.name, name: $0.name, type: $0.type) }, times: [:], microsPerUnit: 1, changes: .append,
            lookup: lookup)
    }

    /// Makes rows by key known under a name: streams may join them (`FROM s JOIN name ON s.k = name.k`). Streams made over it keep
    /// `source` after `dropLookup`.
    public func createLookup(_ name: String, _ columns: [DataType.Field], _ source: any LookupSource) throws(LeibrixError) {
        try withGate { () throws(LeibrixError) in
            try checkName(name)
            for column in columns where column.type.laneKind == nil {
                throw LeibrixError(.streamNotSupported, "a lookup's column \"\(column.name)\" cannot be of type \(column.type)", hint: "Leave the column out.")
            }
            lookups[name.lowercased()] = LookupDefinition(name: name, columns: columns, source: source)
        }
    }

    public func dropLookup(_ name: String) throws(LeibrixError) {
        try withGate { () throws(LeibrixError) in
            guard lookups.removeValue(forKey: name.lowercased()) != nil else { throw LeibrixError(.streamUndefined, "lookup \"\(name)\" does not exist") }
        }
    }

    private func attach(_ head: Operator, to input: String) {
        sources[input]?.attach(head)
        streams[input]?.outlet.attach(head)
        lates[input]?.outlet.attach(head)
    }

    static func inputs(_ node: PlanNode) -> [String] {
        switch node.kind {
        case .input(let name): [name]
        case .filter(let child, _), .project(let child, _), .group(let child, _, _), .window(let child, _, _, _), .top(let child, _), .lookup(let child, _), .over(let child, _): inputs(child)
        case .union(let children): children.flatMap(inputs)
        case .join(let left, let right, _): inputs(left) + inputs(right)
        }
    }

    /// Drops a source or a stream. With `cascade` also the streams that read it; without, those are an error.
    public func drop(_ name: String, cascade: Bool = false) throws(LeibrixError) {
        try withGate { () throws(LeibrixError) in
            let key = name.lowercased()
            guard sources[key] != nil || streams[key] != nil else {
                throw LeibrixError(.streamUndefined, "source or stream \"\(name)\" does not exist")
            }
            try dropNow(key, cascade)
        }
    }

    private func dropNow(_ key: String, _ cascade: Bool) throws(LeibrixError) {
        let late = lates.first { $0.value.stream == key }?.key
        let readers = order.filter { reader in streams[reader]?.heads.contains { $0.input == key || $0.input == late } ?? false }
        if !readers.isEmpty && !cascade {
            throw LeibrixError(
                .streamInUse, "\"\(key)\" is read by other streams", detail: readers.joined(separator: ", "), hint: "Drop those first, or say CASCADE.")
        }
        for reader in readers where streams[reader] != nil { try dropNow(reader, true) }
        if let pipeline = streams.removeValue(forKey: key) {
            for (input, head) in pipeline.heads {
                sources[input]?.detach(head)
                streams[input]?.outlet.detach(head)
                lates[input]?.outlet.detach(head)
            }
            order.removeAll { $0 == key }
        }
        if let late { lates[late] = nil }
        buffered.removeAll { $0.definition.name.lowercased() == key }
        sources[key] = nil
    }

    /// The sources and streams that a stream reads, by their names in lower case; none for another name.
    public func inputs(of name: String) -> [String] { enter { Array(Set(streams[name.lowercased()]?.heads.map(\.input) ?? [])).sorted() } }

    /// Whether the rows of a source or stream stand, are taken back, or replace each other.
    public func changes(of name: String) -> RowChanges? { enter { relation(name.lowercased())?.changes } }

    /// The event time a stream has come to, in units of its source's time column; nil before the first row.
    public func watermark(of name: String) -> Int64? {
        let reached = enter { streams[name.lowercased()]?.outlet.watermark }
        return reached == Int64.min ? nil : reached
    }

    // MARK: rows in and out

    /// A handle to push rows with.
    public func source(_ name: String) throws(LeibrixError) -> SourceHandle {
        try withGate { () throws(LeibrixError) in
            guard let source = sources[name.lowercased()] else { throw LeibrixError(.streamUndefined, "source \"\(name)\" does not exist") }
            return SourceHandle(self, source)
        }
    }

    /// The columns of a source or stream.
    public func columns(of name: String) throws(LeibrixError) -> [DataType.Field] {
        try withGate { () throws(LeibrixError) in
            guard let relation = relation(name.lowercased()) else { throw LeibrixError(.streamUndefined, "source or stream \"\(name)\" does not exist") }
            return relation.columns.map { DataType.Field($0.name, $0.type) }
        }
    }

    /// Calls `body` with every row that leaves a stream, on the thread that pushed it. `body` must not call the engine.
    public func subscribe(_ name: String, _ body: @escaping (borrowing StreamRows) -> Void) throws(LeibrixError) -> SubscriptionID {
        try withGate { () throws(LeibrixError) in
            guard let stream = streams[name.lowercased()] else { throw LeibrixError(.streamUndefined, "stream \"\(name)\" does not exist") }
            return SubscriptionID(stream: name.lowercased(), number: stream.outlet.subscribe(body))
        }
    }

    public func unsubscribe(_ id: SubscriptionID) { enter { streams[id.stream]?.outlet.unsubscribe(id.number) } }

    /// Tells every source the time: idle ones go on, and EMIT EVERY emits. Call it at least as often as the shortest interval.
    public func tick() {
        let now = clock.wallMicros()
        enter { for source in sources.values.sorted(by: { $0.definition.name < $1.definition.name }) { source.tick(now) } }
    }

    /// The input has ended: all that waits comes out, what is pending before it.
    public func finish() {
        feed()
        enter { for source in sources.values.sorted(by: { $0.definition.name < $1.definition.name }) { source.finish() } }
    }

    /// Counters of every operator, streams in the order they were made, operators from the input on.
    public var operators: [OperatorStatistics] {
        enter {
            order.flatMap { streams[$0]!.statistics }
        }
    }
}

/// Which subscription to end.
public struct SubscriptionID: Sendable, Hashable {
    let stream: String
    let number: Int
}
