// Replay: every commit behind the checkpoint is done again, as a transaction of its own, in the log's order.
//
// The log names rows by the ids that they had in the process that wrote it. A row that is inserted again may get another id, since
// what was rolled back then is not there now; `moved` has those. It is emptied where a process took over from an earlier one that
// had replayed: rows of before have the ids that this replay gives them, because replay gives the same ids every time.
internal import Base
internal import Catalog
internal import Columnar
internal import Synchronization
internal import WriteAheadLog

final class TableRecovery {
    private let engine: TableEngine
    /// Commits up to here are in the checkpoint.
    private let checkpoint: UInt64
    private var moved: [TableID: [RowID: RowID]] = [:]
    private(set) var commits = 0

    init(_ engine: TableEngine, after checkpoint: UInt64) {
        self.engine = engine
        self.checkpoint = checkpoint
    }

    func apply(_ record: LogRecord) throws(LeibrixError) {
        if record.kind == TableRecord.recovered {
            moved = [:]
        } else if record.kind == TableRecord.reader {
            try applyReader(record)
        } else if record.kind == TableRecord.commit, record.transaction > checkpoint {
            do throws(LeibrixError) {
                try applyCommit(record)
            } catch {
                throw LeibrixError(
                    .corruptLog, "commit \(record.transaction) at \(record.start) cannot be replayed", detail: error.description,
                    hint: "Restore a backup.")
            }
            commits += 1
        }
    }

    /// Those that the checkpoint carries came before it, or are the same.
    private func applyReader(_ record: LogRecord) throws(LeibrixError) {
        let reader = try ReaderRecord(record.payload)
        if !reader.isThere {
            engine.changeReaders.remove(reader.name)
        } else if engine.changeReaders[reader.name].map({ $0.position < reader.position }) ?? true {
            engine.changeReaders.put(reader.name, ChangeReaders.Reader(tables: reader.tables, position: reader.position))
        }
    }

    private func applyCommit(_ record: LogRecord) throws(LeibrixError) {
        engine.commits.withLock { $0.start(after: record.transaction - 1) }
        let transaction = try engine.begin()
        var reader = PayloadReader(record.payload)
        var definitions = Definitions()
        while !reader.isAtEnd {
            let operation = try reader.number(UInt8.self)
            if operation > CommitOperation.newRows { try define(&definitions, transaction) }
            switch operation {
            case CommitOperation.catalog:
                definitions.difference = try reader.text()
                engine.raiseNextID(try reader.number(UInt32.self))
            case CommitOperation.newRows: definitions.newRows.append(TableID(try reader.number(UInt32.self)))
            case CommitOperation.sequence: try applySequence(&reader, transaction)
            case CommitOperation.ended: try applyEnded(&reader, transaction)
            case CommitOperation.inserted: try applyInserted(&reader, transaction)
            case CommitOperation.oldRows:
                _ = try reader.skip(16)
                _ = try reader.skip(Int(try reader.number(UInt32.self)))
            case CommitOperation.moved: transaction.onlyMoves = true
            case CommitOperation.emptied: _ = try reader.skip(4)
            case CommitOperation.sink: try applySink(&reader, transaction)
            default: throw PayloadReader.damaged("operation \(operation) is unknown")
            }
        }
        try define(&definitions, transaction)
        try transaction.commitInMemory(number: record.transaction)
    }

    /// Definitions of one commit, until something needs them.
    private struct Definitions {
        var difference: String?
        var newRows: [TableID] = []
    }

    private func define(_ definitions: inout Definitions, _ transaction: TableTransaction) throws(LeibrixError) {
        guard let text = definitions.difference else { return }
        let newRows = definitions.newRows
        definitions = Definitions()
        let difference: JSON
        do { difference = try JSON.parse(text) } catch { throw PayloadReader.damaged("a catalog") }
        let engine = engine
        try transaction.edit { (catalog, stores) throws(LeibrixError) in
            guard catalog.apply(difference) else { throw PayloadReader.damaged("a catalog") }
            for id in stores.keys where catalog.table(id) == nil { stores[id] = nil }
            for id in newRows {
                guard let table = catalog.table(id) else { throw PayloadReader.damaged("table \(id) is not defined") }
                stores[id] = try engine.makeStore(table)
            }
        }
        for id in newRows { moved[id] = nil }
        for (id, store) in transaction.current.stores where !newRows.contains(id) {
            if let table = transaction.catalog.table(id) { _ = try transaction.adopt(table, store) }
        }
    }

    /// A sequence never goes back unless it was set: commits are not in the order in which they drew.
    private func applySequence(_ reader: inout PayloadReader, _ transaction: TableTransaction) throws(LeibrixError) {
        let id = TableID(try reader.number(UInt32.self))
        let position = SequencePosition(last: try reader.number(Int64.self), isCalled: try reader.number(UInt8.self) == 1)
        let isSet = try reader.number(UInt8.self) == 1
        guard let sequence = transaction.catalog.sequence(id) else { return }
        engine.sequences.recover(sequence, position, isSet: isSet)
    }

    private func applySink(_ reader: inout PayloadReader, _ transaction: TableTransaction) throws(LeibrixError) {
        let name = try reader.text()
        let isThere = try reader.number(UInt8.self) == 1
        let epoch = try reader.number(UInt64.self)
        transaction.sinkEdits.append(SinkEpochs.Edit(name: name, epoch: isThere ? epoch : nil))
    }

    private func applyEnded(_ reader: inout PayloadReader, _ transaction: TableTransaction) throws(LeibrixError) {
        let id = TableID(try reader.number(UInt32.self))
        let count = try reader.number(UInt32.self)
        var rows: [RowID] = []
        for _ in 0..<count {
            let logged = RowID(rawValue: try reader.number(UInt64.self))
            rows.append(moved[id]?[logged] ?? logged)
        }
        guard try transaction.delete(id, rows) == .done else { throw PayloadReader.damaged("a row that was ended is not there") }
    }

    private func applyInserted(_ reader: inout PayloadReader, _ transaction: TableTransaction) throws(LeibrixError) {
        let id = TableID(try reader.number(UInt32.self))
        let first = RowID(rawValue: try reader.number(UInt64.self))
        let count = Int(try reader.number(UInt32.self))
        _ = try reader.skip(4)
        let batch = try DecodedRows.batch(&reader, rows: count, types: try transaction.store(id).types)
        let mark = transaction.writes.count
        guard case .done = try transaction.insert(id, batch) else { throw PayloadReader.damaged("a row is in the way of another") }
        var slot = first.slot
        for entry in transaction.writes[mark...] {
            for place in 0..<Int(entry.count) {
                let logged = RowID(group: first.group, slot: slot)
                let actual = RowID(group: entry.row.group, slot: entry.row.slot + place)
                if logged != actual { moved[id, default: [:]][logged] = actual }
                slot += 1
            }
        }
    }
}

extension Sequences {
    /// Takes a logged position.
    func recover(_ sequence: SequenceDefinition, _ logged: SequencePosition, isSet: Bool) {
        guard !isSet, let there = position(sequence.id), there.isCalled else { return set(sequence.id, logged) }
        let isAhead = sequence.increment > 0 ? logged.last > there.last : logged.last < there.last
        // After a cycle "further" is smaller: then the last in the log's order counts.
        if isAhead || sequence.cycles { set(sequence.id, logged) }
    }
}

extension TableEngine {
    func raiseNextID(_ id: UInt32) { nextID.max(id, ordering: .relaxed) }
}
