// Who holds an epoch, and its end. A published snapshot pins every epoch in it; DuckDB lets go of a snapshot after the
// last transaction that saw it.
internal import Base
internal import Catalog
internal import ColumnStore
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    /// A snapshot of these epochs that counts as one pin of each until it is let go of.
    func makeSnapshot(
        _ key: TenantName, _ columns: [ColumnDefinition], _ epochs: [ResidentEpoch]
    ) throws(LeibrixError) -> RelationSnapshot {
        let relation = columns.map { RelationColumn($0.name, $0.type) }
        var groups: [RowGroup] = []
        for epoch in epochs.sorted(by: Self.isEarlier) {
            for segment in epoch.segments { groups += try segment.rowGroups(for: relation) }
        }
        let versions = epochs.map(\.record.versionKey)
        return try RelationSnapshot(columns: relation, rowGroups: groups) { [weak self] in self?.released(key, versions) }
    }

    private static func isEarlier(_ a: ResidentEpoch, _ b: ResidentEpoch) -> Bool {
        (a.record.range?.startMS ?? .min, a.record.epochID) < (b.record.range?.startMS ?? .min, b.record.epochID)
    }

    /// Runs on whatever thread let go last: no DuckDB and no disk here.
    private func released(_ key: TenantName, _ versions: [EpochVersion]) {
        let done = state.withLock { state in
            versions.filter { version in
                if state.datasets[key]?.epochs[version] != nil {
                    state.datasets[key]?.epochs[version]?.pins -= 1
                    return false
                }
                guard var epoch = state.retiring[version] else { return false }
                epoch.pins -= 1
                let actions = epoch.machine.handle(.unpinned)
                state.retiring[version] = epoch
                return actions.contains(.deleteFiles)
            }
        }
        for version in done { startDeleting(version) }
    }

    func startDeleting(_ version: EpochVersion) {
        keeperPool.start { [weak self] in self?.delete(version) }
    }

    /// Files first, then the record: a crash between them finds the record and deletes again.
    private func delete(_ version: EpochVersion) {
        guard let record = state.withLock({ $0.retiring[version]?.record }) else { return }
        faults.reach(.beforeDeleting)
        do throws(LeibrixError) {
            try removeFiles(record.segments.map(\.path))
            faults.reach(.afterDeleting)
            try store.commit([.delete(.epoch(record.datasetKey, epochID: record.epochID, version: record.version))])
        } catch {
            Log.warning("epoch.delete", .text("dataset", record.dataset), .text("epoch", record.epochID), .text("error", error.description))
        }
        let gone = state.withLock { state in
            var epoch = state.retiring[version]
            _ = epoch?.machine.handle(.deleted)
            return state.retiring.removeValue(forKey: version)
        }
        _ = gone
    }

    /// Paths relative to the data directory; a load's folder goes with its last file.
    func removeFiles(_ paths: [String]) throws(LeibrixError) {
        for path in paths { try Files.remove(configuration.dataDirectory + "/" + path) }
        for folder in Set(paths.compactMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } }) {
            let full = configuration.dataDirectory + "/" + folder
            guard Files.exists(full), try Files.list(full).isEmpty else { continue }
            try Files.removeTree(full)
        }
    }
}
