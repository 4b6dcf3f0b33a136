// The content of recovered epochs: read to its end once, so that damage is found before statements meet it, and taken out of
// service where it is found.
internal import Base
internal import Catalog
internal import ColumnStore
internal import ControlStore
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    /// Verifies all that was recovered, behind everything else that runs.
    func startVerifying() {
        verifyPool.start { [weak self] in
            guard let keys = self?.state.withLock({ Array($0.datasets.keys) }) else { return }
            let begun = Clock.system.monotonicNanos()
            var found = false
            for key in keys {
                guard let self, !state.withLock({ $0.isStopping }) else { return }
                if !verifyRecovered(key) {
                    found = true
                    request(key, isForced: true, waiter: nil)
                }
            }
            Log.debug(
                "segments.verified", .text("damage", found ? "found" : "none"),
                .number("elapsed_ms", (Clock.system.monotonicNanos() - begun) / 1_000_000))
        }
    }

    /// Verifies what is not yet verified of a dataset's epochs. False when some were damaged: the dataset then is not served,
    /// and lacks them, until a load has made it whole.
    func verifyRecovered(_ key: TenantName) -> Bool {
        let epochs = state.withLock { state in
            state.datasets[key]?.epochs.values.filter { $0.machine.state == .ready && !$0.segments.allSatisfy(\.isVerified) } ?? []
        }
        var damaged: [(EpochRecord, LeibrixError)] = []
        for epoch in epochs {
            do throws(LeibrixError) {
                for segment in epoch.segments { try segment.verify() }
            } catch { damaged.append((epoch.record, error)) }
        }
        guard !damaged.isEmpty else { return true }
        withdraw(key, damaged.map { $0.0.versionKey })
        do throws(LeibrixError) { try discard(damaged) } catch {
            Log.error("dataset.recover", .text("dataset", key.name), .text("error", error.description))
        }
        return false
    }

    /// Takes a dataset out of service, and these epochs out of it.
    private func withdraw(_ key: TenantName, _ versions: [EpochVersion]) {
        var old: RelationSnapshot?
        publishing.withLock { _ in
            let executors = state.withLock { state -> [EngineState.Executor] in
                guard var dataset = state.datasets[key], versions.contains(where: { dataset.epochs[$0] != nil }) else { return [] }
                for version in versions { dataset.epochs[version] = nil }
                old = dataset.published
                dataset.published = nil
                dataset.needsReload = true
                state.datasets[key] = dataset
                return state.executors.filter { $0.tenant == nil || $0.tenant == key.tenant }
            }
            for executor in executors { publish(.drop(schema: Self.schema, name: key.name), to: executor) }
        }
        withExtendedLifetime(old) {}
    }
}
