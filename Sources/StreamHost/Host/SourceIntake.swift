internal import StreamEngine
internal import Synchronization

/// Rows on their way to a source, in the buffers of those who write into it: of each that was offered is known where it is.
///
///     offered = taken + dropped + waiting
public final class SourceIntake: Sendable {
    public struct Counts: Sendable, Hashable {
        /// Rows that a buffer took.
        public var offered = 0
        /// Rows that were then pushed.
        public var taken = 0
        /// Rows that a full buffer let go, or that a failed push lost.
        public var dropped = 0
        public var waiting = 0
        /// Rows that were refused with an error: they are not among those offered.
        public var rejected = 0
    }

    private let state = Mutex(Counts())

    public init() {}

    public var counts: Counts { state.withLock { $0 } }

    /// Says what happened, in one step.
    public func count(_ change: (inout Counts) -> Void) { state.withLock { change(&$0) } }
}

extension StreamHost {
    /// The counts of a source's buffers; they go with the source.
    public func intake(_ source: String) -> SourceIntake {
        state.withLock { state in
            if let intake = state.intakes[source] { return intake }
            let intake = SourceIntake()
            state.intakes[source] = intake
            return intake
        }
    }

    /// Every source as the first operator of what reads it, its buffers included.
    var sourceOperators: [OperatorStatistics] {
        let (objects, intakes) = state.withLock { ($0.objects, $0.intakes) }
        return engine.sourceStatistics.filter { objects[$0.name]?.kind == .source }.map { source in
            var shown = source.asOperator
            guard let counts = intakes[source.name]?.counts else { return shown }
            shown.rowsIn += counts.offered - counts.taken
            shown.filtered += counts.dropped
            shown.dropped += counts.dropped
            shown.buffered += counts.waiting
            return shown
        }
    }
}
