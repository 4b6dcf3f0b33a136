// Where rows come in. One producer at a time; the engine's gate holds the others off.
internal import Base
internal import Columnar
internal import SQLPlanning

/// Guarded by the gate, but for its definition and its buffer.
final class StreamSource: @unchecked Sendable {
    let definition: SourceDefinition
    let types: [DataType]
    let reader: ChunkReader
    let timeColumn: Int
    let partitionColumn: Int
    var tracker: WatermarkTracker
    private(set) var heads: [Operator] = []
    /// Rows taken since the beginning: the source's offset in a checkpoint.
    var offset = 0
    /// Rows taken by this engine.
    private(set) var taken = 0
    /// Where the producer stood after the last row, in its own words.
    var position = ""
    private var advanced = Int64.min
    let scratch = TextScratch()
    /// Rows that wait, where the source has a buffer.
    let pending: PendingRows?
    private let weights: Lane<Int8>
    private let arena = Arena()

    init(_ definition: SourceDefinition) throws(LeibrixError) {
        self.definition = definition
        types = definition.columns.map(\.type)
        guard !types.isEmpty, types.count <= StreamLimits.columnsMax else {
            throw LeibrixError(.streamConfiguration, "a source has 1 to \(StreamLimits.columnsMax) columns")
        }
        for column in definition.columns where column.type.laneKind == nil || !Self.isHeld(column.type) {
            throw LeibrixError(
                .streamNotSupported, "a source's column \"\(column.name)\" cannot be of type \(column.type)",
                hint: "BOOLEAN, integers, REAL, DOUBLE, DECIMAL, VARCHAR, DATE, TIME, TIMESTAMP and TIMESTAMPTZ can.")
        }
        reader = ChunkReader(types)
        pending = try Self.buffer(definition)
        weights = arena.lane(Int8.self, count: StreamLimits.chunkRowsMax)
        let time = try Self.place(definition.eventTime?.column, definition)
        timeColumn = time ?? -1
        partitionColumn = try Self.place(definition.eventTime?.partition, definition) ?? -1
        if let time, !types[time].isTimestamp && types[time].base != .bigInt {
            throw LeibrixError(.streamNoEventTime, "event time is a TIMESTAMP, or a BIGINT in milliseconds", hint: "Column \"\(definition.columns[time].name)\" is \(types[time]).")
        }
        if partitionColumn >= 0, types[partitionColumn].laneKind != .int, types[partitionColumn].laneKind != .text {
            throw LeibrixError(
                .streamConfiguration, "the column of partitions, or of keys with a watermark each, is an integer or a text", hint: "Column \"\(definition.columns[partitionColumn].name)\" is \(types[partitionColumn]).")
        }
        let unit = Self.microsPerUnit(definition, types, time)
        tracker = WatermarkTracker(
            delay: (definition.eventTime?.delayMicros ?? 0) / unit, microsPerUnit: unit, idleMicros: definition.eventTime?.idleMicros)
    }

    /// Takes the place of another: its readers, its time, its place in the input.
    func goOn(from old: StreamSource) {
        heads = old.heads
        (offset, taken, position, advanced) = (old.offset, old.taken, old.position, old.advanced)
        tracker.goOn(from: old.tracker)
    }

    private static func buffer(_ definition: SourceDefinition) throws(LeibrixError) -> PendingRows? {
        guard !definition.isChanges || definition.eventTime == nil else {
            throw LeibrixError(.streamConfiguration, "a source of changes has no event time", hint: "A table's rows have no order of their own: leave WATERMARK out.")
        }
        guard let buffer = definition.buffer else { return nil }
        guard buffer.rowsMax >= 1, buffer.rowsMax <= StreamLimits.pendingRowsMax else {
            throw LeibrixError(.streamConfiguration, "a source's buffer has 1 to \(StreamLimits.pendingRowsMax) rows")
        }
        if definition.isChanges && buffer.overflow == .dropOldest {
            throw LeibrixError(.streamConfiguration, "a source of changes drops nothing", hint: "Choose block or reject.")
        }
        return PendingRows(buffer)
    }

