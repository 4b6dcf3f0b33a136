internal import Base
internal import Columnar
internal import ControlStore
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

extension StreamHost {
    /// What a restart goes through, before anybody else has the host.
    ///
    ///   1. the objects that CREATE left in the control store, in their order
    ///   2. the newest checkpoint that is whole: its objects are made, the engine restored, views and buffers put back
    ///   3. the log behind it: objects made later are made at their place, records are told to the engine
    func recover() throws(LeibrixError) {
        var objects: [StreamObject] = []
        for (name, value) in try store.load().settings where name.hasPrefix(keyPrefix) {
            guard let object = (try? JSON.parse(value)).flatMap({ StreamObject(json: $0) }) else {
                throw LeibrixError(.io, "the control store holds a stream that cannot be read: \(name)", hint: "Restore control.db from a backup.")
            }
            objects.append(object)
        }
        objects.sort { $0.number < $1.number }
        state.withLock { $0.nextNumber = (objects.flatMap(\.numbers).max() ?? 0) + 1 }
        guard let directory = configuration.directory else {
            try makeCounter()
            let last = objects.map(\.createdAt).max() ?? 0
            state.withLock { ($0.position, $0.durable) = (last, last) }
            for step in HistoryStep.steps(objects) { try take(step) }
            return
        }
        try Files.createDirectory(directory)
        try Files.createDirectory(directory + "/host")
        let checkpoints = try CheckpointStore(directory: directory + "/checkpoints", keep: StreamHostLimits.checkpointsKept)
        checkpointStore = checkpoints
        let records = try checkpointRecords(directory)
        state.withLock { $0.checkpoints = records }
        let restored = try restoreNewest(records, objects, checkpoints, directory)
        try replay(directory, from: restored, objects)
        for object in objects { startSink(object) }
        let last = state.withLock { $0.position }
        becameDurable(last)
    }

    private func makeCounter() throws(LeibrixError) {
        try engine.createSource(SourceDefinition(Self.logSource, [DataType.Field("n", .bigInt)]))
        let handle = try engine.source(Self.logSource)
        state.withLock { $0.handles[Self.logSource] = handle }
    }

    private func checkpointRecords(_ directory: String) throws(LeibrixError) -> [CheckpointRecord] {
        var records: [CheckpointRecord] = []
        for entry in try Files.list(directory + "/host") where entry.name.hasSuffix(".json") {
            guard let bytes = try? Files.read(directory + "/host/" + entry.name), let json = try? JSON.parse(utf8: bytes),
                let record = CheckpointRecord(json: json)
            else { continue }
            records.append(record)
        }
        return records.sorted { $0.number < $1.number }
    }

    /// What is restored: the position the engine is at, and up to where each buffer has its rows.
    struct Restored {
        var position: Int64 = 0
        var log: LSN?
        var skips: [String: Int64] = [:]
        var objects: Set<Int64> = []
        /// The last position that rows of views and buffers are of.
        var through: Int64 = 0
    }

    /// Damaged checkpoints are passed over, with a warning.
    func restoreNewest(
        _ records: [CheckpointRecord], _ objects: [StreamObject], _ checkpoints: CheckpointStore, _ directory: String
    ) throws(LeibrixError) -> Restored {
        for record in records.reversed() {
            do throws(LeibrixError) {
                return try restore(record, objects, checkpoints, directory)
            } catch {
                Log.warning("streams.checkpoint.damaged", .number("checkpoint", record.number), .text("error", error.message))
                state.withLock { $0.damaged[record.number] = error.message }
                startAgain()
            }
        }
        if let newest = records.last {
            throw LeibrixError(
                .streamCheckpointCorrupt, "no checkpoint of the streams is whole, the newest being \(newest.number)",
                hint: "Restore the directory \(directory) from a backup; without it the streams begin anew.")
        }
        try makeCounter()
        return Restored()
    }

    /// Forgets what a checkpoint that turned out to be damaged has left.
    func startAgain() {
        engine = StreamEngine(clock: moment.clock, cores: configuration.cores)
        state.withLock { state in
            var fresh = State()
            (fresh.nextNumber, fresh.checkpoints, fresh.damaged) = (state.nextNumber, state.checkpoints, state.damaged)
            fresh.intakes = state.intakes
            state = fresh
        }
    }

