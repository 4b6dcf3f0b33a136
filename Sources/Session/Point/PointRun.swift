// Running a point plan against a transaction: keys, lookups, filter, and what becomes of the rows. No waiting and no engine;
// it runs where it is called, on the connection's loop.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLPlanning
internal import TableEngine

/// One execution. What it counts EXPLAIN ANALYZE shows.
struct PointRun {
    let tables: TableTransaction
    let context: ScalarContext
    var frame = ScalarFrame()
    /// Keys looked up or entries of the index met, rows that the filter left out.
    var probes = 0
    var filtered = 0

    init(_ tables: TableTransaction, _ context: ScalarContext) {
        self.tables = tables
        self.context = context
    }

    /// A range that holds more entries than this is read by columns.
    static let entriesMax = 100
    /// With an order that the index gives, a LIMIT of up to so many rows is read by it: the loop must not be held for long.
    static let limitMax = 1_000
    /// Keys of an array that are looked up here; more are joined by columns.
    static let arrayMax = 10_000

    /// No columns.
    private static let noRow = ScalarArrayRow([])

    mutating func value(_ program: ScalarProgram) throws(LeibrixError) -> Scalar { try program.evaluate(Self.noRow, context, &frame) }

    // MARK: Rows

    /// The ids of the rows, in the access's order; nil when they are too many for an index.
    mutating func rows(_ source: PointSource, limit: Int?) throws(LeibrixError) -> [RowID]? {
        guard let table = source.table else { return [] }
        switch source.access {
        case .nothing: return []
        case .keys(let keys): return try rows(keys, table, source.filter)
        case .range(let range):
            let wanted = range.isOrdered ? limit.flatMap { $0 <= Self.limitMax ? $0 : nil } : nil
            return try rows(range, table, source.filter, limit: wanted)
        }
    }

    /// The row of one key; nil for none.
    mutating func row(_ keys: PointKeys, _ handle: IndexHandle, _ filter: ScalarProgram?) throws(LeibrixError) -> RowID? {
        guard let key = try key(keys, handle) else { return nil }
        probes += 1
        guard let row = tables.lookup(handle, key), try holds(filter, handle, row) else { return nil }
        return row
    }

    /// nil where nothing can be equal to it.
    private mutating func key(_ keys: PointKeys, _ handle: IndexHandle) throws(LeibrixError) -> IndexKey? {
        if handle.index.usesWords, keys.columns.count == 1, keys.columns[0].isPlainInteger {
            let part = keys.columns[0]
            let value = try value(part.program)
            if case .integer(let number) = value { return part.fits(value) ? handle.index.key(bits: UInt64(bitPattern: number)) : nil }
        }
        return try parts(keys.columns).flatMap { (parts) throws(LeibrixError) in try handle.index.key(parts) }
    }

    /// Values of a key's columns; nil with one that no row can have.
    private mutating func parts(_ columns: [KeyPart]) throws(LeibrixError) -> [Value]? {
        var parts: [Value] = []
        parts.reserveCapacity(columns.count)
        for part in columns {
            let value = try value(part.program)
            guard !value.isNull, part.fits(value) else { return nil }
            parts.append(value.value(part.type))
        }
        return parts
    }

    private mutating func rows(_ keys: PointKeys, _ table: TableDefinition, _ filter: ScalarProgram?) throws(LeibrixError) -> [RowID]? {
        let handle = try tables.index(keys.index, of: table.id)
        guard let list = keys.list else { return try row(keys, handle, filter).map { [$0] } ?? [] }
        guard let parts = try parts(keys.columns) else { return [] }
        if case .parameter(let place) = list.source, case .other(.list(let items)) = context.parameters[place], items.count > Self.arrayMax { return nil }
        var wanted: [IndexKey] = []
        var seen: Set<IndexKey> = []
        for value in try values(list) {
            var whole = parts
            whole.insert(value, at: list.place)
            guard let key = try handle.index.key(whole), seen.insert(key).inserted else { continue }
            wanted.append(key)
        }
        probes += wanted.count
        var rows: [RowID] = []
        for case let row? in tables.lookup(handle, wanted) where try holds(filter, handle, row) { rows.append(row) }
        return rows
    }

