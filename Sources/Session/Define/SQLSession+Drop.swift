internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    func dropRelations(_ drop: DropRelations, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        if drop.kind == .schema { return try await dropSchemas(drop, control) }
        if drop.kind == .type { return try await dropTypes(drop, control) }
        var notices: [LeibrixError] = []
        var found: [(NamedRelation, SQLSyntax.ObjectName)] = []
        for name in drop.names {
            if let relation = try lookup(name), relation.kind == drop.kind {
                try requireOwner(of: relation, name)
                found.append((relation, name))
            } else if drop.ifExists, try lookup(name) == nil {
                notices.append(LeibrixError(.undefinedRelation, "\(drop.kind.rawValue.lowercased()) \"\(name.text)\" does not exist, skipping", sqlState: "00000"))
            } else {
                throw try missing(name, wanted: drop.kind.rawValue.lowercased())
            }
        }
        guard !found.isEmpty else { return Defined(notices: notices) }
        let relations = found
        let catalog = tableCatalog
        for (relation, name) in found {
            guard case .table(let id) = relation, let table = catalog.table(id) else { continue }
            try await dropStreams(on: [table], cascade: drop.cascade, name.position)
        }
        try await defining(control) { (tables) async throws(LeibrixError) in
            try self.drop(relations.map(\.0), cascade: drop.cascade, tables)
        }
        return Defined(notices: notices)
    }

    private func requireOwner(of relation: NamedRelation, _ name: SQLSyntax.ObjectName) throws(LeibrixError) {
        let catalog = tableCatalog
        let owner: String? =
            switch relation {
            case .table(let id): catalog.table(id)?.owner
            case .view(let id): catalog.view(id)?.owner
            case .sequence(let id): catalog.sequence(id)?.owner
            case .index(_, let table): catalog.table(table)?.owner
            }
        try requireOwner(owner ?? user.name, relation.kind.rawValue.lowercased(), name.text)
    }

    /// Drops relations and what belongs to them. What depends on them goes, too, or stops it.
    func drop(_ relations: [NamedRelation], cascade: Bool, _ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        let dropped = Set(relations.map(\.id))
        for relation in relations {
            let outcome: WriteOutcome
            switch relation {
            case .table(let id): outcome = try drop(table: id, among: dropped, cascade: cascade, tables)
            case .sequence(let id): outcome = try drop(sequence: id, cascade: cascade, tables)
            case .index(let id, let table): outcome = try drop(index: id, of: table, cascade: cascade, tables)
            case .view(let id): outcome = try drop(view: id, among: dropped, cascade: cascade, tables)
            }
            if outcome != .done { return outcome }
        }
        return .done
    }

    private func drop(table id: TableID, among dropped: Set<TableID>, cascade: Bool, _ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        guard let table = tables.catalog.table(id) else { return .done }
        try refuseStreams(on: table)
        for (child, key) in tables.catalog.foreignKeys(referencing: id) where child.id != id && !dropped.contains(child.id) {
            guard cascade else { throw Self.depended("table \(table.name)", "constraint \(key.name) on table \(child.name)") }
            var altered = tables.catalog.table(child.id) ?? child
            altered.foreignKeys.removeAll { $0.id == key.id }
            let outcome = try tables.alterTable(altered)
            if outcome != .done { return outcome }
        }
        let outcome = try dropViews(reading: id, "table \(table.name)", among: dropped, cascade: cascade, tables)
        if outcome != .done { return outcome }
        for sequence in tables.catalog.sequences where sequence.ownedBy?.table == id {
            let outcome = try tables.drop(sequence.id)
            if outcome != .done { return outcome }
        }
        return try tables.drop(id)
    }

    private func dropViews(
        reading id: TableID, _ what: String, among dropped: Set<TableID>, cascade: Bool, _ tables: TableTransaction
    ) throws(LeibrixError) -> WriteOutcome {
        for view in tables.catalog.views where view.reads.contains(id) && !dropped.contains(view.id) {
            guard cascade else { throw Self.depended(what, "view \(view.name)") }
            let outcome = try drop(view: view.id, among: dropped, cascade: true, tables)
            if outcome != .done { return outcome }
        }
        return .done
    }

    private func drop(view id: TableID, among dropped: Set<TableID>, cascade: Bool, _ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        guard let view = tables.catalog.view(id) else { return .done }
        let outcome = try dropViews(reading: id, "view \(view.name)", among: dropped, cascade: cascade, tables)
        return outcome == .done ? try tables.drop(id) : outcome
    }

    private func drop(sequence id: TableID, cascade: Bool, _ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        guard let sequence = tables.catalog.sequence(id) else { return .done }
        if let owner = sequence.ownedBy, var table = tables.catalog.table(owner.table),
            let place = table.position(ofAttribute: owner.attributeNumber)
        {
            let column = table.columns[place]
            if column.identity?.sequence == id || !cascade && column.defaultSQL?.contains(sequence.name) == true {
                throw Self.depended("sequence \(sequence.name)", "default value for column \(column.name) of table \(table.name)")
            }
            if column.defaultSQL?.contains(sequence.name) == true {
                table.columns[place].defaultSQL = nil
                let outcome = try tables.alterTable(table)
                if outcome != .done { return outcome }
            }
        }
        return try tables.drop(id)
    }

    private func drop(index id: TableID, of table: TableID, cascade: Bool, _ tables: TableTransaction) throws(LeibrixError) -> WriteOutcome {
        guard let definition = tables.catalog.table(table) else { return .done }
        if let key = definition.keys.first(where: { $0.index == id }) {
            throw LeibrixError(
                .syntax, "cannot drop index \(key.name) because constraint \(key.name) on table \(definition.name) requires it",
                hint: "You can drop constraint \(key.name) on table \(definition.name) instead.", sqlState: "2BP01")
        }
        return try tables.dropIndex(id, of: table)
    }

    static func depended(_ what: String, _ by: String) -> LeibrixError {
        LeibrixError(
            .objectInUse, "cannot drop \(what) because other objects depend on it", detail: "\(by) depends on \(what)",
            hint: "Use DROP ... CASCADE to drop the dependent objects too.", sqlState: "2BP01")
    }

    // MARK: Schemas

    func createSchema(_ name: Identifier, _ ifNotExists: Bool, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        if tableCatalog.hasSchema(name.name) || ["pg_catalog", "information_schema", "leibrix", "main"].contains(name.name) {
            guard ifNotExists else {
                throw LeibrixError(.duplicateObject, "schema \"\(name.name)\" already exists", hint: "Choose another name.", position: name.position, sqlState: "42P06")
            }
            return Defined(notices: [LeibrixError(.duplicateObject, "schema \"\(name.name)\" already exists, skipping", sqlState: "42P06")])
        }
        guard !name.name.hasPrefix("pg_") else {
            throw LeibrixError(
                .invalidName, "unacceptable schema name \"\(name.name)\"", detail: "The prefix \"pg_\" is reserved for system schemas.",
                hint: "Choose another name.", position: name.position, sqlState: "42939")
        }
        let schema = SchemaDefinition(id: try requireTables().makeID(), name: name.name, owner: user.name)
        try await defining(control) { (tables) async throws(LeibrixError) in try tables.put(schema) }
        return Defined()
    }

    private func dropSchemas(_ drop: DropRelations, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        var notices: [LeibrixError] = []
        var schemas: [SchemaDefinition] = []
        for name in drop.names {
            if let schema = tableCatalog.schema(name.last.name), schema.name != "public" {
                try requireOwner(schema.owner, "schema", schema.name)
                schemas.append(schema)
            } else if drop.ifExists {
                notices.append(LeibrixError(.undefinedSchema, "schema \"\(name.last.name)\" does not exist, skipping", sqlState: "00000"))
            } else if ["public", "leibrix", "pg_catalog", "information_schema"].contains(name.last.name) {
                throw Self.depended("schema \(name.last.name)", "the database")
            } else {
                throw LeibrixError(.undefinedSchema, "schema \"\(name.last.name)\" does not exist", hint: "SHOW SCHEMAS lists what there is.", position: name.position)
            }
        }
        let found = schemas
        let catalog = tableCatalog
        for schema in found where drop.cascade {
            try await dropStreams(on: catalog.tables.filter { $0.schema == schema.name }, cascade: true, nil)
        }
        try await defining(control) { (tables) async throws(LeibrixError) in
            for schema in found {
                let inside = Self.relations(in: schema.name, tables.catalog)
                if let first = inside.first, !drop.cascade { throw Self.depended("schema \(schema.name)", first.what) }
                let dropped = try self.drop(inside.map(\.relation), cascade: true, tables)
                if dropped != .done { return dropped }
                for type in tables.catalog.types where type.schema == schema.name {
                    if !drop.cascade { throw Self.depended("schema \(schema.name)", "type \(type.name)") }
                    let outcome = try tables.drop(type.id)
                    if outcome != .done { return outcome }
                }
                let outcome = try tables.dropSchema(schema.name)
                if outcome != .done { return outcome }
            }
            return .done
        }
        return Defined(notices: notices)
    }

    static func relations(in schema: String, _ catalog: TableCatalog) -> [(relation: NamedRelation, what: String)] {
        catalog.views.filter { $0.schema == schema }.map { (.view($0.id), "view \($0.name)") }
            + catalog.tables.filter { $0.schema == schema }.map { (.table($0.id), "table \($0.name)") }
            + catalog.sequences.filter { $0.schema == schema && $0.ownedBy == nil }.map { (.sequence($0.id), "sequence \($0.name)") }
    }
}

extension NamedRelation {
    var kind: RelationKind {
        switch self {
        case .table: .table
        case .view: .view
        case .sequence: .sequence
        case .index: .index
        }
    }
}
