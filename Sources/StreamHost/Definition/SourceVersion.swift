internal import Base
internal import Catalog
public import Columnar
public import StreamEngine

/// What a source was until ALTER SOURCE changed it. The log is told again with the source as it was at each place.
public struct SourceVersion: Sendable, Hashable {
    /// The change's own number, among those of objects.
    public var number: Int64
    /// The last position of the log at which the source was so.
    public var position: Int64
    public var columns: [DataType.Field]
    public var eventTime: SourceDefinition.EventTime?
}

/// A change of what there is, at its place in the log: an object that is made, or a source's next version.
struct HistoryStep {
    var number: Int64
    var position: Int64
    var object: StreamObject
    /// 0: it is made.
    var version: Int

    /// All that led to these objects, in its order.
    static func steps(_ objects: [StreamObject]) -> [HistoryStep] {
        objects.flatMap { object in
            [HistoryStep(number: object.number, position: object.createdAt, object: object, version: 0)]
                + object.earlier.enumerated().map { index, version in
                    HistoryStep(number: version.number, position: version.position, object: object, version: index + 1)
                }
        }.sorted { $0.number < $1.number }
    }
}

extension StreamObject {
    /// The source as the engine knows it, before its change number `version`.
    func definition(version: Int) -> SourceDefinition {
        guard earlier.indices.contains(version) else { return SourceDefinition(name, columns, eventTime: eventTime) }
        return SourceDefinition(name, earlier[version].columns, eventTime: earlier[version].eventTime)
    }

    /// The types of the rows in the log's record of this number.
    func types(at position: Int64) -> [DataType] {
        (earlier.first { $0.position >= position }?.columns ?? columns).map(\.type)
    }

    /// Its number and those of its changes.
    var numbers: [Int64] { [number] + earlier.map(\.number) }
}

extension SourceDefinition.EventTime {
    var json: JSON {
        var time: [JSON.Member] = [.init("column", .string(column)), .init("delay", .integer(delayMicros))]
        if let idleMicros { time.append(.init("idle", .integer(idleMicros))) }
        if let partition { time.append(.init("partition", .string(partition))) }
        return .object(time)
    }

    init?(json: JSON) {
        guard let column = json["column"]?.string else { return nil }
        self.init(column, delayMicros: json["delay"]?.integer ?? 0, idleMicros: json["idle"]?.integer, partition: json["partition"]?.string)
    }
}

extension SourceVersion {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("number", .integer(number)), .init("position", .integer(position)),
            .init("columns", .array(columns.map { .object(["name": .string($0.name), "type": $0.type.coded]) })),
        ]
        if let eventTime { members.append(.init("event_time", eventTime.json)) }
        return .object(members)
    }

    init?(json: JSON) {
        guard let number = json["number"]?.integer, let position = json["position"]?.integer else { return nil }
        self.init(number: number, position: position, columns: [], eventTime: json["event_time"].flatMap { SourceDefinition.EventTime(json: $0) })
        for column in json["columns"]?.array ?? [] {
            guard let name = column["name"]?.string, let type = column["type"].flatMap({ DataType(coded: $0) }) else { return nil }
            columns.append(DataType.Field(name, type))
        }
    }
}
