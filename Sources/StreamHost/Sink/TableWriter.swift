// A sink into a table. Rows and the sink's position are one transaction of the table's own log: after a crash both are there or
// neither. With a primary key a row takes the place of the one with its key, and a row that is taken back goes; without one
// rows are added.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import Platform
internal import Synchronization
internal import TableEngine

final class TableWriter: SinkWriter, @unchecked Sendable {
    private let engine: TableEngine
    private let name: [String]
    private let columns: [DataType.Field]
    private let mark: String
    private let fault: @Sendable (String) -> Void

    /// `mark` names the sink in the table's log.
    init(
        _ engine: TableEngine, table name: [String], columns: [DataType.Field], mark: String, fault: @escaping @Sendable (String) -> Void
    ) {
        self.engine = engine
        self.name = name
        self.columns = columns
        self.mark = mark
        self.fault = fault
    }

    /// Throws what makes a table no target for these columns.
    func check(retracts: Bool) throws(LeibrixError) {
        let table = try table(engine.catalog)
        _ = try places(table)
        func refuse(_ what: String, _ hint: String) -> LeibrixError {
            LeibrixError(.streamNotSupported, "a sink cannot write into table \"\(table.name)\": \(what)", hint: hint)
        }
        if !table.checks.isEmpty || !table.foreignKeys.isEmpty {
            throw refuse("it has CHECK or FOREIGN KEY constraints", "Write into a table without them, or filter in the stream.")
        }
        if table.columns.contains(where: { $0.generatedSQL != nil }) { throw refuse("it has generated columns", "Compute them in the stream.") }
        if retracts && table.primaryKey == nil {
            throw refuse("the stream takes rows back, and the table has no primary key", "Give the table a PRIMARY KEY, or the stream EMIT ON WINDOW CLOSE.")
        }
        for column in table.columns where column.isNotNull || table.primaryKey?.columns.contains(column.attributeNumber) == true {
            guard columns.contains(where: { $0.name.lowercased() == column.name.lowercased() }) else {
                throw refuse("its column \"\(column.name)\" is NOT NULL and no column of the stream", "Select it in the stream, under that name.")
            }
        }
    }

    private func table(_ catalog: TableCatalog) throws(LeibrixError) -> TableDefinition {
        if case .table(let id)? = catalog.lookup(schema: name[0], name: name[1]), let table = catalog.table(id) { return table }
        throw LeibrixError(.undefinedRelation, "relation \"\(name.joined(separator: "."))\" does not exist", hint: "CREATE TABLE it first.")
    }

    /// The column of the stream for each of the table's; nil for NULL.
    private func places(_ table: TableDefinition) throws(LeibrixError) -> [Int?] {
        for column in columns {
            guard let place = table.position(ofColumn: column.name) else {
                throw LeibrixError(
                    .streamSchema, "table \"\(table.name)\" has no column \"\(column.name)\"", hint: "Name the stream's columns as the table's: SELECT x AS \"…\".")
            }
            let wanted = table.columns[place].type.base
            guard wanted == column.type.base || Self.widens(column.type.base, wanted) else {
                throw LeibrixError(
                    .streamSchema, "column \"\(column.name)\" of table \"\(table.name)\" is \(wanted), the stream's is \(column.type)",
                    hint: "CAST it in the stream.")
            }
        }
        return table.columns.map { column in columns.firstIndex { $0.name.lowercased() == column.name.lowercased() } }
    }

    /// Values that are stored as they are.
    private static func widens(_ from: DataType, _ to: DataType) -> Bool {
        switch (from, to) {
        case (.smallInt, .integer), (.smallInt, .bigInt), (.integer, .bigInt), (.tinyInt, .smallInt), (.tinyInt, .integer), (.tinyInt, .bigInt): true
        case (.real, .double), (.bigInt, .hugeInt), (.integer, .hugeInt): true
        case (.bigInt, .decimal(_, let scale)), (.integer, .decimal(_, let scale)), (.hugeInt, .decimal(_, let scale)): scale >= 0
        default: false
        }
    }

    /// A value as the table's column holds it.
    private static func stored(_ value: Value, _ type: DataType) -> Value {
        switch (value, type.base) {
        case (.real(let number), .double): .double(Double(number))
        case (.integer(let number), .hugeInt): .hugeInt(Int128(number))
        case (.integer(let number), .decimal(let width, let scale)): .decimal(scaled(Int128(number), scale), width: width, scale: scale)
        case (.hugeInt(let number), .decimal(let width, let scale)): .decimal(scaled(number, scale), width: width, scale: scale)
        default: value
        }
    }

