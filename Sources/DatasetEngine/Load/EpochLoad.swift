// The epochs of one plan on their way to READY: each has a machine, a record and a writer. The writers of a group take the
// rows of one statement.
internal import Base
internal import Catalog
internal import Columnar
internal import ColumnStore
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

final class EpochLoad {
    struct Epoch {
        var planned: PlannedEpoch
        var record: EpochRecord
        var machine = EpochMachine()
        var files: [SegmentSummary] = []
    }

    let engine: DatasetEngine
    let plan: LoadPlan
    let loadID: Int64
    let version: Int64
    private(set) var epochs: [Int64: Epoch] = [:]
    private let counted = LoadCounters()
    private let folder: String
    private var writers: [Int64: SegmentWriter] = [:]

    /// Refuses what the budget cannot hold, then commits a LOADING record for every epoch.
    init(engine: DatasetEngine, plan: LoadPlan, loadID: Int64) throws(LeibrixError) {
        self.engine = engine
        self.plan = plan
        self.loadID = loadID
        version = try engine.store.nextVersion()
        folder = "segments/\(Self.safe(plan.dataset.name)).\(version)"
        let estimate = LoadPlan.estimatedBytes(rows: plan.rows, columns: plan.columns)
        try Self.admit(engine, estimate, plan)
        for planned in plan.loads { epochs[planned.key] = Epoch(planned: planned, record: record(planned)) }
        try engine.store.commit(epochs.values.map { .put(.epoch($0.record)) })
        engine.show(self)
        engine.faults.reach(.afterPlanning)
    }

    private static func admit(_ engine: DatasetEngine, _ bytes: Int64, _ plan: LoadPlan) throws(LeibrixError) {
        try engine.state.withLock { state throws(LeibrixError) in
            try state.checkBudget(bytes, for: "loading \(plan.rows) rows of dataset \"\(plan.dataset.name)\"")
        }
    }

