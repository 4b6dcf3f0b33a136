// After a restart: the store says what was READY, the segment files are mapped, and served before any source is asked.
//
// Mapping checks a file's structure. Its content is verified by whoever reads it first: a statement's scan, chunk by chunk, or
// `verifyRecovered`, which goes through all of it in the background and before a dataset's first refresh. So a damaged file
// never answers: a statement that meets it first fails, and the dataset is not served until a load has made it whole.
//
//   record at the crash     what happens
//   LOADING, VALIDATING     files and record are deleted; the dataset is loaded again by its next refresh
//   READY                   mapped; a damaged or missing file takes the record away, and the dataset is not served until a
//                           load has made its set whole, whenever the damage is found
//   RETIRING                files and record are deleted
//   FAILED                  kept, with the reason
//   folder without record   deleted
internal import Base
internal import Catalog
internal import ColumnStore
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    func recover() async throws(LeibrixError) {
        let stored = try await keeperPool.run { [self] () throws(LeibrixError) in try sweep() }
        state.withLock { state in
            state.catalogs = stored.catalogs
            for (key, record) in stored.datasets {
                state.datasets[key] = DatasetState(record: record, schedule: PollSchedule(periodMS: record.spec.refreshMS, nowMS: nowMS))
            }
        }
        let byDataset = Dictionary(grouping: stored.epochs.filter { stored.datasets[$0.datasetKey] != nil }, by: \.datasetKey)
        for (key, record) in stored.datasets.sorted(by: { $0.key < $1.key }) {
            await recover(key, record, byDataset[key] ?? [])
        }
    }

    /// Deletes what a crash left, and returns what is left of the records.
    private func sweep() throws(LeibrixError) -> ControlState {
        var stored = try store.load()
        var writes: [ControlWrite] = []
        var kept: [EpochRecord] = []
        for epoch in stored.epochs {
            let isLive = stored.datasets[epoch.datasetKey] != nil && (epoch.state == .ready || epoch.state == .failed)
            if isLive { kept.append(epoch) } else {
                writes.append(.delete(.epoch(epoch.datasetKey, epochID: epoch.epochID, version: epoch.version)))
            }
        }
        stored.epochs = kept
        try removeOrphans(Set(kept.flatMap { $0.segments.map(\.path) }))
        if !writes.isEmpty { try store.commit(writes) }
        return stored
    }

    private func removeOrphans(_ known: Set<String>) throws(LeibrixError) {
        guard Files.exists(segmentsDirectory) else { return }
        for folder in try Files.list(segmentsDirectory) where folder.isDirectory {
            let path = segmentsDirectory + "/" + folder.name
            let files = try Files.list(path).filter { !known.contains("segments/\(folder.name)/\($0.name)") }
            for file in files { try Files.remove(path + "/" + file.name) }
            if try Files.list(path).isEmpty { try Files.removeTree(path) }
        }
    }

    private func recover(_ key: TenantName, _ record: DatasetRecord, _ epochs: [EpochRecord]) async {
        var resident: [ResidentEpoch] = []
        var damaged: [(EpochRecord, LeibrixError)] = []
        for epoch in epochs where epoch.state == .ready {
            do throws(LeibrixError) {
                let segments = try mapped(epoch)
                resident.append(ResidentEpoch(record: epoch, machine: EpochMachine(recovered: .ready), segments: segments))
            } catch { damaged.append((epoch, error)) }
        }
        for epoch in epochs where epoch.state == .failed {
            let machine = EpochMachine(recovered: .failed(epoch.reason ?? ""))
            resident.append(ResidentEpoch(record: epoch, machine: machine))
        }
        let wasReady = record.flippedMicros != nil
        let (found, broken) = (resident, damaged)
        let result: Result<Void, LeibrixError>
        do throws(LeibrixError) {
            try await keeperPool.run { [self] () throws(LeibrixError) in
                try discard(broken)
                try restore(key, record, found, isWhole: wasReady && broken.isEmpty)
            }
            result = .success(())
        } catch { result = .failure(error) }
        if case .failure(let error) = result {
            Log.error("dataset.recover", .text("dataset", key.name), .text("error", error.description))
        }
        if !wasReady || !damaged.isEmpty { request(key, isForced: true, waiter: nil) }
    }

    private func mapped(_ epoch: EpochRecord) throws(LeibrixError) -> [MappedSegment] {
        var segments: [MappedSegment] = []
        for file in epoch.segments {
            let segment = try SegmentFile.map(configuration.dataDirectory + "/" + file.path)
            guard segment.checksum == file.checksum, Int64(segment.rows) == file.rows else {
                throw LeibrixError(.corruptSegment, "segment file \(file.path) is not the one that was written for epoch \(epoch.epochID)")
            }
            segments.append(segment)
        }
        return segments
    }

    /// A damaged epoch is as if it had never been loaded.
    func discard(_ damaged: [(EpochRecord, LeibrixError)]) throws(LeibrixError) {
        for (epoch, error) in damaged {
            Log.error("epoch.damaged", .text("dataset", epoch.dataset), .text("epoch", epoch.epochID), .text("error", error.description))
            try removeFiles(epoch.segments.map(\.path))
            try store.commit([.delete(.epoch(epoch.datasetKey, epochID: epoch.epochID, version: epoch.version))])
        }
    }

    private func restore(
        _ key: TenantName, _ record: DatasetRecord, _ epochs: [ResidentEpoch], isWhole: Bool
    ) throws(LeibrixError) {
        let ready = epochs.filter { $0.machine.state == .ready }
        let snapshot = isWhole ? try makeSnapshot(key, record.columns, ready) : nil
        publishing.withLock { _ in
            let executors = state.withLock { state -> [EngineState.Executor] in
                guard var dataset = state.datasets[key] else { return [] }
                for var epoch in epochs {
                    if snapshot != nil, epoch.machine.state == .ready { epoch.pins = 1 }
                    dataset.epochs[epoch.record.versionKey] = epoch
                }
                dataset.needsReload = !isWhole
                dataset.published = snapshot
                state.datasets[key] = dataset
                return state.executors.filter { $0.tenant == nil || $0.tenant == key.tenant }
            }
            guard let snapshot else { return }
            for executor in executors { publish(.put(schema: Self.schema, name: key.name, snapshot), to: executor) }
        }
        if isWhole { Log.info("dataset.mapped", .text("dataset", key.name), .number("epochs", ready.count)) }
    }
}
