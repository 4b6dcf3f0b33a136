// Which columns of its input decide where a row of a stream must be worked on: those that every stateful operator has among
// its keys, as they came in. A stream without such columns runs on one core.

enum Partitioning {
    /// Columns of the one input, in order; nil when the plan does not split.
    static func keys(_ node: PlanNode) -> [Int]? {
        guard let sets = keySets(node), var common = sets.first else { return nil }
        for set in sets.dropFirst() { common.formIntersection(set) }
        return common.isEmpty ? nil : common.sorted()
    }

    /// For each output column the input column it is, where it is one; nil for plans of several inputs.
    private static func trace(_ node: PlanNode) -> [Int?]? {
        switch node.kind {
        case .input: return node.types.indices.map { $0 }
        case .filter(let child, _): return trace(child)
        case .project(let child, let scalars): return trace(child).map { traced(scalars, $0) }
        case .group(let child, let plan, _):
            return trace(child).map { traced(plan.keys, $0) + plan.resultTypes.map { _ in nil } }
        case .window(let child, let plan, _, _):
            return trace(child).map { traced(plan.keys, $0) + [nil, nil] + plan.resultTypes.map { _ in nil } }
        case .over(let child, let plan): return trace(child).map { $0 + plan.functionTypes.map { _ in nil } }
        case .lookup(let child, let plan): return trace(child).map { $0 + plan.definition.columns.map { _ in nil } }
        case .union, .join, .top: return nil
        }
    }

    private static func traced(_ scalars: [Scalar], _ child: [Int?]) -> [Int?] {
        scalars.map { if case .column(let index, _) = $0 { child[index] } else { nil } }
    }

    /// The keys of each stateful operator as input columns.
    private static func keySets(_ node: PlanNode) -> [Set<Int>]? {
        switch node.kind {
        case .input: return []
        case .filter(let child, _), .project(let child, _), .lookup(let child, _): return keySets(child)
        case .over(let child, let plan):
            guard let below = keySets(child), let trace = trace(child) else { return nil }
            return below + [Set(traced(plan.keys, trace).compactMap { $0 })]
        case .group(let child, let plan, _), .window(let child, let plan, _, _):
            guard let below = keySets(child), let trace = trace(child) else { return nil }
            return below + [Set(traced(plan.keys, trace).compactMap { $0 })]
        case .union, .join, .top: return nil
        }
    }

    /// The plan with each stateful operator told which of its keys decide the core.
    static func marked(_ node: PlanNode, _ keys: [Int]) -> PlanNode {
        var copy = node
        switch node.kind {
        case .input, .union, .join, .top: break
        case .over(let child, var plan):
            plan.partition = positions(plan.keys, child, keys)
            for frame in plan.aggregates.indices { plan.aggregates[frame].layout.partition = plan.partition }
            copy.kind = .over(marked(child, keys), plan)
        case .lookup(let child, let plan): copy.kind = .lookup(marked(child, keys), plan)
        case .filter(let child, let scalar): copy.kind = .filter(marked(child, keys), scalar)
        case .project(let child, let scalars): copy.kind = .project(marked(child, keys), scalars)
        case .group(let child, var plan, let mode):
            plan.layout.partition = positions(plan.keys, child, keys)
            copy.kind = .group(marked(child, keys), plan, mode)
        case .window(let child, var plan, let window, let mode):
            plan.layout.partition = positions(plan.keys, child, keys)
            copy.kind = .window(marked(child, keys), plan, window, mode)
        }
        return copy
    }

    private static func positions(_ scalars: [Scalar], _ child: PlanNode, _ keys: [Int]) -> [Int] {
        let traced = traced(scalars, trace(child) ?? [])
        return keys.compactMap { key in traced.firstIndex { $0 == key } }
    }
}
