internal import Base
internal import Columnar
internal import SQLPlanning

/// One stream: its plan, its operators on each core, and where its rows leave.
final class StreamPipeline {
    let name: String
    let query: Query
    let options: StreamOptions
    let relation: PlannedRelation
    let outlet: Outlet
    let heads: [(input: String, head: Operator)]
    /// A core's operators, from the end to the inputs.
    let cores: [[Operator]]

    init(_ name: String, _ query: Query, _ options: StreamOptions, _ relation: PlannedRelation, late: Operator?, cores coreCount: Int) {
        self.name = name
        self.query = query
        self.options = options
        self.relation = relation
        outlet = Outlet(name, types: relation.node.types)
        guard coreCount > 1, late == nil, let split = Partitioning.split(relation.node) else {
            let end = if let late { LateTail(outlet, late: late) } else { outlet as Operator }
            let builder = Self.build(relation.node, options, late, end)
            heads = builder.heads
            cores = [builder.operators]
            return
        }
        let node = Partitioning.marked(relation.node, split)
        let direct = DirectOutput(outlet)
        let outputs = (1..<coreCount).map { _ in OutputBuffer(node.kinds) }
        let built = [Self.build(node, options, nil, direct)] + outputs.map { Self.build(node, options, nil, $0) }
        let group = CoreGroup(
            columns: split.columns, kinds: Self.inputKinds(node), heads: built.map { $0.heads.map(\.head) }, direct: direct, outputs: outputs, outlet: outlet)
        heads = built[0].heads.enumerated().map { ($0.element.input, Router(group, $0.offset)) }
        cores = built.map(\.operators)
    }

    private static func build(_ node: PlanNode, _ options: StreamOptions, _ late: Operator?, _ next: Operator) -> PipelineBuilder {
        var builder = PipelineBuilder(keysMax: options.keysMax, lateOutput: late)
        builder.build(node, next: next, needed: Set(node.types.indices))
        return builder
    }

    /// The kinds of each input's columns, in the inputs' order.
    private static func inputKinds(_ node: PlanNode) -> [[LaneKind]] {
        switch node.kind {
        case .input: [node.kinds]
        case .filter(let child, _), .project(let child, _), .group(let child, _, _), .window(let child, _, _, _), .top(let child, _), .lookup(let child, _), .over(let child, _):
            inputKinds(child)
        case .union(let children): children.flatMap(inputKinds)
        case .join(let left, let right, _): inputKinds(left) + inputKinds(right)
        }
    }

    /// The stream as another query reads it.
    var asInput: PlannedRelation {
        var input = relation
        input.node = PlanNode(kind: .input(name.lowercased()), types: relation.node.types)
        return input
    }

    /// Each operator's counters over all cores, from the input on.
    var statistics: [OperatorStatistics] {
        cores[0].indices.reversed().enumerated().map { position, index in
            var sum = cores[0][index].statistics(name, position)
            for other in cores.dropFirst() { sum.add(other[index].statistics(name, position)) }
            return sum
        }
    }
}
