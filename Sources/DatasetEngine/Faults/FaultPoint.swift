internal import Columnar
internal import Glibc

/// Moments of a load at which a crash test ends the process, as kill -9 would.
public enum FaultPoint: String, Sendable, CaseIterable {
    /// Records say LOADING, no file is there.
    case afterPlanning = "after-planning"
    /// Some files are written, records say LOADING.
    case whileLoading = "while-loading"
    /// All files are written and synced, records say LOADING.
    case afterLoading = "after-loading"
    /// Records say VALIDATING.
    case whileValidating = "while-validating"
    /// Rows agree with the source, the flip is not committed.
    case beforeFlip = "before-flip"
    /// The flip is committed, nothing is published.
    case afterFlip = "after-flip"
    /// Old epochs are RETIRING, their files are there.
    case beforeDeleting = "before-deleting"
    /// Files of a retired epoch are gone, its record is not.
    case afterDeleting = "after-deleting"
}

/// Ends the process at one named point; does nothing in release builds.
struct FaultInjector: Sendable {
    let point: FaultPoint?

    init(named name: String?) {
        #if DEBUG
            point = name.flatMap { FaultPoint(rawValue: $0) }
        #else
            point = nil
        #endif
    }

    func reach(_ reached: FaultPoint) {
        if point == reached { kill(getpid(), SIGKILL) }
    }
}
