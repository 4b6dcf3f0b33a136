// Whole catalogs, and what makes one of another.
package import Base

extension TableCatalog {
    /// Everything.
    package var coded: JSON { TableCatalog().difference(to: self) }

    /// What turns this catalog into `other`: definitions to put, ids and schemas to remove. O(both).
    package func difference(to other: TableCatalog) -> JSON {
        let gone = (tables.map(\.id) + views.map(\.id) + sequences.map(\.id) + types.map(\.id)).filter { id in
            other.table(id) == nil && other.view(id) == nil && other.sequence(id) == nil && other.type(id) == nil
        }
        let names = Set(other.schemas.map(\.name))
        return [
            "version": .integer(Int64(bitPattern: other.version)),
            "removed": .array(gone.map { .integer(Int64($0.rawValue)) }),
            "removedSchemas": .array(schemas.map(\.name).filter { !names.contains($0) }.map { .string($0) }),
            "schemas": .array(other.schemas.filter { self.schema($0.name) != $0 }.map(\.coded)),
            "sequences": .array(other.sequences.filter { self.sequence($0.id) != $0 }.map(\.coded)),
            "types": .array(other.types.filter { self.type($0.id) != $0 }.map(\.coded)),
            "tables": .array(other.tables.filter { self.table($0.id) != $0 }.map(\.coded)),
            "views": .array(other.views.filter { self.view($0.id) != $0 }.map(\.coded)),
        ]
    }

    /// Applies a difference; false, with some of it applied, when it is none that this version writes.
    package mutating func apply(_ difference: JSON) -> Bool {
        for id in difference["removed"]?.array ?? [] {
            guard let number = id.integer.flatMap({ UInt32(exactly: $0) }) else { return false }
            remove(TableID(number))
        }
        for name in difference["removedSchemas"]?.array ?? [] { name.string.map { removeSchema($0) } }
        for json in difference["schemas"]?.array ?? [] {
            guard let schema = SchemaDefinition(coded: json) else { return false }
            put(schema)
        }
        for json in difference["sequences"]?.array ?? [] {
            guard let sequence = SequenceDefinition(coded: json) else { return false }
            put(sequence)
        }
        for json in difference["types"]?.array ?? [] {
            guard let type = TypeDefinition(coded: json) else { return false }
            put(type)
        }
        // Names may change places among tables: first all old ones go.
        var tables: [TableDefinition] = []
        for json in difference["tables"]?.array ?? [] {
            guard let table = TableDefinition(coded: json) else { return false }
            tables.append(table)
            remove(table.id)
        }
        for table in tables { put(table) }
        for json in difference["views"]?.array ?? [] {
            guard let view = ViewDefinition(coded: json) else { return false }
            put(view)
        }
        version = UInt64(bitPattern: difference["version"]?.integer ?? 0)
        return true
    }
}
