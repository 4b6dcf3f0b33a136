internal import Base
internal import Catalog
public import Columnar

/// A table or dataset that a stream's join asks by key, as it is when a row is worked on.
public struct LookupInput: Sendable, Hashable {
    public var schema: String
    public var name: String
    /// A table's `TableID`; nil for a dataset.
    public var table: UInt32?
    public var columns: [DataType.Field]

    /// The lookup's name in the engine. No client can write it.
    func source(of object: String) -> String { "\(object)\u{1}lookup\u{1}\(schema).\(name)".lowercased() }
}

extension LookupInput {
    var json: JSON {
        var members: [JSON.Member] = [
            .init("schema", .string(schema)), .init("name", .string(name)),
            .init("columns", .array(columns.map { .object(["name": .string($0.name), "type": $0.type.coded]) })),
        ]
        if let table { members.append(.init("id", .integer(Int64(table)))) }
        return .object(members)
    }

    /// nil for what `json` does not write.
    init?(json: JSON) {
        guard let schema = json["schema"]?.string, let name = json["name"]?.string, let columns = json["columns"]?.array else { return nil }
        self.init(schema: schema, name: name, table: json["id"]?.integer.map { UInt32(truncatingIfNeeded: $0) }, columns: [])
        for column in columns {
            guard let name = column["name"]?.string, let type = column["type"].flatMap({ DataType(coded: $0) }) else { return nil }
            self.columns.append(DataType.Field(name, type))
        }
    }
}
