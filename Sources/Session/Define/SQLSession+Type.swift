// CREATE TYPE … AS ENUM and DROP TYPE. Columns hold the labels themselves; the type's name is made known to the engine, so that
// casts to it work anywhere in an expression. The engine has one name space of types: a name is one type in all schemas.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    func createEnum(_ name: SQLSyntax.ObjectName, _ labels: [String], _ control: StatementControl) async throws(LeibrixError) -> Defined {
        let (schema, last) = try newName(name)
        let exists = LeibrixError(.duplicateObject, "type \"\(last)\" already exists", hint: "Choose another name.", position: name.position)
        if tableCatalog.type(schema: schema, name: last) != nil { throw exists }
        guard !tableCatalog.types.contains(where: { $0.name.lowercased() == last.lowercased() }) else {
            throw LeibrixError(
                .notSupported, "type \"\(last)\" exists in another schema", hint: "Types of one name in several schemas are not supported: choose another name.",
                position: name.position)
        }
        guard try ColumnType(TypeName(name: last.lowercased(), position: name.position)) == nil else { throw exists }
        guard !labels.isEmpty else {
            throw LeibrixError(.notSupported, "an enumeration without labels is not supported", hint: "Name at least one.", position: name.position)
        }
        guard Set(labels).count == labels.count else {
            throw LeibrixError(.duplicateObject, "a label of type \"\(last)\" is given twice", hint: "Name each once.", position: name.position, sqlState: "23505")
        }
        guard labels.allSatisfy({ $0.utf8.count <= 63 && !$0.isEmpty }) else {
            throw LeibrixError(.invalidName, "invalid enum label", detail: "Labels must be 1 to 63 bytes long.", hint: "Shorten it.", position: name.position)
        }
        let type = TypeDefinition(id: try requireTables().makeID(), schema: schema, name: last, labels: labels, owner: user.name)
        try await defining(control) { (tables) async throws(LeibrixError) in try tables.put(type) }
        // A rollback leaves the name to the engine, where it does no harm: the next type of the name takes its place.
        try await server.engine.withExecutor(profile, control) { (executor) throws(LeibrixError) in
            try executor.connection.makeSystemType(type.name, .enumeration(labels))
        }
        return Defined()
    }

    func dropTypes(_ drop: DropRelations, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        var notices: [LeibrixError] = []
        var types: [TypeDefinition] = []
        for name in drop.names {
            if let type = try userType(name) {
                try requireOwner(type.owner, "type", type.name)
                let user = tableCatalog.tables.lazy.compactMap { table in table.columns.first { $0.userType == type.id }.map { (table, $0) } }.first
                if let (table, column) = user {
                    guard !drop.cascade else {
                        throw LeibrixError(
                            .notSupported, "DROP TYPE … CASCADE would drop column \"\(column.name)\" of table \"\(table.name)\"", hint: "Drop the column first.",
                            position: name.position)
                    }
                    throw Self.depended("type \(type.name)", "column \(column.name) of table \(table.name)")
                }
                types.append(type)
            } else if drop.ifExists {
                notices.append(LeibrixError(.undefinedObject, "type \"\(name.text)\" does not exist, skipping", sqlState: "00000"))
            } else {
                throw LeibrixError(.undefinedObject, "type \"\(name.text)\" does not exist", hint: "SELECT typname FROM pg_type lists what there is.", position: name.position)
            }
        }
        let found = types
        try await defining(control) { (tables) async throws(LeibrixError) in
            for type in found {
                let outcome = try tables.drop(type.id)
                if outcome != .done { return outcome }
            }
            return .done
        }
        return Defined(notices: notices)
    }

    /// A type by name; nil for none that CREATE TYPE made.
    func userType(_ name: SQLSyntax.ObjectName) throws(LeibrixError) -> TypeDefinition? {
        let (schema, last) = try split(name)
        for schema in schema.map({ [$0] }) ?? searchSchemas {
            if let type = tableCatalog.type(schema: schema, name: last.name) { return type }
        }
        return nil
    }
}
