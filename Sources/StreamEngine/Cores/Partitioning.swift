// Which columns of its inputs decide where a row of a stream must be worked on: those that every stateful operator has among
// its keys, as they came in; of a join, those that it compares. A stream without such columns runs on one core.
internal import Columnar

enum Partitioning {
    /// One value by which rows may be spread: which column it is of each input, in the inputs' order, and of what the node hands on.
    struct Candidate {
        var inputs: [Int]
        var outputs: Set<Int>
    }

    /// How a plan is spread: for each input its columns, one a candidate.
    struct Split {
        var columns: [[Int]]
        fileprivate var candidates: [Candidate]
    }

    /// Values that are hashed together at most.
    private static let candidatesMax = 4

    /// nil when the plan does not split, or has nothing to gain by it.
    static func split(_ node: PlanNode) -> Split? {
        guard isStateful(node) else { return nil }
        var chosen: [Candidate] = []
        for candidate in candidates(node) where !chosen.contains(where: { $0.inputs == candidate.inputs }) && chosen.count < candidatesMax { chosen.append(candidate) }
        guard let first = chosen.first else { return nil }
        return Split(columns: first.inputs.indices.map { input in chosen.map { $0.inputs[input] } }, candidates: chosen)
    }

    private static func isStateful(_ node: PlanNode) -> Bool {
        switch node.kind {
        case .input: false
        case .filter(let child, _), .project(let child, _), .lookup(let child, _): isStateful(child)
        case .union(let children): children.contains(where: isStateful)
        case .group, .window, .over, .top, .join: true
        }
    }

    /// What a node's rows may be spread by; none where they must stay together.
    private static func candidates(_ node: PlanNode) -> [Candidate] {
        switch node.kind {
        case .input: node.types.indices.map { Candidate(inputs: [$0], outputs: [$0]) }
        case .filter(let child, _), .lookup(let child, _): candidates(child)
        case .project(let child, let scalars): candidates(child).map { Candidate(inputs: $0.inputs, outputs: Set(places(scalars, $0))) }
        case .group(let child, let plan, _), .window(let child, let plan, _, _):
            candidates(child).map { Candidate(inputs: $0.inputs, outputs: Set(places(plan.keys, $0))) }.filter { !$0.outputs.isEmpty }
        case .over(let child, let plan): candidates(child).filter { !places(plan.keys, $0).isEmpty }
        case .top(let child, let plan): candidates(child).filter { !places(plan.keys, $0).isEmpty }
        case .union(let children): union(children, node.types)
        case .join(let left, let right, let plan): join(left, right, plan)
        }
    }

    /// Which of some expressions are the candidate's value.
    private static func places(_ scalars: [Scalar], _ candidate: Candidate) -> [Int] {
        scalars.indices.filter { column(scalars[$0]).map(candidate.outputs.contains) ?? false }
    }

    /// The column an expression is, as it is or as a wider integer: the lanes hold both alike.
    private static func column(_ scalar: Scalar) -> Int? {
        switch scalar {
        case .column(let index, _): index
        case .cast(.column(let index, let from), let to, _): from.integerRange != nil && to.integerRange != nil ? index : nil
        default: nil
        }
    }

    private static func join(_ left: PlanNode, _ right: PlanNode, _ plan: JoinPlan) -> [Candidate] {
        var result: [Candidate] = []
        let isHalf = plan.kind == .semi || plan.kind == .anti
        let rights = candidates(right)
        for a in candidates(left) {
            for b in rights where compares(plan, a, b) != nil {
                // A side that may be missing is NULL there, whatever core the row is on.
                var outputs: Set<Int> = []
                if plan.kind != .right && plan.kind != .full { outputs.formUnion(a.outputs) }
                if !isHalf && plan.kind != .left && plan.kind != .full { outputs.formUnion(b.outputs.map { $0 + left.types.count }) }
                result.append(Candidate(inputs: a.inputs + b.inputs, outputs: outputs))
            }
        }
        return result
    }

    /// Which of a join's keys compares the two.
    private static func compares(_ plan: JoinPlan, _ left: Candidate, _ right: Candidate) -> Int? {
        plan.leftKeys.indices.first { index in
            guard let a = column(plan.leftKeys[index]), let b = column(plan.rightKeys[index]) else { return false }
            return left.outputs.contains(a) && right.outputs.contains(b)
        }
    }

    private static func union(_ children: [PlanNode], _ types: [DataType]) -> [Candidate] {
        let parts = children.map(candidates)
        return types.indices.compactMap { place in
            var whole = Candidate(inputs: [], outputs: [place])
            for part in parts {
                guard let found = part.first(where: { $0.outputs.contains(place) }) else { return nil }
                whole.inputs += found.inputs
            }
            return whole
        }
    }

    // MARK: the plan that is told

    /// The plan with each stateful operator told which of its keys decide the core.
    static func marked(_ node: PlanNode, _ split: Split) -> PlanNode { marked(node, split.candidates.map(\.inputs)) }

    private static func marked(_ node: PlanNode, _ chosen: [[Int]]) -> PlanNode {
        var copy = node
        switch node.kind {
        case .input: break
        case .filter(let child, let scalar): copy.kind = .filter(marked(child, chosen), scalar)
        case .project(let child, let scalars): copy.kind = .project(marked(child, chosen), scalars)
        case .lookup(let child, let plan): copy.kind = .lookup(marked(child, chosen), plan)
        case .over(let child, var plan):
            plan.partition = positions(plan.keys, child, chosen)
            for frame in plan.aggregates.indices { plan.aggregates[frame].layout.partition = plan.partition }
            copy.kind = .over(marked(child, chosen), plan)
        case .top(let child, var plan):
            plan.partition = positions(plan.keys, child, chosen)
            copy.kind = .top(marked(child, chosen), plan)
        case .group(let child, var plan, let mode):
            plan.layout.partition = positions(plan.keys, child, chosen)
            copy.kind = .group(marked(child, chosen), plan, mode)
        case .window(let child, var plan, let window, let mode):
            plan.layout.partition = positions(plan.keys, child, chosen)
            copy.kind = .window(marked(child, chosen), plan, window, mode)
        case .union(let children):
            var start = 0
            copy.kind = .union(
                children.map { child in
                    let range = start..<start + inputCount(child)
                    start = range.upperBound
                    return marked(child, chosen.map { Array($0[range]) })
                })
        case .join(let left, let right, var plan):
            let boundary = inputCount(left)
            let (lefts, rights) = (chosen.map { Array($0[..<boundary]) }, chosen.map { Array($0[boundary...]) })
            let (a, b) = (candidates(left), candidates(right))
            plan.partition = chosen.indices.compactMap { index in
                for one in a where one.inputs == lefts[index] {
                    for other in b where other.inputs == rights[index] { if let place = compares(plan, one, other) { return place } }
                }
                return nil
            }
            copy.kind = .join(marked(left, lefts), marked(right, rights), plan)
        }
        return copy
    }

    private static func positions(_ keys: [Scalar], _ child: PlanNode, _ chosen: [[Int]]) -> [Int] {
        let known = candidates(child)
        return chosen.compactMap { inputs in known.first { $0.inputs == inputs && !places(keys, $0).isEmpty }.flatMap { places(keys, $0).first } }
    }

    private static func inputCount(_ node: PlanNode) -> Int { StreamEngine.inputs(node).count }
}