    private static func isHeld(_ type: DataType) -> Bool {
        switch type.base {
        case .null, .timestampSeconds, .timestampMillis, .timestampNanos: false
        default: true
        }
    }

    private static func place(_ name: String?, _ definition: SourceDefinition) throws(LeibrixError) -> Int? {
        guard let name else { return nil }
        guard let index = definition.columns.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
            throw LeibrixError(.undefinedColumn, "column \"\(name)\" does not exist", hint: "The event time and the partition are columns of the source.")
        }
        return index
    }

    private static func microsPerUnit(_ definition: SourceDefinition, _ types: [DataType], _ time: Int?) -> Int64 {
        guard let time else { return 1 }
        return types[time].isTimestamp ? 1 : 1_000
    }

    var relation: PlannedRelation {
        let columns = definition.columns.map { Scope.Column(relation: definition.name, name: $0.name, type: $0.type) }
        return PlannedRelation(
            node: PlanNode(kind: .input(definition.name.lowercased()), types: types), columns: columns,
            times: timeColumn >= 0 ? [timeColumn: 0] : [:], microsPerUnit: tracker.microsPerUnit, changes: definition.isChanges ? .retract : .append)
    }

    func attach(_ head: Operator) { heads.append(head) }
    func detach(_ head: Operator) { heads.removeAll { $0 === head } }
    var isRead: Bool { !heads.isEmpty }

    /// Rows of a batch, in chunks, and where their producer stands then.
    func take(_ rows: PushedRows, now: Int64) {
        var start = rows.range.lowerBound
        while start < rows.range.upperBound {
            let end = min(start + StreamLimits.chunkRowsMax, rows.range.upperBound)
            reader.read(rows.batch, start..<end)
            if let given = rows.weights {
                for row in start..<end { weights[row - start] = given[row] }
                take(end - start, now: now, weighted: true)
            } else {
                take(end - start, now: now)
            }
            start = end
        }
        if let position = rows.position { self.position = position }
    }

    /// Rows that stand in the reader's columns.
    @inline(__always)
    func take(_ count: Int, now: Int64, weighted: Bool = false) {
        var chunk = Chunk(count: count, columns: reader.columns, mark: tracker.watermark)
        if weighted {
            chunk.weights = weights
            chunk.hasWeights = true
        }
        if timeColumn >= 0 {
            let times = reader.columns[timeColumn]
            chunk.marks = reader.marks
            chunk.hasMarks = partitionColumn < 0
                ? tracker.observe(times, count, marks: reader.marks, now: now)
                : tracker.observe(times, reader.columns[partitionColumn], isText: types[partitionColumn].laneKind == .text, count, marks: reader.marks, now: now)
        }
        offset += count
        taken += count
        var index = 0
        while index < heads.count {
            heads[index].push(chunk)
            index += 1
        }
        advance()
        index = 0
        while index < heads.count {
            heads[index].rest()
            index += 1
        }
    }

    /// Tells the readers how far event time has come.
    @inline(__always)
    func advance() {
        if tracker.watermark == advanced { return }
        advanced = tracker.watermark
        var index = 0
        while index < heads.count {
            heads[index].advance(advanced)
            index += 1
        }
    }

    /// The end of a push.
    @inline(__always)
    func settle() {
        var index = 0
        while index < heads.count {
            heads[index].settle()
            index += 1
        }
    }

    func tick(_ now: Int64) {
        tracker.tick(now)
        advance()
        settle()
        for head in heads { head.tick(now) }
    }

    func finish() { for head in heads { head.finish() } }

    func save(_ writer: inout StateWriter) {
        writer.add(offset)
        tracker.save(&writer)
        writer.add(position)
    }

    func load(_ state: inout StateReader) throws(LeibrixError) {
        offset = try state.integer()
        try tracker.load(&state)
        advanced = tracker.watermark
        position = state.isAtEnd ? "" : try state.string()
    }
}
