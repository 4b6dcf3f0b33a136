/// Where an epoch is in its life. Written in capitals wherever people read it.
public enum EpochState: String, Sendable, Hashable, CaseIterable {
    /// Rows are being written. Nothing of it is served.
    case loading = "LOADING"
    /// All rows are written and are being compared with the source.
    case validating = "VALIDATING"
    /// Agrees with the source and is served.
    case ready = "READY"
    /// Replaced or past its window; kept only until the last statement that pinned it ends.
    case retiring = "RETIRING"
    /// Never served; its reason says why.
    case failed = "FAILED"
}