    private static func scaled(_ number: Int128, _ scale: UInt8) -> Int128 { (0..<scale).reduce(number) { value, _ in value &* 10 } }

    func open() throws(LeibrixError) -> Int64? { engine.sinkEpoch(mark).map { Int64(bitPattern: $0) } }

    func write(_ entries: [OutputEntry], through position: Int64) throws(LeibrixError) {
        var attempts = 0
        while true {
            let transaction = try engine.begin()
            transaction.beginStatement()
            do throws(LeibrixError) {
                if try apply(entries, transaction) {
                    try transaction.setSinkEpoch(mark, UInt64(bitPattern: position))
                    fault("table-written")
                    try commit(transaction)
                    fault("table-committed")
                    return
                }
                transaction.rollback()
            } catch {
                transaction.rollback()
                attempts += 1
                // Somebody else changed the rows meanwhile: once more, on what there is now.
                guard error.code == .serializationFailure || error.code == .deadlock, attempts < 100 else { throw error }
            }
            // Another transaction has a row: it will end.
            Pause.milliseconds(5)
        }
    }

    /// False where another transaction is in the way.
    private func apply(_ entries: [OutputEntry], _ transaction: TableTransaction) throws(LeibrixError) -> Bool {
        let table = try table(transaction.catalog)
        let places = try places(table)
        func row(_ entry: OutputEntry, _ number: Int) -> [Value] {
            zip(places, table.columns).map { place, column in place.map { Self.stored(entry.batch.columns[$0].value(at: number), column.type) } ?? .null }
        }
        guard let key = table.primaryKey, let index = table.index(of: key) else {
            let rows = entries.flatMap { entry in (0..<entry.batch.rowCount).map { row(entry, $0) } }
            guard case .done = try transaction.insert(table.id, rows: rows) else { return false }
            return true
        }
        // The last word on each key counts.
        let handle = try transaction.index(index.id, of: table.id)
        let keyPlaces = handle.index.columns
        var last: [[Value]: [Value]?] = [:]
        var order: [[Value]] = []
        for entry in entries {
            for number in 0..<entry.batch.rowCount {
                let values = row(entry, number)
                let keyValues = keyPlaces.map { values[$0] }
                if last[keyValues] == nil { order.append(keyValues) }
                last[keyValues] = .some(entry.weight(number) > 0 ? values : nil)
            }
        }
        var gone: [RowID] = []
        var replaced: [RowID] = []
        var replacements: [[Value]] = []
        var added: [[Value]] = []
        for keyValues in order {
            let found = try handle.index.key(keyValues).flatMap { transaction.lookup(handle, $0) }
            switch (found, last[keyValues] ?? nil) {
            case (let found?, let values?):
                replaced.append(found)
                replacements.append(values)
            case (let found?, nil): gone.append(found)
            case (nil, let values?): added.append(values)
            case (nil, nil): break
            }
        }
        if !gone.isEmpty, try transaction.delete(table.id, gone) != .done { return false }
        if !replaced.isEmpty,
            try transaction.update(table.id, replaced, columns: Array(table.columns.indices), values: replacements) != .done
        {
            return false
        }
        if !added.isEmpty { guard case .done = try transaction.insert(table.id, rows: added) else { return false } }
        return true
    }

    /// Commits on this thread, which may wait.
    private func commit(_ transaction: TableTransaction) throws(LeibrixError) {
        let bell = Doorbell()
        let failure = Mutex<LeibrixError?>(nil)
        let boxed = SendableBox(transaction)
        Task {
            do throws(LeibrixError) { try await boxed.value.commit() } catch { failure.withLock { $0 = error } }
            bell.ring()
        }
        bell.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    func close() {}

    func forget() {
        guard let transaction = try? engine.begin() else { return }
        guard (try? transaction.dropSinkEpoch(mark)) != nil else { return transaction.rollback() }
        try? commit(transaction)
    }
}

/// A value that one thread hands to another and waits.
private struct SendableBox<T>: @unchecked Sendable {
    let value: T
    init(_ value: T) { self.value = value }
}
