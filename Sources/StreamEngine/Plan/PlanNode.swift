// A planned query: what is done to rows, from where they come in. Columns are numbers; types are known.
internal import Columnar

struct PlanNode: Sendable {
    indirect enum Kind: Sendable {
        /// Rows of a source or of another stream.
        case input(String)
        case filter(PlanNode, Scalar)
        case project(PlanNode, [Scalar])
        case group(PlanNode, AggregatePlan, EmitMode)
        /// Leaves: keys, start, end, results.
        case window(PlanNode, AggregatePlan, WindowPlan, EmitMode)
        case union([PlanNode])
        /// Leaves: the left's columns, then the right's.
        case join(PlanNode, PlanNode, JoinPlan)
        case top(PlanNode, TopPlan)
        /// Leaves: the child's columns, then the functions' results.
        case over(PlanNode, OverPlan)
        /// Leaves: the child's columns, then the lookup's.
        case lookup(PlanNode, LookupPlan)
    }

    var kind: Kind
    var types: [DataType]

    var kinds: [LaneKind] { types.map { $0.laneKind ?? .int } }
}

struct AggregatePlan: Sendable {
    var keys: [Scalar]
    var arguments: [Scalar]
    var layout: AggregateLayout
    var resultTypes: [DataType]
    /// Rows that come may be taken back.
    var retracts = false
}

struct WindowPlan: Sendable {
    var spec: WindowSpec
    var time: Scalar
    /// Units the time may lie before the watermark it comes with.
    var lag: Int64
    var lateness: Int64
}

/// What the rows of a stream say of those before them.
public enum RowChanges: Sendable, Hashable {
    /// Each is a new one.
    case append
    /// Rows come with +1 and -1.
    case retract
    /// A row takes the place of an earlier one with its key.
    case upsert
}

/// What a node's rows mean.
struct PlannedRelation: Sendable {
    typealias Changes = RowChanges

    var node: PlanNode
    var columns: [Scope.Column]
    /// Columns that are event time: how far each may lie before the watermark, in units.
    var times: [Int: Int64]
    /// Microseconds in one unit of event time.
    var microsPerUnit: Int64
    var changes: Changes
    /// Set where this is no stream but rows by key, which only a join may read.
    var lookup: LookupDefinition?

    var scope: Scope { Scope(columns) }
}
