public import Base
public import Columnar
public import SQLPlanning

/// What one operator may keep: a row of EXPLAIN STATE.
public struct StateBound: Sendable, Hashable {
    public var stream: String
    /// From the input: 0 is the first.
    public var position: Int
    public var kind: String
    /// What there is one of for each `bytes`: "key", "key and window", "value", "row", "session".
    public var unit: String
    /// Bytes for each, with its share of the tables around it; texts longer than 12 bytes lie beside it with their length.
    public var bytes: Int
    /// How many there may be; one more is refused, its row counted as failed (LDB-9004).
    public var countMax: Int
    /// How long after its last row it is kept, in microseconds of event time; nil: as long as the stream, or until it is taken back.
    public var timeToLiveMicros: Int64?
    /// When it goes.
    public var note: String
}

/// A bound as its operator knows it: time in units of event time.
struct OperatorBound {
    var unit: String
    var bytes: Int
    var countMax: Int
    var timeToLive: Int64?
    var note: String
}

extension KeyTable {
    /// Bytes of a record with its slots, of which there are two to eight a record.
    var bytesPerKey: Int { stride + 64 }
}

extension AggregateState {
    /// What groups keep, and the values beside them.
    func bounds(unit: String, countMax: Int, timeToLive: Int64?, note: String) -> [OperatorBound] {
        var bounds = [OperatorBound(unit: unit, bytes: table.bytesPerKey, countMax: countMax, timeToLive: timeToLive, note: note)]
        for set in distinctSets {
            bounds.append(OperatorBound(unit: "distinct value", bytes: set.table.bytesPerKey, countMax: limit, timeToLive: timeToLive, note: note))
        }
        for tree in trees { bounds.append(OperatorBound(unit: "value", bytes: tree.store.rowBytes, countMax: limit, timeToLive: timeToLive, note: note)) }
        return bounds
    }
}

extension StreamEngine {
    /// What each operator of a stream may keep, from the input on. Operators that keep nothing have no row.
    public func stateBounds(of name: String) throws(LeibrixError) -> [StateBound] {
        try withGate { () throws(LeibrixError) in
            guard let stream = streams[name.lowercased()] else { throw LeibrixError(.streamUndefined, "stream \"\(name)\" does not exist") }
            return stream.stateBounds
        }
    }

    /// The same for a query that is not (yet) a stream, and the columns that would leave. Nothing stays.
    public func explain(_ query: Query, _ options: StreamOptions = StreamOptions(), late: String? = nil) throws(LeibrixError) -> StreamExplanation {
        try withGate { () throws(LeibrixError) in
            let planned = try plan(query, options)
            if let late { _ = try lateRows(late, of: "", planned.node) }
            let pipeline = StreamPipeline("", query, options, planned, late: nil, cores: 1)
            return StreamExplanation(
                columns: planned.columns.map { DataType.Field($0.name, $0.type) }, inputs: Self.inputs(planned.node),
                operators: pipeline.cores[0].reversed().map(\.name), bounds: pipeline.stateBounds,
                isPartitioned: Partitioning.split(planned.node) != nil, retracts: planned.changes == .retract, replaces: planned.changes == .upsert)
        }
    }

    /// What reads what: sources first, then lookups, streams in the order they were made, and sinks.
    public var topology: [TopologyNode] {
        enter {
            let sorted = { (names: [String]) in names.sorted() }
            return sorted(sources.values.map(\.definition.name)).map { TopologyNode(name: $0, kind: .source, inputs: []) }
                + sorted(lookups.values.map(\.name)).map { TopologyNode(name: $0, kind: .lookup, inputs: []) }
                + order.compactMap { streams[$0] }.map { TopologyNode(name: $0.name, kind: .stream, inputs: $0.inputs) }
                + lates.values.sorted { $0.name < $1.name }.map { TopologyNode(name: $0.name, kind: .stream, inputs: [$0.stream]) }
                + sinks.values.sorted { $0.name < $1.name }.map { TopologyNode(name: $0.name, kind: .sink, inputs: [$0.stream]) }
        }
    }
}

/// What EXPLAIN shows of a query.
public struct StreamExplanation: Sendable, Hashable {
    public var columns: [DataType.Field]
    /// Sources and streams that it reads.
    public var inputs: [String]
    /// From the input on.
    public var operators: [String]
    public var bounds: [StateBound]
    /// Whether it can be spread over cores.
    public var isPartitioned: Bool
    /// Rows leave with +1 and -1.
    public var retracts: Bool
    /// Rows replace the one of their key.
    public var replaces: Bool
}

public struct TopologyNode: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable { case source, lookup, stream, sink }

    public var name: String
    public var kind: Kind
    public var inputs: [String]
}

extension StreamPipeline {
    var inputs: [String] {
        var names = StreamEngine.inputs(relation.node)
        StreamPipeline.lookups(relation.node, &names)
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    private static func lookups(_ node: PlanNode, _ names: inout [String]) {
        switch node.kind {
        case .input: break
        case .filter(let child, _), .project(let child, _), .group(let child, _, _), .window(let child, _, _, _), .top(let child, _), .over(let child, _):
            lookups(child, &names)
        case .lookup(let child, let plan):
            names.append(plan.definition.name.lowercased())
            lookups(child, &names)
        case .union(let children): for child in children { lookups(child, &names) }
        case .join(let left, let right, _):
            lookups(left, &names)
            lookups(right, &names)
        }
    }

    var stateBounds: [StateBound] {
        let operators = Array(cores[0].reversed())
        return operators.indices.flatMap { position in
            operators[position].bounds.map { bound in
                StateBound(
                    stream: name, position: position, kind: operators[position].name, unit: bound.unit, bytes: bound.bytes, countMax: bound.countMax,
                    timeToLiveMicros: bound.timeToLive.map { $0.multipliedReportingOverflow(by: relation.microsPerUnit).partialValue }, note: bound.note)
            }
        }
    }
}
