// Checkpoints of the whole host. The engine's own part is a barrier between two records; the rest is told by position:
//
//   checkpoints/checkpoint-N/    the engine's states (StreamEngine)
//   host/N.json                  what the engine knew then (numbers of objects), where the log goes on
//   host/N.rows                  rows of views and of those who may subscribe again, each with its own position, not before N's
//
// A checkpoint counts once its json is there. The log is kept from the oldest of those that are kept.
public import Base
internal import Columnar
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

/// A checkpoint as SHOW CHECKPOINT STATUS has it.
public struct CheckpointRecord: Sendable, Hashable {
    public var number: Int
    /// All records up to here are in.
    public var position: Int64
    public var createdMicros: Int64
    public var durationMicros: Int64
    public var bytes: Int
    /// The log from here on goes with it.
    var logEnd: UInt64
    var objects: [Int64]
    var following = TableFollowing()
    /// What RESTORE took back before.
    var voided: [VoidEpochs] = []
}

extension StreamHost {
    static let logSource = "\u{1}log"

    /// One more record: the engine's own count of them is part of its checkpoints.
    func countRecord() { counter?.pushRow { row in row.set(0, Int64(1)) } }

    private var counter: SourceHandle? { state.withLock { $0.handles[Self.logSource] } }

    func checkpointIfChanged() {
        let isChanged = state.withLock { state in !state.isClosed && state.position != state.checkpoints.last?.position ?? 0 }
        guard isChanged else { return }
        do throws(LeibrixError) { _ = try checkpoint() } catch {
            state.withLock { $0.checkpointError = error.message }
            Log.warning("streams.checkpoint", .text("error", error.message))
        }
    }

    /// Writes a checkpoint and returns its number; 0 for a host without a directory. Blocks.
    @discardableResult
    public func checkpoint() throws(LeibrixError) -> Int {
        try defining { () throws(LeibrixError) in try checkpointAlone() }
    }

    /// While nothing is defined.
    func checkpointAlone() throws(LeibrixError) -> Int {
        guard let store = checkpointStore, let directory = configuration.directory else { return 0 }
        let begun = configuration.clock.monotonicNanos()
        let (logEnd, objects) = state.withLock { ($0.logEnd, $0.objects.values.flatMap(\.numbers)) }
        configuration.fault("checkpoint-begin")
        var following = TableFollowing()
        // Between two records: what one of them tells is in whole.
        let number = try engine.checkpoint(store) { capture in
            order.withLock { _ in
                capture()
                following = state.withLock { $0.following }
            }
        }
        configuration.fault("checkpoint-engine")
        // What the barrier saw is not after this; the views and sinks must have that much.
        // Between two records again: of one that is being told, readers would be shown a part.
        let (position, end) = order.withLock { _ in state.withLock { ($0.position, $0.logEnd) } }
        try settle(position, log == nil ? nil : end)
        try sinksReached(position)
        let rows = savedRows()
        try Files.replace("\(directory)/host/\(number).rows", with: rows)
        configuration.fault("checkpoint-rows")
        let elapsed = Int64((configuration.clock.monotonicNanos() &- begun) / 1_000)
        let record = CheckpointRecord(
            number: number, position: position, createdMicros: configuration.clock.wallMicros(), durationMicros: elapsed, bytes: rows.count,
            logEnd: logEnd.rawValue, objects: objects, following: following, voided: state.withLock { $0.voided })
        try Files.replace("\(directory)/host/\(number).json", with: Array(record.json.text().utf8))
        configuration.fault("checkpoint-done")
        let dropped = state.withLock { state -> [CheckpointRecord] in
            state.checkpointError = nil
            state.checkpoints.append(record)
            let count = max(0, state.checkpoints.count - StreamHostLimits.checkpointsKept - 1)
            defer { state.checkpoints.removeFirst(count) }
            return Array(state.checkpoints.prefix(count))
        }
        for old in dropped { removeCheckpoint(old.number, directory) }
        if let oldest = state.withLock({ $0.checkpoints.first }) { try log?.truncate(below: LSN(rawValue: oldest.logEnd)) }
        return number
    }

    // MARK: rows beside the engine's state

    ///   u32 count, then each: u8 kind (1 view, 3 buffer, 2 buffer as version 1 wrote it) · u64 object · u64 position · u32 bytes · bytes
    private func savedRows() -> [UInt8] {
        let (objects, views, buffers) = state.withLock { ($0.objects, $0.views, $0.buffers) }
        var parts: [(kind: UInt8, number: Int64, position: Int64, bytes: [UInt8])] = []
        for (name, view) in views {
            guard let object = objects[name] else { continue }
            let saved = view.saved()
            parts.append((1, object.number, saved.position, saved.bytes))
        }
        for (name, buffer) in buffers {
            guard let object = objects[name] else { continue }
            let saved = buffer.saved()
            var bytes: [UInt8] = []
            bytes.append(integer: UInt64(bitPattern: saved.lostThrough))
            bytes.append(integer: UInt32(saved.rows.count))
            for (page, rows) in saved.rows { BatchCoding.append(page.batch(rows, added: true), to: &bytes) }
            parts.append((3, object.number, saved.durable, bytes))
        }
        var bytes: [UInt8] = []
        bytes.append(integer: UInt32(parts.count))
        for part in parts {
            bytes.append(part.kind)
            bytes.append(integer: UInt64(bitPattern: part.number))
            bytes.append(integer: UInt64(bitPattern: part.position))
            bytes.append(integer: UInt32(part.bytes.count))
            bytes.append(contentsOf: part.bytes)
        }
        bytes.append(integer: LogChecksum.crc32c(bytes, from: 0))
        return bytes
    }

