// The life of one version of an epoch, as a pure machine: events in, actions out.
//
//   loading --written--> validating --agreed--> (waits) --flipped--> ready --superseded--> retiring --unpinned--> gone
//      |                     |                     |                                          |
//      +------- broke -------+----- disagreed -----+--> failed                                +-- only when no statement
//                                                                                                 holds it any more
//
// READY is entered by `flipped` alone, which the driver reports after the store has committed the flip of the whole set.
internal import Catalog

enum EpochEvent: Sendable, Hashable {
    /// All rows are in synced files.
    case written(rows: Int64)
    /// Rows and bounds equal the source's.
    case agreed
    case disagreed(String)
    /// Reading or writing failed, or its load was given up.
    case broke(String)
    /// The store committed the set that this epoch is of.
    case flipped
    /// A newer set without this version was committed, and this many published snapshots still hold it.
    case superseded(pins: Int)
    /// One published snapshot let go.
    case unpinned
    /// Its files are deleted.
    case deleted
}

enum EpochAction: Sendable, Hashable {
    case compareWithSource
    case commitFlip
    case serve
    case deleteFiles
    case keepReason(String)
    case forgetRecord
}

struct EpochMachine: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case loading
        case validating
        /// Validated; waits for the rest of its set.
        case agreed
        case ready
        case retiring(pins: Int)
        case failed(String)
        case gone
    }

    private(set) var state: State = .loading

    init() {}
    init(recovered: State) { state = recovered }

    /// What leibrix.epochs shows; nil when there is nothing to show.
    var shown: EpochState? {
        switch state {
        case .loading: .loading
        case .validating, .agreed: .validating
        case .ready: .ready
        case .retiring: .retiring
        case .failed: .failed
        case .gone: nil
        }
    }

    /// Events that a state does not expect change nothing and ask for nothing.
    mutating func handle(_ event: EpochEvent) -> [EpochAction] {
        switch (state, event) {
        case (.loading, .written):
            state = .validating
            return [.compareWithSource]
        case (.validating, .agreed):
            state = .agreed
            return [.commitFlip]
        case (.validating, .disagreed(let reason)), (.loading, .broke(let reason)), (.validating, .broke(let reason)),
            (.agreed, .broke(let reason)):
            state = .failed(reason)
            return [.deleteFiles, .keepReason(reason)]
        case (.agreed, .flipped):
            state = .ready
            return [.serve]
        case (.ready, .superseded(let pins)):
            state = .retiring(pins: pins)
            return pins == 0 ? [.deleteFiles] : []
        case (.retiring(let pins), .unpinned) where pins > 0:
            state = .retiring(pins: pins - 1)
            return pins == 1 ? [.deleteFiles] : []
        case (.retiring(0), .deleted):
            state = .gone
            return [.forgetRecord]
        default: return []
        }
    }
}