    private static func safe(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "_" }.prefix(40))
    }

    private func record(_ planned: PlannedEpoch) -> EpochRecord {
        EpochRecord(
            tenant: plan.dataset.tenant, dataset: plan.dataset.name, epochID: planned.slot.epochID, version: version,
            range: plan.keys.timeColumn == nil ? nil : planned.slot.range, dimensionValues: planned.slot.dimensionValues,
            snapshotID: plan.table.snapshotID, sourceMark: planned.sourceMark, columns: plan.columns,
            createdMicros: engine.nowMicros)
    }

    var records: [EpochRecord] { epochs.values.map(\.record) }

    /// Reads every group and leaves synced files. One statement a group.
    func write(_ connection: Connection) throws(LeibrixError) {
        engine.updateLoad(loadID) { [plan] load in
            load.phase = .loading
            load.snapshotID = plan.table.snapshotID
            load.epochsTotal = plan.loads.count
            load.rowsTotal = plan.rows
        }
        let directory = engine.configuration.dataDirectory + "/" + folder
        if plan.rows > 0 { try Files.createDirectory(directory) }
        for group in plan.groups(threads: engine.loader.threads) { try write(group, directory, connection) }
        for key in epochs.keys where epochs[key]?.planned.expected.rows == 0 { written(key, []) }
        engine.faults.reach(.afterLoading)
    }

    private func write(_ group: [PlannedEpoch], _ directory: String, _ connection: Connection) throws(LeibrixError) {
        let columns = plan.columns.map { RelationColumn($0.name, $0.type) }
        let options = SegmentWriterOptions(metadata: ["dataset": plan.dataset.name]) { [counted, engine, plan] bytes throws(LeibrixError) in
            try counted.reserve(bytes, engine, plan.dataset.name)
        }
        for planned in group {
            writers[planned.key] = try SegmentWriter(
                directory: directory, name: planned.slot.epochID, columns: columns, options: options)
        }
        let router = EpochRouter(writers: writers, columnCount: columns.count) { [engine, loadID] rows in
            engine.updateLoad(loadID) { $0.rowsDone += Int64(rows) }
        }
        try connection.copy(plan.query(group), into: router)
        engine.faults.reach(.whileLoading)
        for planned in group {
            guard let writer = writers.removeValue(forKey: planned.key) else { continue }
            written(planned.key, try writer.finish())
        }
    }

    private func written(_ key: Int64, _ files: [SegmentSummary]) {
        guard var epoch = epochs[key] else { return }
        epoch.files = files.filter { $0.rows > 0 }
        epoch.record.rows = files.reduce(0) { $0 + Int64($1.rows) }
        epoch.record.bytes = epoch.files.reduce(0) { $0 + Int64($1.bytes) }
        let root = engine.configuration.dataDirectory.count + 1
        epoch.record.segments = epoch.files.map {
            SegmentRecord(path: String($0.path.dropFirst(root)), rows: Int64($0.rows), bytes: Int64($0.bytes), checksum: $0.checksum)
        }
        if let low = epoch.planned.expected.minMicros, let high = epoch.planned.expected.maxMicros {
            epoch.record.timeBounds = TimeBounds(
                minMS: low.flooredDivision(by: 1_000).quotient, maxMS: high.flooredDivision(by: 1_000).quotient)
        }
        _ = epoch.machine.handle(.written(rows: epoch.record.rows))
        epoch.record.state = .validating
        epochs[key] = epoch
        engine.updateLoad(loadID) { load in
            load.epochsDone += 1
            load.bytesDone += epoch.record.bytes
        }
    }

    /// Compares every epoch with the source. Throws `validationFailed` for the first that disagrees; none is READY then.
    func validate() throws(LeibrixError) {
        try engine.store.commit(epochs.values.map { .put(.epoch($0.record)) })
        engine.updateLoad(loadID) { $0.phase = .validating }
        engine.show(self)
        engine.faults.reach(.whileValidating)
        let time = plan.keys.timeColumn.flatMap { name in
            plan.columns.firstIndex { $0.name.lowercased() == name.lowercased() }.map { ($0, plan.columns[$0].type) }
        }
        for key in epochs.keys.sorted() {
            guard var epoch = epochs[key] else { continue }
            if let reason = EpochValidation.disagreement(epoch.planned, epoch.files, time: time) {
                _ = epoch.machine.handle(.disagreed(reason))
                epochs[key] = epoch
                throw LeibrixError(
                    .validationFailed, "epoch \(epoch.record.epochID) of dataset \"\(plan.dataset.name)\" does not agree with its source: \(reason)",
                    hint: "The epochs that were READY keep serving; the load is tried again by itself.")
            }
            _ = epoch.machine.handle(.agreed)
            epochs[key] = epoch
        }
        engine.faults.reach(.beforeFlip)
    }

    /// The epochs as READY, mapped.
    func resident() throws(LeibrixError) -> [ResidentEpoch] {
        var resident: [ResidentEpoch] = []
        for epoch in epochs.values {
            var epoch = epoch
            epoch.record.state = .ready
            epoch.record.readyMicros = engine.nowMicros
            _ = epoch.machine.handle(.flipped)
            var segments: [MappedSegment] = []
            for file in epoch.files { segments.append(try SegmentFile.map(file.path, writtenHere: file)) }
            resident.append(ResidentEpoch(record: epoch.record, machine: epoch.machine, segments: segments))
        }
        return resident
    }

    /// The bytes written are the epochs' from now on.
    func handOver() { counted.giveBack(engine) }

    /// Deletes everything that was written.
    func abandon() {
        for writer in writers.values { writer.abandon() }
        writers = [:]
        counted.giveBack(engine)
        let directory = engine.configuration.dataDirectory + "/" + folder
        do throws(LeibrixError) {
            try Files.removeTree(directory)
        } catch {
            Log.warning("load.abandon", .text("directory", directory), .text("error", error.description))
        }
    }
}

/// Bytes that a running load has written, counted against the budget as they are written.
final class LoadCounters: Sendable {
    private let bytes = Mutex<Int64>(0)

    func reserve(_ more: Int, _ engine: DatasetEngine, _ dataset: String) throws(LeibrixError) {
        try engine.state.withLock { state throws(LeibrixError) in
            try state.checkBudget(Int64(more), for: "the next row group of dataset \"\(dataset)\"")
            state.loadingBytes += Int64(more)
        }
        bytes.withLock { $0 += Int64(more) }
    }

    func giveBack(_ engine: DatasetEngine) {
        let all = bytes.withLock { bytes in
            defer { bytes = 0 }
            return bytes
        }
        engine.state.withLock { $0.loadingBytes -= all }
    }
}
