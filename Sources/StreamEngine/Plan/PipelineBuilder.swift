// Plans into operators, from the end to the inputs.
internal import Base
internal import Columnar

struct PipelineBuilder {
    /// Where rows come in: the input's name and the operator that takes its rows.
    private(set) var heads: [(input: String, head: Operator)] = []
    /// All operators, from the end to the inputs: the order of their state in a checkpoint.
    private(set) var operators: [Operator] = []
    let keysMax: Int
    let lateOutput: Operator?

    init(keysMax: Int, lateOutput: Operator?) {
        self.keysMax = keysMax
        self.lateOutput = lateOutput
    }

    /// Builds what a node does, handing rows to `next`, which reads the columns `needed`.
    mutating func build(_ node: PlanNode, next: Operator, needed: Set<Int>) {
        switch node.kind {
        case .input(let name): heads.append((name, next))
        case .filter(let child, let predicate):
            let program = ProgramCompiler.compile([predicate], inputTypes: child.types)
            build(child, next: add(FilterOperator(program, kinds: child.kinds, needed: needed, next: next)), needed: needed.union(columns([predicate])))
        case .project(let child, let scalars):
            if isIdentity(scalars, child) { return build(child, next: next, needed: needed) }
            let program = ProgramCompiler.compile(scalars, inputTypes: child.types)
            build(child, next: add(ProjectOperator(program, next: next)), needed: columns(scalars))
        case .group(let child, let plan, let mode): buildGroup(child, plan, mode, next)
        case .window(let child, let plan, let window, let mode): buildWindow(child, plan, window, mode, next)
        case .union(let children):
            let union = UnionOperator(inputs: children.count, next: next)
            operators.append(union)
            for (index, child) in children.enumerated() { build(child, next: UnionPort(union, index), needed: Set(child.types.indices)) }
        case .over(let child, let plan): build(child, next: add(OverOperator(plan, child: child, limit: keysMax, next: next)), needed: Set(child.types.indices))
        case .lookup(let child, let plan): build(child, next: add(LookupJoin(plan, child: child, next: next)), needed: Set(child.types.indices))
        case .top(let child, let plan) where plan.retracts:
            build(child, next: add(RetractingTop(plan, child: child, limit: keysMax, next: next)), needed: Set(child.types.indices))
        case .top(let child, let plan): build(child, next: add(TopOperator(plan, child: child, limit: keysMax, next: next)), needed: Set(child.types.indices))
        case .join(let left, let right, let plan) where plan.isOfChanges:
            let made = add(ChangesJoin(plan, left: left, right: right, limit: keysMax, next: next))
            build(left, next: ChangesPort(made, isLeft: true), needed: Set(left.types.indices))
            build(right, next: ChangesPort(made, isLeft: false), needed: Set(right.types.indices))
        case .join(let left, let right, let plan):
            let made: JoinOperator = plan.asof != nil
                ? ASOFJoin("asof join", plan, left: left, right: right, limit: keysMax, next: next)
                : IntervalJoin("interval join", plan, left: left, right: right, limit: keysMax, next: next)
            operators.append(made)
            build(left, next: JoinPort(made, isLeft: true), needed: Set(left.types.indices))
            build(right, next: JoinPort(made, isLeft: false), needed: Set(right.types.indices))
        }
    }

    private mutating func add<T: Operator>(_ made: T) -> T {
        operators.append(made)
        return made
    }

    private func isIdentity(_ scalars: [Scalar], _ child: PlanNode) -> Bool {
        scalars.count == child.types.count && scalars.enumerated().allSatisfy { $0.element == .column($0.offset, child.types[$0.offset]) }
    }

    private func columns(_ scalars: [Scalar]) -> Set<Int> {
        var found: Set<Int> = []
        for scalar in scalars { scalar.eachColumn { found.insert($0) } }
        return found
    }

    private mutating func buildGroup(_ child: PlanNode, _ plan: AggregatePlan, _ mode: EmitMode, _ next: Operator) {
        let scalars = plan.keys + plan.arguments
        let input = AggregateInput(ProgramCompiler.compile(scalars, inputTypes: child.types), keyCount: plan.keys.count, argumentCount: plan.arguments.count)
        let made = GroupOperator(input, layout: plan.layout, resultKinds: plan.resultTypes.map { $0.laneKind ?? .int }, mode: mode, retracts: plan.retracts, limit: keysMax, next: next)
        build(child, next: add(made), needed: columns(scalars))
    }

    private mutating func buildWindow(_ child: PlanNode, _ plan: AggregatePlan, _ window: WindowPlan, _ mode: EmitMode, _ next: Operator) {
        let scalars = plan.keys + plan.arguments + [window.time]
        let input = AggregateInput(ProgramCompiler.compile(scalars, inputTypes: child.types), keyCount: plan.keys.count, argumentCount: plan.arguments.count)
        let settings = WindowOperator.Settings(
            spec: window.spec, lateness: window.lateness, mode: mode, limit: keysMax, inputLag: window.lag, inputKinds: child.kinds,
            resultKinds: plan.resultTypes.map { $0.laneKind ?? .int })
        let made: Operator = window.spec.kind == .session
            ? SessionOperator(input, layout: plan.layout, settings, late: lateOutput, next: next)
            : WindowOperator(input, layout: plan.layout, settings, late: lateOutput, next: next)
        build(child, next: add(made), needed: lateOutput == nil ? columns(scalars) : Set(child.types.indices))
    }
}
