public import Base
internal import Catalog
internal import DuckDBKit

/// A dataset in this process.
struct DatasetState: Sendable {
    var record: DatasetRecord
    var epochs: [EpochVersion: ResidentEpoch] = [:]
    /// What the attached instances see; nil until the first whole set is READY.
    var published: RelationSnapshot?
    var lane = RefreshLane()
    var schedule: PollSchedule
    /// Of the last refresh; nil after one that succeeded.
    var failure: LeibrixError?
    var isDropped = false
    /// Ends the statement of the running load.
    var running: Connection?
    /// A READY set whose files were damaged or missing: nothing is served until a load has made it whole.
    var needsReload = false

    var spec: DatasetSpec { record.spec }
    var ready: [EpochRecord] { epochs.values.filter { $0.machine.state == .ready }.map(\.record) }
}

/// What a statement that names a dataset may expect.
public enum DatasetReadiness: Sendable, Hashable {
    /// No dataset has this name.
    case unknown
    case ready
    /// Its first whole set is not READY; the error is what a statement gets, unless the source answers it.
    case notReady(LeibrixError, fallback: Bool)
}
