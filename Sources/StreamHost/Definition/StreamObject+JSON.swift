internal import Base
internal import Catalog
internal import Columnar
internal import StreamEngine

extension StreamObject {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("kind", .string(kind.rawValue)), .init("name", .string(name)), .init("number", .integer(number)),
            .init("created_at", .integer(createdAt)), .init("created", .integer(createdMicros)), .init("tenant", .string(tenant)),
            .init("owner", .string(owner)), .init("text", .string(text)), .init("lateness", .integer(latenessMicros)),
            .init("columns", .array(columns.map { .object(["name": .string($0.name), "type": $0.type.coded]) })),
            .init("options", .array(options.map { .object(["name": .string($0.name), "value": $0.value.optionCoded]) })),
        ]
        func add(_ name: String, _ text: String?) { if let text { members.append(.init(name, .string(text))) } }
        add("query", query)
        add("emit", emit.map(Self.text))
        add("late", lateName)
        add("input", input)
        add("connector", connector)
        add("format", format)
        if let table { members.append(.init("table", .array(table.map { .string($0) }))) }
        if !tables.isEmpty { members.append(.init("tables", .array(tables.map(\.json)))) }
        if !lookups.isEmpty { members.append(.init("lookups", .array(lookups.map(\.json)))) }
        if let eventTime { members.append(.init("event_time", eventTime.json)) }
        if !earlier.isEmpty { members.append(.init("earlier", .array(earlier.map(\.json)))) }
        return .object(members)
    }

    /// nil for what `json` does not write.
    init?(json: JSON) {
        guard let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)), let name = json["name"]?.string, let number = json["number"]?.integer,
            let createdAt = json["created_at"]?.integer, let tenant = json["tenant"]?.string, let owner = json["owner"]?.string,
            let text = json["text"]?.string
        else { return nil }
        self.init(kind, name, tenant: tenant, owner: owner, text: text)
        self.number = number
        self.createdAt = createdAt
        createdMicros = json["created"]?.integer ?? 0
        latenessMicros = json["lateness"]?.integer ?? 0
        for column in json["columns"]?.array ?? [] {
            guard let name = column["name"]?.string, let type = column["type"].flatMap({ DataType(coded: $0) }) else { return nil }
            columns.append(DataType.Field(name, type))
        }
        for option in json["options"]?.array ?? [] {
            guard let name = option["name"]?.string, let value = option["value"] else { return nil }
            options.append(SpecOption(name, Value(optionCoded: value)))
        }
        query = json["query"]?.string
        lateName = json["late"]?.string
        input = json["input"]?.string
        connector = json["connector"]?.string
        format = json["format"]?.string
        table = json["table"]?.array?.compactMap(\.string)
        for written in json["tables"]?.array ?? [] {
            guard let input = TableInput(json: written) else { return nil }
            tables.append(input)
        }
        for written in json["lookups"]?.array ?? [] {
            guard let input = LookupInput(json: written) else { return nil }
            lookups.append(input)
        }
        if let written = json["emit"]?.string {
            guard let mode = Self.mode(written) else { return nil }
            emit = mode
        }
        eventTime = json["event_time"].flatMap { SourceDefinition.EventTime(json: $0) }
        for version in json["earlier"]?.array ?? [] {
            guard let version = SourceVersion(json: version) else { return nil }
            earlier.append(version)
        }
    }

    private static func text(_ mode: EmitMode) -> String {
        switch mode {
        case .onWindowClose: "on window close"
        case .onWatermark: "on watermark"
        case .onUpdate: "on update"
        case .changes: "changes"
        case .final: "final"
        case .every(let micros): "every \(micros)"
        }
    }

    private static func mode(_ text: String) -> EmitMode? {
        switch text {
        case "on window close": .onWindowClose
        case "on watermark": .onWatermark
        case "on update": .onUpdate
        case "changes": .changes
        case "final": .final
        default: text.hasPrefix("every ") ? Int64(text.dropFirst(6)).map { .every(micros: $0) } : nil
        }
    }
}

extension Value {
    /// The values that options have.
    fileprivate var optionCoded: JSON {
        switch self {
        case .string(let text): .string(text)
        case .integer(let number): .integer(number)
        case .double(let number): .number(number)
        case .boolean(let flag): .bool(flag)
        case .list(let values): .array(values.map(\.optionCoded))
        default: .null
        }
    }

    fileprivate init(optionCoded json: JSON) {
        switch json {
        case .string(let text): self = .string(text)
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .double(number)
        case .bool(let flag): self = .boolean(flag)
        case .array(let values): self = .list(values.map { Value(optionCoded: $0) })
        default: self = .null
        }
    }
}
