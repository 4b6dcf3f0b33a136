// INSERT and COPY into a source. The engine computes the rows as it does a table's; they are pushed when the transaction
// commits, so that a statement or block that fails has pushed nothing.
internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import SQLSyntax
internal import StreamHost

/// Rows that wait for the commit.
struct PendingRows: Sendable {
    var source: String
    var batches: [Batch]
    var bytes: Int
}

extension TableDefinition {
    /// Whether this stands for a source's columns, as INSERT and COPY see them.
    var isSource: Bool { id == Self.sourceID }
    private static var sourceID: TableID { TableID(0) }

    init(source: StreamObject) {
        let columns = source.columns.enumerated().map { TableColumn(attributeNumber: Int16($0 + 1), name: $1.name, type: $1.type) }
        self.init(id: Self.sourceID, schema: "public", name: source.name, columns: columns, owner: source.owner)
    }
}

extension SQLSession {
    /// The source that a change names, as a table; nil where it names none. Streams and views cannot be changed.
    func changedSource(_ name: SQLSyntax.ObjectName, _ command: String) throws(LeibrixError) -> TableDefinition? {
        guard let object = streamObject(name), (try? lookup(name)) == nil else { return nil }
        guard object.kind == .source else {
            throw LeibrixError(
                .streamNotSupported, "cannot change \(object.kind.rawValue.lowercased()) \"\(object.name)\"",
                hint: "Its rows follow from its sources: INSERT INTO those.", position: name.position, sqlState: "55000")
        }
        guard command == "INSERT" else {
            throw LeibrixError(
                .streamNotSupported, "\(command) is not supported on source \"\(object.name)\"", hint: "Rows of a source can be inserted only.",
                position: name.position)
        }
        return TableDefinition(source: object)
    }

    /// Parts of INSERT that only tables have.
    func checkSourceInsert(_ change: ChangeStatement) throws(LeibrixError) {
        guard case .insert(let insert) = change else { return }
        let position = insert.target.name.position
        if insert.conflict != nil {
            throw LeibrixError(.streamNotSupported, "a source has no keys: ON CONFLICT is not supported", hint: "Leave it out.", position: position)
        }
        if insert.returning != nil {
            throw LeibrixError(.streamNotSupported, "RETURNING is not supported on a source", hint: "SUBSCRIBE reads a stream over it.", position: position)
        }
    }

    /// Runs INSERT into a source.
    func insertRows(_ plan: ChangePlan, _ parameters: [Value]) async throws(LeibrixError) -> SQLExecution {
        let name = plan.table.name
        let host = try requireStreams()
        guard let object = host.object(name), TableDefinition(source: object).columns == plan.table.columns else {
            throw LeibrixError(
                .notSupported, "cached plan must not change result type", hint: "The source has changed its columns: prepare the statement again.")
        }
        let count = try await recorded(plan.parsed, route: "stream") { (control) async throws(LeibrixError) -> Int in
            var count = 0
            for step in plan.steps {
                let batches = try await rows(of: step.plan, parameters, control)
                count += batches.reduce(0) { $0 + $1.rowCount }
                try keep(batches, for: name)
            }
            return count
        }
        return SQLExecution(tag: .fixed("INSERT 0 \(count)"))
    }

    /// Remembers rows for the commit.
    func keep(_ batches: [Batch], for source: String) throws(LeibrixError) {
        let bytes = batches.reduce(0) { $0 + $1.compactBytes }
        let waiting = pendingRows.reduce(0) { $0 + $1.bytes }
        guard waiting + bytes <= SessionLimits.changeBytesMax / 4 else {
            throw LeibrixError(.limitExceeded, "a transaction has more rows for sources than it may keep", hint: "Insert fewer at once.")
        }
        pendingRows.append(PendingRows(source: source, batches: batches, bytes: bytes))
    }

    /// Pushes what a transaction that has committed has for sources; returns when it is durable. Rows of one source are one record.
    func pushPending() async throws(LeibrixError) {
        guard !pendingRows.isEmpty else { return }
        let pending = pendingRows
        pendingRows = []
        let host = try requireStreams()
        try await host.pool.run { () throws(LeibrixError) in
            var index = 0
            while index < pending.count {
                var batches = pending[index].batches
                let source = pending[index].source
                index += 1
                while index < pending.count, pending[index].source == source {
                    batches += pending[index].batches
                    index += 1
                }
                try host.push(source, batches)
            }
        }
    }
}