    private mutating func values(_ list: PointKeys.List) throws(LeibrixError) -> [Value] {
        switch list.source {
        case .values(let parts):
            var values: [Value] = []
            for part in parts {
                let value = try value(part.program)
                if !value.isNull, part.fits(value) { values.append(value.value(part.type)) }
            }
            return values
        case .parameter(let place):
            guard case .other(.list(let items)) = context.parameters[place] else { return [] }
            return items.compactMap { list.accepts($0) }
        }
    }

    private mutating func rows(
        _ range: PointRange, _ table: TableDefinition, _ filter: ScalarProgram?, limit: Int?
    ) throws(LeibrixError) -> [RowID]? {
        let handle = try tables.index(range.index, of: table.id)
        guard let (lower, upper) = try bounds(range, handle) else { return [] }
        var rows: [RowID] = []
        var isTooMany = false
        var failure: LeibrixError?
        var run = self
        tables.range(handle, from: lower, to: upper, reverse: range.isReverse) { row in
            run.probes += 1
            if run.probes > Self.entriesMax, limit == nil || run.probes > max(Self.entriesMax, limit ?? 0) * 4 {
                isTooMany = true
                return false
            }
            do throws(LeibrixError) {
                if try run.holds(filter, handle, row) { rows.append(row) }
            } catch {
                failure = error
                return false
            }
            return limit.map { rows.count < $0 } ?? true
        }
        self = run
        if let failure { throw failure }
        return isTooMany ? nil : rows
    }

    /// nil when nothing can lie between them.
    private mutating func bounds(_ range: PointRange, _ handle: IndexHandle) throws(LeibrixError) -> (IndexBound, IndexBound)? {
        var prefix: [Value] = []
        for part in range.prefix {
            let value = try value(part.program)
            guard !value.isNull, part.fits(value) else { return nil }
            prefix.append(value.value(part.type))
        }
        guard let lower = try bound(range.lower, prefix, handle), let upper = try bound(range.upper, prefix, handle) else { return nil }
        return (lower, upper)
    }

    /// nil for a bound that is NULL.
    private mutating func bound(_ bound: PointRange.Bound?, _ prefix: [Value], _ handle: IndexHandle) throws(LeibrixError) -> IndexBound? {
        guard let bound else {
            guard !prefix.isEmpty else { return .unbounded }
            return try handle.index.key(prefix).map { .inclusive($0) }
        }
        let value = try value(bound.part.program)
        guard !value.isNull, let key = try handle.index.key(prefix + [value.value(bound.part.type)]) else { return nil }
        return bound.isInclusive ? .inclusive(key) : .exclusive(key)
    }

    private mutating func holds(_ filter: ScalarProgram?, _ handle: IndexHandle, _ row: RowID) throws(LeibrixError) -> Bool {
        guard let filter else { return true }
        var run = self
        let context = context
        let isTrue = try tables.withRow(handle, row) { (view) throws(LeibrixError) in
            try filter.evaluate(view, context, &run.frame).isTrue
        }
        self = run
        if isTrue != true { filtered += 1 }
        return isTrue == true
    }
}

extension KeyPart {
    /// Whether a row's bits are the value's own.
    var isPlainInteger: Bool {
        switch type {
        case .tinyInt, .smallInt, .integer, .bigInt: true
        default: false
        }
    }
}

extension PointKeys.List {
    /// An element of an array as the column's value; nil for what no row can hold.
    func accepts(_ value: Value) -> Value? {
        switch (value, type) {
        case (.null, _): return nil
        case (.integer(let number), .tinyInt): return Int8(exactly: number).map { _ in value }
        case (.integer(let number), .smallInt): return Int16(exactly: number).map { _ in value }
        case (.integer(let number), .integer): return Int32(exactly: number).map { _ in value }
        default: return value
        }
    }
}
