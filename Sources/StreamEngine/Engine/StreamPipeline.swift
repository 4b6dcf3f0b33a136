internal import Base
internal import Columnar
internal import SQLPlanning

/// One stream: its plan, its operators, and where its rows leave.
final class StreamPipeline {
    let name: String
    let query: Query
    let options: StreamOptions
    let relation: PlannedRelation
    let outlet: Outlet
    let heads: [(input: String, head: Operator)]
    /// A core's operators, from the end to the inputs.
    let cores: [[Operator]]
    var operators: [Operator] { cores[0] }

    init(_ name: String, _ query: Query, _ options: StreamOptions, _ relation: PlannedRelation, late: Operator?) {
        self.name = name
        self.query = query
        self.options = options
        self.relation = relation
        outlet = Outlet(name, types: relation.node.types)
        var builder = PipelineBuilder(keysMax: options.keysMax, lateOutput: late)
        builder.build(relation.node, next: outlet, needed: Set(relation.node.types.indices))
        heads = builder.heads
        cores = [builder.operators]
    }

    /// The stream as another query reads it.
    var asInput: PlannedRelation {
        var input = relation
        input.node = PlanNode(kind: .input(name.lowercased()), types: relation.node.types)
        return input
    }
}
