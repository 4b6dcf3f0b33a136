// leibrix.loads: one row a refresh that did something or failed.
internal import Catalog

struct LoadRecord: Sendable {
    enum Phase: String, Sendable {
        case planning = "PLANNING"
        case loading = "LOADING"
        case validating = "VALIDATING"
        case done = "DONE"
        case failed = "FAILED"
    }

    var loadID: Int64
    var dataset: TenantName
    var phase: Phase = .planning
    var snapshotID: String?
    var epochsTotal = 0
    var epochsDone = 0
    var rowsTotal: Int64 = 0
    var rowsDone: Int64 = 0
    var bytesDone: Int64 = 0
    var startedMicros: Int64
    var finishedMicros: Int64?
    var error: String?

    var progress: Double { rowsTotal == 0 ? (phase == .done ? 1 : 0) : Double(min(rowsDone, rowsTotal)) / Double(rowsTotal) }
}
