// The rows of a materialized view: a multiset that a stream's rows are added to (+1) and taken from (-1). They lie in
// segments; a statement that reads the view gets row groups of them, made again only where something changed.
internal import Base
internal import Columnar
internal import DuckDBKit
internal import Synchronization
internal import TableEngine

final class StreamView: LiveRelation {
    /// A row, or what it is found by: equal rows are equal keys, NaN too.
    typealias Key = [Value]

    struct Segment {
        var rows: [[Value]] = []
        var groups: [RowGroup]?
    }

    struct State {
        var segments: [Segment] = []
        /// Where the copies of a row lie: segment * segment rows + place.
        var places: [Key: [Int]] = [:]
        /// Rows taken back before they were there.
        var debts: [Key: Int] = [:]
        var rows = 0
        var cursor: Int
        /// All rows that records up to here made are in.
        var position: Int64
        var isFull = false
        var snapshot: RelationSnapshot?
        var history = ViewHistory()
    }

    let columns: [DataType.Field]
    let relationColumns: [RelationColumn]
    private let buffer: OutputBuffer
    private let hold: Int
    let state: Mutex<State>
    /// For a view that follows tables: what a statement's snapshot is of.
    let versions: ViewVersions?

    /// A view of what leaves the buffer from a cursor on.
    init(_ columns: [DataType.Field], _ buffer: OutputBuffer, position: Int64, versions: ViewVersions? = nil) {
        self.columns = columns
        self.versions = versions
        relationColumns = columns.map { RelationColumn($0.name, $0.type) }
        self.buffer = buffer
        let cursor = buffer.cursor(after: position) ?? buffer.end
        hold = buffer.hold(cursor)
        state = Mutex(State(cursor: cursor, position: position))
    }

    /// For tests: all rows, in no order.
    var allRows: [[Value]] { state.withLock { $0.segments.flatMap(\.rows) } }

    var rowCount: Int { state.withLock { $0.rows } }

    /// Takes what is durable. Any thread; calls take turns.
    func advance() {
        let next = state.withLock { state -> Int in
            while true {
                let (entries, next) = buffer.take(state.cursor, after: state.position, rowsMax: StreamHostLimits.recordRowsMax)
                state.cursor = next
                guard let last = entries.last else {
                    if let versions { state.history.trim(oldest: versions.tables.oldestSnapshot) }
                    return next
                }
                for entry in entries {
                    Self.apply(entry, &state)
                    if let versions { for part in entry.byRecord { state.history.add(part, versions.clock.commit(at: part.position)) } }
                }
                state.position = last.position
                state.snapshot = nil
            }
        }
        buffer.move(hold, to: next)
    }

    private static func apply(_ entry: OutputEntry, _ state: inout State) {
        let columns = entry.batch.columns
        for row in 0..<entry.batch.rowCount {
            let values = columns.map { $0.value(at: row) }
            if entry.weight(row) > 0 { add(values, &state) } else { remove(values, &state) }
        }
    }

    static func key(_ row: [Value]) -> Key {
        row.map { value in
            switch value {
            case .double(let number) where number.isNaN: .string("NaN")
            case .real(let number) where number.isNaN: .string("NaN")
            default: value
            }
        }
    }

    /// The row of a key.
    static func row(_ key: Key, _ columns: [DataType.Field]) -> [Value] {
        zip(key, columns).map { value, column in
            guard case .string = value else { return value }
            return column.type.base == .double ? .double(.nan) : column.type.base == .real ? .real(.nan) : value
        }
    }

    private static func add(_ row: [Value], _ state: inout State) {
        let key = key(row)
        if let owed = state.debts[key] {
            state.debts[key] = owed > 1 ? owed - 1 : nil
            return
        }
        guard state.rows < StreamHostLimits.viewRowsMax else {
            state.isFull = true
            return
        }
        let size = StreamHostLimits.viewSegmentRows
        if state.segments.last.map({ $0.rows.count == size }) ?? true { state.segments.append(Segment()) }
        let last = state.segments.count - 1
        state.places[key, default: []].append(last * size + state.segments[last].rows.count)
        state.segments[last].rows.append(row)
        state.segments[last].groups = nil
        state.rows += 1
    }

