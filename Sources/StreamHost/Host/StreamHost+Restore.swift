// RESTORE FROM CHECKPOINT n: the streams go back to what they were at an older checkpoint; what was pushed since is forgotten.
//
// Epochs never go back. Those behind the checkpoint, up to the moment of the restore, are void: their rows are no longer there, nobody
// can ask for rows behind one of them (AS OF EPOCH), and the next rows have greater ones. So what sinks and readers remember stays
// right. Sources with a connector read again from where they stood; who pushes, pushes again. A sink cannot take back what it has
// written: with sinks that are ahead of the checkpoint it is refused unless forced, and then they keep what they have and take what comes.
//
//   1. pushes, definitions, sinks and connectors rest
//   2. in memory: engine, views and buffers of the checkpoint, and the few records of the log that their rows are ahead of it
//   3. objects made since are made again, with nothing in them
//   4. a checkpoint of that, from which the log goes on   (a crash before: nothing was restored)
//   5. older checkpoints go: the log behind them is void
public import Base
internal import Columnar
internal import DuckDBKit
internal import Platform
internal import StreamEngine
internal import Synchronization
internal import WriteAheadLog

/// Epochs whose rows were taken back: behind the first, up to the second.
struct VoidEpochs: Sendable, Hashable {
    var behind: Int64
    var through: Int64
}

extension StreamHost {
    /// Goes back to a checkpoint. Returns the epoch whose rows are there now. Blocks, and everybody waits meanwhile. Readers of streams are ended.
    ///
    /// Throws `streamNoCheckpoint` for one that is not kept, `streamCheckpointCorrupt`, and without `isForced` `streamInUse` with the sinks that have
    /// written rows behind it. What cannot be restored leaves the newest state.
    public func restore(checkpoint number: Int, isForced: Bool = false) throws(LeibrixError) -> Int64 {
        try defining { () throws(LeibrixError) in
            guard let store = checkpointStore, let directory = configuration.directory else {
                throw LeibrixError(.streamNoCheckpoint, "there are no checkpoints: the streams are in memory", hint: "Open the database with a directory.")
            }
            let records = state.withLock { $0.checkpoints }
            guard let record = records.first(where: { $0.number == number }) else {
                let known = records.map { "\($0.number)" }.joined(separator: ", ")
                throw LeibrixError(
                    .streamNoCheckpoint, "checkpoint \(number) does not exist",
                    hint: known.isEmpty ? "CHECKPOINT makes one." : "There are \(known): SHOW CHECKPOINT STATUS.")
            }
            guard log != nil else {
                throw LeibrixError(
                    .streamNotSupported, "streams that keep no log do not go back", hint: "Open the database with a directory.", sqlState: "55000")
            }
            if let follower = objects.first(where: { !$0.tables.isEmpty }) {
                throw LeibrixError(
                    .streamNotSupported, "\(follower.kind.rawValue.lowercased()) \"\(follower.name)\" follows tables, which do not go back",
                    hint: "DROP it, and make it again from the tables as they are.", sqlState: "55000")
            }
            if !isForced { try checkSinks(record) }
            stopRunners()
            defer { startRunners() }
            closeSinks()
            let reached = try atRest { () throws(LeibrixError) in try goBack(to: record, store, directory) }
            for object in objects { startSink(object) }
            try publishViews()
            _ = try checkpointAlone()
            for old in records { removeCheckpoint(old.number, directory) }
            state.withLock { state in state.checkpoints.removeAll { old in records.contains { $0.number == old.number } } }
            return reached
        }
    }

    private func checkSinks(_ record: CheckpointRecord) throws(LeibrixError) {
        let ahead = state.withLock { $0.sinks }.filter { $0.value.status.position > record.position }.map(\.key).sorted()
        guard ahead.isEmpty else {
            throw LeibrixError(
                .streamInUse, "sinks have written rows behind checkpoint \(record.number), which would be written again", detail: ahead.map { "sink \($0)" }.joined(separator: "\n"),
                hint: "DROP SINK, or RESTORE FROM CHECKPOINT \(record.number) FORCE: what they have written stays.")
        }
    }

