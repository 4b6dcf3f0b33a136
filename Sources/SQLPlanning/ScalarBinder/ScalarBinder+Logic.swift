extension ScalarBinder {
    mutating func compare(_ comparison: Comparison, _ left: Expression, _ right: Expression) -> Operand? {
        guard let a = bind(left), let b = bind(right) else { return nil }
        return compare(comparison, a, b)
    }

    mutating func compare(_ comparison: Comparison, _ a: Operand, _ b: Operand) -> Operand? {
        guard let (left, right, type) = unify(a, b) else { return nil }
        return emit(.compare(comparison, type, left.register, right.register), ScalarType(kind: .boolean))
    }

    /// AND stops at the first false, OR at the first true; the register of the first holds the answer.
    mutating func logic(_ items: [Expression], isAnd: Bool) -> Operand? {
        guard let first = items.first, let start = boolean(first) else { return nil }
        var jumps: [Int] = []
        let answer = emit(.constant(place(of: .null)), ScalarType(kind: .boolean))
        code.append(.move(start.register, to: answer.register))
        for item in items.dropFirst() {
            jumps.append(code.count)
            code.append(.jump(0))
            guard let operand = boolean(item) else { return nil }
            let merged = emit(
                isAnd ? .and(answer.register, operand.register) : .or(answer.register, operand.register), ScalarType(kind: .boolean))
            code.append(.move(merged.register, to: answer.register))
        }
        for jump in jumps { code[jump] = isAnd ? .jumpIfFalse(answer.register, code.count) : .jumpIfTrue(answer.register, code.count) }
        return answer
    }

    mutating func place(of value: Scalar) -> Int {
        constants.append(value)
        return constants.count - 1
    }

    /// The operand is evaluated once; every item in the type common to all.
    mutating func inList(_ operand: Expression, _ items: [Expression], _ isNegated: Bool) -> Operand? {
        guard let needle = bind(operand) else { return nil }
        var bound: [Operand] = []
        for item in items {
            guard let item = bind(item) else { return nil }
            bound.append(item)
        }
        guard let type = commonType([needle] + bound), let left = cast(needle, to: type) else { return nil }
        let answer = emit(.constant(place(of: .boolean(false))), ScalarType(kind: .boolean))
        for item in bound {
            guard let right = cast(item, to: type) else { return nil }
            let equal = emit(.compare(.equal, type, left.register, right.register), ScalarType(kind: .boolean))
            let merged = emit(.or(answer.register, equal.register), ScalarType(kind: .boolean))
            code.append(.move(merged.register, to: answer.register))
        }
        return isNegated ? emit(.not(answer.register), ScalarType(kind: .boolean)) : answer
    }

    // Branches are bound twice: once on a copy to learn their types, then for good, each behind its jump.

    mutating func conditional(_ branches: [Expression.Branch], _ otherwise: Expression) -> Operand? {
        guard let type = typeOf(branches.map(\.result) + [otherwise]) else { return nil }
        let answer = emit(.constant(place(of: .null)), type)
        var ends: [Int] = []
        for branch in branches {
            guard let condition = boolean(branch.condition) else { return nil }
            let skip = code.count
            code.append(.jump(0))
            guard let result = bind(branch.result), let value = cast(result, to: type) else { return nil }
            code.append(.move(value.register, to: answer.register))
            ends.append(code.count)
            code.append(.jump(0))
            code[skip] = .jumpUnlessTrue(condition.register, code.count)
        }
        guard let result = bind(otherwise), let value = cast(result, to: type) else { return nil }
        code.append(.move(value.register, to: answer.register))
        for end in ends { code[end] = .jump(code.count) }
        return answer
    }

    mutating func coalesce(_ items: [Expression]) -> Operand? {
        guard let type = typeOf(items) else { return nil }
        let answer = emit(.constant(place(of: .null)), type)
        var ends: [Int] = []
        for item in items {
            guard let operand = bind(item), let value = cast(operand, to: type) else { return nil }
            code.append(.move(value.register, to: answer.register))
            ends.append(code.count)
            code.append(.jump(0))
        }
        for end in ends { code[end] = .jumpUnlessNull(answer.register, code.count) }
        return answer
    }

    private func typeOf(_ items: [Expression]) -> ScalarType? {
        guard trials < Self.trialsMax else { return nil }
        var trial = self
        trial.trials += 1
        var operands: [Operand] = []
        for item in items {
            guard let operand = trial.bind(item) else { return nil }
            operands.append(operand)
        }
        return commonType(operands)
    }
}
