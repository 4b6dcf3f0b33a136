internal import Base
internal import Catalog
public import Columnar

/// A table that a stream follows, and the columns it wants. The engine knows it as a source of changes of the stream's own, so
/// that a stream that is made later gets the snapshot alone.
public struct TableInput: Sendable, Hashable {
    /// The table's `TableID`.
    public var id: UInt32
    public var schema: String
    public var name: String
    public var columns: [DataType.Field]
    /// The columns' places in the table.
    public var places: [Int]

    var tableID: TableID { TableID(id) }

    /// The source's name. No client can write it.
    func source(of object: String) -> String { "\(object)\u{1}\(id)" }
}

extension TableInput {
    var json: JSON {
        [
            "id": .integer(Int64(id)), "schema": .string(schema), "name": .string(name),
            "columns": .array(columns.map { .object(["name": .string($0.name), "type": $0.type.coded]) }),
            "places": .array(places.map { .integer(Int64($0)) }),
        ]
    }

    /// nil for what `json` does not write.
    init?(json: JSON) {
        guard let id = json["id"]?.integer, let schema = json["schema"]?.string, let name = json["name"]?.string,
            let columns = json["columns"]?.array, let places = json["places"]?.array?.compactMap(\.integer), places.count == columns.count
        else { return nil }
        self.init(id: UInt32(truncatingIfNeeded: id), schema: schema, name: name, columns: [], places: places.map { Int($0) })
        for column in columns {
            guard let name = column["name"]?.string, let type = column["type"].flatMap({ DataType(coded: $0) }) else { return nil }
            self.columns.append(DataType.Field(name, type))
        }
    }
}