    func restore(
        _ record: CheckpointRecord, _ objects: [StreamObject], _ checkpoints: CheckpointStore, _ directory: String
    ) throws(LeibrixError) -> Restored {
        try makeCounter()
        let known = Set(record.objects)
        for step in HistoryStep.steps(objects) where known.contains(step.number) { try take(step) }
        _ = try engine.restore(checkpoints, number: record.number)
        var restored = Restored()
        restored.position = Int64(try engine.source(Self.logSource).offset)
        restored.log = LSN(rawValue: record.logEnd)
        restored.objects = known
        (restored.skips, restored.through) = try loadRows(try Files.read("\(directory)/host/\(record.number).rows"))
        restored.through = max(restored.through, restored.position)
        let position = restored.position
        let following = record.following
        state.withLock { state in
            (state.position, state.voided) = (position, record.voided)
            state.following = following
            state.following.members.formIntersection(state.objects.values.map(\.number))
        }
        follower.clock.mark(position, following.commit)
        return restored
    }

    private func replay(_ directory: String, from restored: Restored, _ objects: [StreamObject]) throws(LeibrixError) {
        var later = HistoryStep.steps(objects).filter { !restored.objects.contains($0.number) }[...]
        guard configuration.keepsLog else {
            for step in later { try take(step) }
            state.withLock { $0.durable = $0.position }
            return
        }
        let skips = restored.skips
        let from = restored.log.flatMap { $0 == .zero ? nil : $0 }
        var end = LSN.zero
        let made = try WriteAheadLog(LogConfiguration(directory: directory + "/log", clock: configuration.clock), from: from) { (record) throws(LeibrixError) in
            end = record.end
            let number = Int64(record.transaction)
            guard number > restored.position else { return }
            while let next = later.first, next.position < number {
                later.removeFirst()
                try self.take(next)
            }
            try self.tell(record, number)
            for (name, position) in skips where position >= number { self.state.withLock { $0.buffers[name] }?.dropRows(of: number) }
            self.becameDurable(number)
        }
        for step in later { try take(step) }
        log = made
        let position = state.withLock { $0.position }
        state.withLock { state in
            state.logEnd = end == .zero ? from ?? .zero : end
            state.durable = position
        }
    }

    /// Tells the engine a record again. What failed then fails now.
    func tell(_ record: LogRecord, _ number: Int64) throws(LeibrixError) {
        moment.enter(number, micros: try InputRecord.micros(record.payload))
        state.withLock { $0.position = number }
        countRecord()
        guard record.kind == InputRecord.answeredKind else { return try tell(record.kind, record.payload) }
        let answered = try AnsweredRecord(record.payload)
        lookups.replay(answered.answers)
        try tell(answered.kind, answered.payload)
        _ = lookups.take()
    }

    private func tell(_ kind: LogKind, _ payload: [UInt8]) throws(LeibrixError) {
        switch kind {
        case InputRecord.tickKind: engine.tick()
        case InputRecord.rowsKind:
            var offset = 0
            let head = try InputRecord.head(payload, &offset)
            let (name, handle) = state.withLock { state -> (String?, SourceHandle?) in
                let name = state.objects.values.first { $0.number == head.object }?.name
                return (name, name.flatMap { state.handles[$0] })
            }
            guard let name, let handle, let object = object(name) else { return }
            let types = object.types(at: state.withLock { $0.position })
            var batches: [Batch] = []
            while offset < payload.count { batches.append(try BatchCoding.read(payload, at: &offset, types: types)) }
            try? Self.push(batches, head.position, handle)
        case InputRecord.endKind:
            let number = try InputRecord.object(payload)
            let handle = state.withLock { state in state.objects.values.first { $0.number == number }.flatMap { state.handles[$0.name] } }
            handle?.end()
        case InputRecord.changesKind:
            let object = try InputRecord.object(payload)
            let types = state.withLock { $0.followedTypes(object) }
            take(try ChangeRecord(payload, types: types))
        case InputRecord.followKind: join(try FollowRecord(payload))
        case InputRecord.timeKind:
            let number = try InputRecord.object(payload)
            let handle = state.withLock { state in state.objects.values.first { $0.number == number }.flatMap { state.handles[$0.name] } }
            handle?.watermark(try InputRecord.time(payload))
        default: throw LeibrixError(.corruptLog, "the streams' log holds a record of kind \(kind.rawValue)")
        }
    }
}