    /// Takes one copy away; the last row of all moves into its place.
    private static func remove(_ row: [Value], _ state: inout State) {
        let size = StreamHostLimits.viewSegmentRows
        let key = key(row)
        guard var places = state.places[key], let place = places.popLast() else {
            state.debts[key, default: 0] += 1
            return
        }
        state.places[key] = places.isEmpty ? nil : places
        let last = state.segments.count - 1
        let moved = state.segments[last].rows.removeLast()
        let movedFrom = last * size + state.segments[last].rows.count
        state.segments[last].groups = nil
        if movedFrom != place {
            state.segments[place / size].rows[place % size] = moved
            state.segments[place / size].groups = nil
            let movedKey = self.key(moved)
            if let index = state.places[movedKey]?.firstIndex(of: movedFrom) { state.places[movedKey]?[index] = place }
        }
        if state.segments[last].rows.isEmpty { state.segments.removeLast() }
        state.rows -= 1
    }

    /// The view is gone.
    func close() { buffer.release(hold) }

    // MARK: reading

    func facts() -> RelationFacts {
        RelationFacts(
            rows: rowCount, columns: columns.map { _ in ColumnStatistics(nullCount: ColumnStatistics.nullsUnknown) }, version: 1)
    }

    func snapshot(token: UInt64) throws(LeibrixError) -> RelationSnapshot {
        guard let versions else { return try locked { (state) throws(LeibrixError) in try newest(&state) } }
        let commit = versions.tables.snapshot(ofToken: token) ?? versions.tables.snapshot
        try versions.wait(commit)
        return try locked { (state) throws(LeibrixError) in try snapshot(at: commit, &state) }
    }

    private func locked<T>(_ body: (inout sending State) throws(LeibrixError) -> T) throws(LeibrixError) -> T {
        let result = state.withLock { state -> Result<T, LeibrixError> in
            do throws(LeibrixError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    func newest(_ state: inout State) throws(LeibrixError) -> RelationSnapshot {
        if state.isFull { throw Self.tooLarge }
        if let snapshot = state.snapshot { return snapshot }
        var groups: [RowGroup] = []
        for index in state.segments.indices { groups += try self.groups(index, &state) }
        let snapshot = try RelationSnapshot(columns: relationColumns, rowGroups: groups, statisticsVersion: 1)
        state.snapshot = snapshot
        return snapshot
    }

    /// A segment laid out.
    func groups(_ index: Int, _ state: inout State) throws(LeibrixError) -> [RowGroup] {
        if let groups = state.segments[index].groups { return groups }
        let groups = try RowGroup.groups(of: state.segments[index].rows, types: columns.map(\.type))
        state.segments[index].groups = groups
        return groups
    }

    static var tooLarge: LeibrixError {
        LeibrixError(
            .streamStateFull, "the materialized view has more than \(StreamHostLimits.viewRowsMax) rows",
            hint: "Aggregate more, or let a sink write the rows into a table.")
    }

    // MARK: what a checkpoint keeps

    /// All rows, and the position they are of.
    func saved() -> (position: Int64, bytes: [UInt8]) {
        let (position, rows, debts) = state.withLock { state in (state.position, state.segments.flatMap(\.rows), state.debts) }
        var bytes: [UInt8] = []
        var start = 0
        let fields = columns
        func write(_ rows: ArraySlice<[Value]>) { BatchCoding.append(Batch.rows(Array(rows), fields), to: &bytes) }
        bytes.append(integer: UInt32((rows.count + StreamHostLimits.viewSegmentRows - 1) / StreamHostLimits.viewSegmentRows))
        while start < rows.count {
            let end = min(start + StreamHostLimits.viewSegmentRows, rows.count)
            write(rows[start..<end])
            start = end
        }
        let owed = debts.flatMap { key, count in Array(repeating: Self.row(key, columns), count: count) }
        bytes.append(integer: UInt32(owed.isEmpty ? 0 : 1))
        if !owed.isEmpty { write(owed[...]) }
        return (position, bytes)
    }

    /// Before anything is appended to the buffer.
    func load(position: Int64, _ bytes: [UInt8]) throws(LeibrixError) {
        var loaded = State(cursor: buffer.end, position: position)
        var offset = 0
        let types = columns.map(\.type)
        for isOwed in [false, true] {
            for _ in 0..<Int(try bytes.integer(UInt32.self, at: &offset)) {
                let batch = try BatchCoding.read(bytes, at: &offset, types: types)
                for row in 0..<batch.rowCount {
                    let values = batch.columns.map { $0.value(at: row) }
                    if isOwed { Self.remove(values, &loaded) } else { Self.add(values, &loaded) }
                }
            }
        }
        let made = loaded
        state.withLock { $0 = made }
        buffer.move(hold, to: made.cursor)
    }
}
