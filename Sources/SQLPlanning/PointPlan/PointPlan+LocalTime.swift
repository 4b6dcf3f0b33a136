extension ScalarProgram {
    /// Whether the value depends on the session's time zone.
    public var usesLocalTime: Bool {
        code.contains { instruction in
            if case .moment(let moment) = instruction { moment != .zoned } else { false }
        }
    }
}

extension PointPlan {
    /// Whether it depends on the session's time zone.
    public var usesLocalTime: Bool { programs.contains(where: \.usesLocalTime) }

    /// Everything that is computed.
    private var programs: [ScalarProgram] {
        switch self {
        case .select(let plan): [plan.source.filter].compactMap { $0 } + plan.outputs.compactMap(\.program) + plan.source.keys
        case .update(let plan):
            [plan.source.filter].compactMap { $0 } + plan.assignments.compactMap(\.value.program) + plan.returning.compactMap(\.program)
                + plan.source.keys
        case .delete(let plan): [plan.source.filter].compactMap { $0 } + plan.returning.compactMap(\.program) + plan.source.keys
        case .insert(let plan):
            plan.rows.flatMap { $0.compactMap(\.program) } + plan.returning.compactMap(\.program)
                + (plan.conflict?.assignments ?? []).compactMap(\.value.program) + [plan.conflict?.filter].compactMap { $0 }
        }
    }
}

extension PointSource {
    fileprivate var keys: [ScalarProgram] {
        switch access {
        case .nothing: return []
        case .range(let range): return (range.prefix + [range.lower?.part, range.upper?.part].compactMap { $0 }).map(\.program)
        case .keys(let keys):
            guard case .values(let parts)? = keys.list?.source else { return keys.columns.map(\.program) }
            return (keys.columns + parts).map(\.program)
        }
    }
}

extension PointOutput {
    fileprivate var program: ScalarProgram? {
        if case .program(let program) = source { return program }
        return nil
    }
}

extension PointValue {
    fileprivate var program: ScalarProgram? {
        if case .program(let program) = self { return program }
        return nil
    }
}
