internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import StreamHost
internal import TableEngine

extension SQLSession {
    func createIndex(_ create: CreateIndex, _ parsed: ParsedQuery, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        let table = try table(create.table)
        try requireOwner(table.owner, "table", table.name)
        try refuseParts(of: create)
        if create.isConcurrent, transaction.isBlock {
            throw LeibrixError(
                .failedTransaction, "CREATE INDEX CONCURRENTLY cannot run inside a transaction block", hint: "COMMIT first, or leave CONCURRENTLY out.",
                sqlState: "25001")
        }
        let names = create.keys.compactMap(\.column)
        let numbers = try TableBuilder.attributes(names, of: table)
        let builder = try await builder(of: table, [], parsed)
        let fallback = "\(table.name)_\(names.map(\.name).joined(separator: "_"))_idx"
        if let name = create.name, tableCatalog.lookup(schema: table.schema, name: name.name) != nil {
            guard create.ifNotExists else {
                throw LeibrixError(.duplicateRelation, "relation \"\(name.name)\" already exists", hint: "Choose another name.", position: name.position)
            }
            return Defined(notices: [LeibrixError(.duplicateRelation, "relation \"\(name.name)\" already exists, skipping")])
        }
        let index = IndexDefinition(
            id: try requireTables().makeID(), name: create.name?.name ?? builder.freeName(fallback),
            keys: zip(numbers, create.keys).map { .init(.column($0), isDescending: $1.isDescending) }, isUnique: create.isUnique,
            nullsNotDistinct: create.nullsNotDistinct, method: create.method)
        try await defining(control) { (tables) async throws(LeibrixError) in
            try await rewriting { () throws(LeibrixError) in try tables.createIndex(index, on: table.id) }
        }
        return Defined()
    }

    private func refuseParts(of create: CreateIndex) throws(LeibrixError) {
        func refuse(_ what: String, _ hint: String) -> LeibrixError {
            LeibrixError(.notSupported, "\(what) is not supported", hint: hint, position: create.position)
        }
        guard ["btree", "hash", "learned"].contains(create.method) else {
            throw refuse("access method \"\(create.method)\"", "Leave USING out.")
        }
        guard create.condition == nil else { throw refuse("a partial index", "Leave WHERE out.") }
        guard create.include.isEmpty else { throw refuse("INCLUDE", "Leave it out: the whole row is at hand.") }
        guard create.keys.allSatisfy({ $0.column != nil }) else { throw refuse("an index over an expression", "Index a generated column.") }
        // NULLs sort last, whatever the direction.
        for key in create.keys where key.nullsFirst == true && !key.isDescending { throw refuse("NULLS FIRST", "Leave it out: NULLs are last.") }
    }

    /// Work in proportion to a table's rows, on a thread of its own.
    func rewriting(_ body: @escaping @Sendable () throws(LeibrixError) -> WriteOutcome) async throws(LeibrixError) -> WriteOutcome {
        do throws(LeibrixError) {
            return try await server.engine.pool.run(body)
        } catch {
            guard error.sqlState == "23505" else { throw error }
            var failed = error
            failed.message = "could not create unique index" + (error.subject?.constraint.map { " \"\($0)\"" } ?? "")
            failed.detail = error.detail.map { $0.replacingSuffix("already exists.", with: "is duplicated.") }
            failed.hint = "Delete the duplicates first."
            throw failed
        }
    }

    // MARK: TRUNCATE, LOCK, VACUUM

    func truncate(_ truncate: Truncate, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        var wanted: [TableDefinition] = []
        for name in truncate.names {
            let table = try table(name)
            try require(.truncate, on: table)
            if !wanted.contains(where: { $0.id == table.id }) { wanted.append(table) }
        }
        var next = 0
        while next < wanted.count {
            let table = wanted[next]
            next += 1
            for (child, key) in tableCatalog.foreignKeys(referencing: table.id) where !wanted.contains(where: { $0.id == child.id }) {
                guard truncate.cascade else {
                    throw LeibrixError(
                        .notSupported, "cannot truncate a table referenced in a foreign key constraint",
                        detail: "Table \"\(child.name)\" references \"\(table.name)\" (\(key.name)).",
                        hint: "Truncate table \"\(child.name)\" at the same time, or use TRUNCATE ... CASCADE.")
                }
                wanted.append(child)
            }
        }
        let all = wanted
        try await defining(control) { (tables) async throws(LeibrixError) in
            for table in all {
                let outcome = try tables.truncate(table.id)
                if outcome != .done { return outcome }
                guard truncate.restartIdentity else { continue }
                for sequence in tables.catalog.sequences where sequence.ownedBy?.table == table.id {
                    try tables.setValue(sequence.id, sequence.start, isCalled: false)
                }
            }
            return .done
        }
        return Defined()
    }

