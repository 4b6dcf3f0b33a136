// Types inside control records: a word for a scalar, an object for what has parts.
package import Base
package import Columnar

extension DataType {
    package var coded: JSON {
        switch self {
        case .decimal(let width, let scale): ["decimal": [.integer(Int64(width)), .integer(Int64(scale))]]
        case .enumeration(let labels): ["enum": .array(labels.map { .string($0) })]
        case .list(let element): ["list": element.coded]
        case .array(let element, let size): ["array": element.coded, "size": .integer(Int64(size))]
        case .structure(let fields): ["struct": Self.json(fields)]
        case .union(let fields): ["union": Self.json(fields)]
        case .map(let key, let value): ["map": [key.coded, value.coded]]
        case .alias(let name, let type): ["alias": .string(name), "type": type.coded]
        case .other(let name): ["other": .string(name)]
        default: .string(description)
        }
    }

    private static func json(_ fields: [Field]) -> JSON {
        .array(fields.map { ["name": .string($0.name), "type": $0.type.coded] })
    }

    private static let scalars: [String: DataType] = {
        let all: [DataType] = [
            .null, .boolean, .tinyInt, .smallInt, .integer, .bigInt, .hugeInt, .unsignedTinyInt, .unsignedSmallInt,
            .unsignedInteger, .unsignedBigInt, .unsignedHugeInt, .real, .double, .varchar, .blob, .bit, .date, .time, .timeNS,
            .timeTZ, .timestamp, .timestampSeconds, .timestampMillis, .timestampNanos, .timestampTZ, .interval, .uuid,
        ]
        return Dictionary(uniqueKeysWithValues: all.map { ($0.description, $0) })
    }()

    /// nil for text that `coded` does not write.
    package init?(coded json: JSON) {
        if let word = json.string {
            guard let type = Self.scalars[word] else { return nil }
            self = type
            return
        }
        guard let member = json.members?.first, let type = Self.parts(member, of: json) else { return nil }
        self = type
    }

    private static func parts(_ member: JSON.Member, of json: JSON) -> DataType? {
        switch member.name {
        case "decimal":
            guard let sizes = member.value.array?.compactMap(\.integer), sizes.count == 2,
                let width = UInt8(exactly: sizes[0]), let scale = UInt8(exactly: sizes[1])
            else { return nil }
            return .decimal(width: width, scale: scale)
        case "enum": return member.value.array.map { .enumeration($0.compactMap(\.string)) }
        case "list": return DataType(coded: member.value).map { .list($0) }
        case "array":
            guard let element = DataType(coded: member.value), let size = json["size"]?.integer else { return nil }
            return .array(element, size: Int(size))
        case "struct": return fields(member.value).map { .structure($0) }
        case "union": return fields(member.value).map { .union($0) }
        case "map":
            guard let types = member.value.array?.compactMap({ DataType(coded: $0) }), types.count == 2 else { return nil }
            return .map(key: types[0], value: types[1])
        case "alias":
            guard let name = member.value.string, let type = json["type"].flatMap({ DataType(coded: $0) }) else { return nil }
            return .alias(name, type)
        case "other": return member.value.string.map { .other($0) }
        default: return nil
        }
    }

    private static func fields(_ json: JSON) -> [Field]? {
        guard let items = json.array else { return nil }
        let fields = items.compactMap { item -> Field? in
            guard let name = item["name"]?.string, let type = item["type"].flatMap({ DataType(coded: $0) }) else { return nil }
            return Field(name, type)
        }
        return fields.count == items.count ? fields : nil
    }
}