    /// Puts views and buffers back. `skips` gets, by buffer, the position up to which the replay's rows are there already; `through` is the last
    /// that there are rows of.
    func loadRows(_ bytes: [UInt8]) throws(LeibrixError) -> (skips: [String: Int64], through: Int64) {
        guard bytes.count >= 8 else { throw .damagedRows }
        var end = bytes.count - 4
        let body = Array(bytes[..<end])
        guard try bytes.integer(UInt32.self, at: &end) == LogChecksum.crc32c(body, from: 0) else { throw .damagedRows }
        let (objects, views, buffers) = state.withLock { ($0.objects, $0.views, $0.buffers) }
        let names = Dictionary(uniqueKeysWithValues: objects.values.map { ($0.number, $0.name) })
        var offset = 0
        var skips: [String: Int64] = [:]
        var through: Int64 = 0
        var loads: [(StreamView, Int64, [UInt8])] = []
        for _ in 0..<Int(try body.integer(UInt32.self, at: &offset)) {
            guard offset < body.count else { throw .damagedRows }
            let kind = body[offset]
            offset += 1
            let number = Int64(bitPattern: try body.integer(UInt64.self, at: &offset))
            let position = Int64(bitPattern: try body.integer(UInt64.self, at: &offset))
            let count = Int(try body.integer(UInt32.self, at: &offset))
            guard offset + count <= body.count else { throw .damagedRows }
            let part = Array(body[offset..<offset + count])
            offset += count
            guard let name = names[number] else { continue }
            through = max(through, position)
            if kind == 1 {
                if let view = views[name] { loads.append((view, position, part)) }
            } else if let buffer = buffers[name], let columns = columns(of: name) {
                if kind == 3 {
                    try load(part, into: buffer, types: columns.map(\.type))
                } else {
                    try loadEntries(part, into: buffer, types: columns.map(\.type))
                }
                skips[name] = position
            }
        }
        for (view, position, part) in loads { try view.load(position: position, part) }
        return (skips, through)
    }

    /// Rows with their epochs and weights behind them.
    private func load(_ bytes: [UInt8], into buffer: OutputBuffer, types: [DataType]) throws(LeibrixError) {
        var offset = 0
        buffer.load(lostThrough: Int64(bitPattern: try bytes.integer(UInt64.self, at: &offset)))
        for _ in 0..<Int(try bytes.integer(UInt32.self, at: &offset)) {
            let batch = try BatchCoding.read(bytes, at: &offset, types: types + [.bigInt, .integer])
            let (epochs, weights) = (batch.columns[types.count], batch.columns[types.count + 1])
            buffer.load(
                batch.prefix(columnCount: types.count), position: { epochs.load($0, as: Int64.self) }, weight: { Int(weights.load($0, as: Int32.self)) })
        }
    }

    /// One entry a record: position, whether there are weights, rows, weights.
    private func loadEntries(_ bytes: [UInt8], into buffer: OutputBuffer, types: [DataType]) throws(LeibrixError) {
        var offset = 0
        buffer.load(lostThrough: Int64(bitPattern: try bytes.integer(UInt64.self, at: &offset)))
        for _ in 0..<Int(try bytes.integer(UInt32.self, at: &offset)) {
            let position = Int64(bitPattern: try bytes.integer(UInt64.self, at: &offset))
            guard offset < bytes.count else { throw .damagedRows }
            let isWeighted = bytes[offset] == 1
            offset += 1
            let batch = try BatchCoding.read(bytes, at: &offset, types: types)
            let first = offset
            if isWeighted { offset += batch.rowCount }
            guard offset <= bytes.count else { throw .damagedRows }
            buffer.load(batch, position: { _ in position }, weight: { isWeighted ? Int(Int8(bitPattern: bytes[first + $0])) : 1 })
        }
    }
}

extension CheckpointRecord {
    var json: JSON {
        [
            "number": .integer(Int64(number)), "position": .integer(position), "created": .integer(createdMicros),
            "duration": .integer(durationMicros), "bytes": .integer(Int64(bytes)), "log": .string(String(logEnd)),
            "objects": .array(objects.map { .integer($0) }), "following": following.json,
            "voided": .array(voided.map { .array([.integer($0.behind), .integer($0.through)]) }),
        ]
    }

    init?(json: JSON) {
        guard let number = json["number"]?.integer, let position = json["position"]?.integer, let log = json["log"]?.string.flatMap({ UInt64($0) }),
            let objects = json["objects"]?.array
        else { return nil }
        self.init(
            number: Int(number), position: position, createdMicros: json["created"]?.integer ?? 0, durationMicros: json["duration"]?.integer ?? 0,
            bytes: Int(json["bytes"]?.integer ?? 0), logEnd: log, objects: objects.compactMap(\.integer),
            following: json["following"].map { TableFollowing(json: $0) } ?? TableFollowing(),
            voided: (json["voided"]?.array ?? []).compactMap(\.array).filter { $0.count == 2 }.compactMap { pair in
                guard let behind = pair[0].integer, let through = pair[1].integer else { return nil }
                return VoidEpochs(behind: behind, through: through)
            })
    }
}

extension TableFollowing {
    var json: JSON {
        [
            "members": .array(members.sorted().map { .integer($0) }), "reader": .string(reader), "position": .string(String(position)),
            "commit": .string(String(commit)), "tables": .array(tables.map { .integer(Int64($0)) }),
        ]
    }

    init(json: JSON) {
        members = Set(json["members"]?.array?.compactMap(\.integer) ?? [])
        reader = json["reader"]?.string ?? ""
        position = json["position"]?.string.flatMap { UInt64($0) } ?? 0
        commit = json["commit"]?.string.flatMap { UInt64($0) } ?? 0
        tables = (json["tables"]?.array ?? []).compactMap { $0.integer.map { UInt32(truncatingIfNeeded: $0) } }
    }
}