    func lockTables(_ lock: LockTables, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        var wanted: [TableDefinition] = []
        for name in lock.names { wanted.append(try table(name)) }
        try requireBlock("LOCK TABLE")
        let all = wanted
        // Readers and writers of rows do not stand in each other's way; the stronger modes keep writers out.
        guard !["access share", "row share", "row exclusive"].contains(lock.mode) else { return Defined() }
        try await defining(control) { (tables) async throws(LeibrixError) in
            for table in all {
                let outcome = try tables.lockTable(table.id)
                if case .blocked = outcome, lock.noWait {
                    throw LeibrixError(
                        .objectInUse, "could not obtain lock on relation \"\(table.name)\"", hint: "Try again, or leave NOWAIT out.", sqlState: "55P03")
                }
                if outcome != .done { return outcome }
            }
            return .done
        }
        return Defined()
    }

    /// VACUUM frees what no snapshot sees and empties worn row groups; VACUUM FULL and REINDEX copy the rows that are left.
    /// ANALYZE finds its work done: statistics are kept as rows are written.
    func maintain(_ command: Maintenance, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        if command.command == .vacuum, transaction.isBlock {
            throw LeibrixError(
                .failedTransaction, "VACUUM cannot run inside a transaction block", hint: "COMMIT first.", sqlState: "25001")
        }
        var wanted: [TableDefinition] = []
        for name in command.names { wanted.append(try table(name)) }
        if command.names.isEmpty { wanted = tableCatalog.tables.filter { owns($0.owner) } }
        if command.command == .checkpoint || !command.isFull && command.command == .vacuum {
            let engine = try requireTables()
            let isCheckpoint = command.command == .checkpoint
            try await server.engine.pool.run { () throws(LeibrixError) in
                if isCheckpoint { try engine.checkpoint() } else { engine.maintain() }
            }
            if isCheckpoint, let streams = server.streams {
                try await streams.pool.run { () throws(LeibrixError) in _ = try streams.checkpoint() }
            }
        }
        guard command.isFull || command.command == .reindex else { return Defined() }
        for table in wanted {
            try await defining(control) { (tables) async throws(LeibrixError) in
                guard let current = tables.catalog.table(table.id) else { return .done }
                return try await rewriting { () throws(LeibrixError) in
                    try tables.rewriteTable(current, columns: current.columns.indices.map { .column($0) })
                }
            }
        }
        return Defined()
    }

    // MARK: COMMENT

    func comment(_ comment: CommentOn, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        if comment.kind == .schema { return try await commentSchema(comment, control) }
        let name =
            comment.kind == .column
            ? SQLSyntax.ObjectName(Array(comment.name.parts.dropLast())) : comment.table ?? comment.name
        guard !name.parts.isEmpty else {
            throw LeibrixError(.syntax, "column name must be qualified", hint: "Write table.column.", position: comment.name.position)
        }
        guard let relation = try lookup(name) else { throw try missing(name, wanted: comment.kind == .column ? "table" : comment.kind.rawValue.lowercased()) }
        try await defining(control) { (tables) async throws(LeibrixError) in
            switch relation {
            case .table(let id), .index(_, let id):
                guard let table = tables.catalog.table(id) else { return .done }
                return try tables.alterTable(try commented(table, relation, comment))
            case .view(let id):
                guard var view = tables.catalog.view(id) else { return .done }
                view.comment = comment.text
                return try tables.put(view)
            case .sequence(let id):
                guard var sequence = tables.catalog.sequence(id) else { return .done }
                sequence.comment = comment.text
                return try tables.put(sequence)
            }
        }
        return Defined()
    }

    private func commented(_ table: TableDefinition, _ relation: NamedRelation, _ comment: CommentOn) throws(LeibrixError) -> TableDefinition {
        try requireOwner(table.owner, "table", table.name)
        var table = table
        switch comment.kind {
        case .column:
            guard let place = table.position(ofColumn: comment.name.last.name) else {
                throw LeibrixError(
                    .undefinedColumn, "column \"\(comment.name.last.name)\" of relation \"\(table.name)\" does not exist",
                    hint: suggestion(for: comment.name.last.name, among: table.columns.map(\.name), what: "columns") ?? "Name a column.",
                    position: comment.name.last.position)
            }
            table.columns[place].comment = comment.text
        case .constraint:
            throw LeibrixError(.notSupported, "COMMENT ON CONSTRAINT is not supported", hint: "Comment on the table.", position: comment.name.position)
        case .index:
            if let place = table.indexes.firstIndex(where: { $0.id == relation.id }) { table.indexes[place].comment = comment.text }
        default: table.comment = comment.text
        }
        return table
    }

    private func commentSchema(_ comment: CommentOn, _ control: StatementControl) async throws(LeibrixError) -> Defined {
        let name = comment.name.last.name
        guard tableCatalog.hasSchema(name) else {
            throw LeibrixError(.undefinedSchema, "schema \"\(name)\" does not exist", hint: "SHOW SCHEMAS lists what there is.", position: comment.name.position)
        }
        let id = try requireTables().makeID()
        var schema = tableCatalog.schema(name) ?? SchemaDefinition(id: id, name: name, owner: user.name)
        schema.comment = comment.text
        let changed = schema
        try await defining(control) { (tables) async throws(LeibrixError) in try tables.put(changed) }
        return Defined()
    }
}

extension String {
    fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) + other : self
    }
}