    /// Steps 2 and 3, between two records.
    private func goBack(to record: CheckpointRecord, _ store: CheckpointStore, _ directory: String) throws(LeibrixError) -> Int64 {
        let (now, end) = state.withLock { ($0.position, $0.logEnd) }
        try settle(now, log == nil ? nil : end)
        let known = objects
        let voided = state.withLock { $0.voided }
        isRecovering = true
        defer { isRecovering = false }
        let reached: Int64
        do throws(LeibrixError) {
            closeReaders()
            startAgain()
            let restored = try restore(record, known, store, directory)
            reached = try goOn(restored, known)
        } catch {
            // The state there was is still whole on the disk.
            startAgain()
            let whole = state.withLock { $0.checkpoints }
            let restored = try restoreNewest(whole, known, store, directory)
            _ = try goOn(restored, known, through: now)
            state.withLock { ($0.logEnd, $0.voided) = (end, voided) }
            throw error
        }
        try countUp(to: now, from: reached)
        state.withLock { state in
            (state.position, state.durable, state.logEnd) = (now, now, end)
            state.voided = voided.filter { $0.behind < reached }.map { VoidEpochs(behind: $0.behind, through: min($0.through, reached)) }
            if now > reached { state.voided.append(VoidEpochs(behind: reached, through: now)) }
        }
        becameDurable(now)
        return reached
    }

    /// The records behind a checkpoint that its rows are ahead of it, or all up to a position; then the objects made later.
    private func goOn(_ restored: Restored, _ objects: [StreamObject], through wanted: Int64? = nil) throws(LeibrixError) -> Int64 {
        var later = HistoryStep.steps(objects).filter { !restored.objects.contains($0.number) }[...]
        let through = wanted ?? restored.through
        if let log, let from = restored.log, through > restored.position {
            var reader = try log.read(from: from)
            while let record = try reader.next() {
                let number = Int64(record.transaction)
                if number > through { break }
                if number <= restored.position { continue }
                while let next = later.first, next.position < number {
                    later.removeFirst()
                    try take(next)
                }
                try tell(record, number)
                for (name, position) in restored.skips where position >= number { state.withLock { $0.buffers[name] }?.dropRows(of: number) }
                becameDurable(number)
            }
        }
        for step in later { try take(step) }
        return max(through, restored.position)
    }

    /// The engine's count of records goes on where it was: positions are never used twice.
    private func countUp(to now: Int64, from reached: Int64) throws(LeibrixError) {
        let counter = try engine.source(Self.logSource)
        let field = DataType.Field("n", .bigInt)
        var left = Int(now) - counter.offset
        while left > 0 {
            let count = min(left, 1_024)
            try counter.push(Batch.rows([[Value]](repeating: [.integer(1)], count: count), [field]))
            left -= count
        }
    }

    /// Those who read are ended: what they have seen may be void.
    private func closeReaders() {
        let (buffers, views) = state.withLock { ($0.buffers, $0.views) }
        for view in views.values { view.close() }
        for buffer in buffers.values { buffer.close() }
    }

    /// Views are other ones now, under their names.
    private func publishViews() throws(LeibrixError) {
        guard let catalog = relations.withLock({ $0 }) else { return }
        let views = state.withLock { $0.views }
        try catalog.publish(views.keys.map { .drop(schema: "public", name: $0) })
        try catalog.publish(views.map { name, view in Self.relation(name, view) })
    }

    func removeCheckpoint(_ number: Int, _ directory: String) {
        for suffix in ["json", "rows"] { try? Files.remove("\(directory)/host/\(number).\(suffix)") }
    }

    /// Throws for an epoch that RESTORE has taken back.
    func checkEpoch(_ epoch: Int64) throws(LeibrixError) {
        guard let range = state.withLock({ $0.voided.first { epoch > $0.behind && epoch < $0.through } }) else { return }
        throw LeibrixError(
            .streamRejected, "epoch \(epoch) was taken back by RESTORE FROM CHECKPOINT",
            hint: "Rows up to epoch \(range.behind) are as they were: begin again behind it, or behind \(range.through) for new rows only.")
    }
}
