// Comparisons, three-valued logic and the choice between two values.

extension Program {
    func runComparison(_ operation: CompareOp, _ kind: LaneKind, _ instruction: Instruction, _ count: Int) {
        if operation == .isDistinct || operation == .isNotDistinct {
            return runDistinct(operation == .isDistinct, kind, instruction, count)
        }
        mergeNulls(instruction, count)
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        let out = registers[Int(instruction.out)].bools
        switch kind {
        case .int: compare(operation, a.ints, b.ints, out, count)
        case .bool: compare(operation, a.bools, b.bools, out, count)
        case .huge: compare(operation, a.huges, b.huges, out, count)
        case .double: compareDoubles(operation, a.doubles, b.doubles, out, count)
        case .text: compareTexts(operation, instruction, count)
        }
    }

    @inline(__always)
    private func compare<T: Comparable & BitwiseCopyable>(
        _ operation: CompareOp, _ a: Lane<T>, _ b: Lane<T>, _ out: Lane<UInt8>, _ count: Int
    ) {
        switch operation {
        case .equal: for row in 0..<count { out[row] = a[row] == b[row] ? 1 : 0 }
        case .notEqual: for row in 0..<count { out[row] = a[row] != b[row] ? 1 : 0 }
        case .less: for row in 0..<count { out[row] = a[row] < b[row] ? 1 : 0 }
        case .lessOrEqual: for row in 0..<count { out[row] = a[row] <= b[row] ? 1 : 0 }
        case .greater: for row in 0..<count { out[row] = a[row] > b[row] ? 1 : 0 }
        default: for row in 0..<count { out[row] = a[row] >= b[row] ? 1 : 0 }
        }
    }

    /// NaN equals itself and is greater than everything else, as in DuckDB and PostgreSQL.
    private func compareDoubles(_ operation: CompareOp, _ a: Lane<Double>, _ b: Lane<Double>, _ out: Lane<UInt8>, _ count: Int) {
        switch operation {
        case .equal: for row in 0..<count { out[row] = a[row] == b[row] || (a[row].isNaN && b[row].isNaN) ? 1 : 0 }
        case .notEqual: for row in 0..<count { out[row] = a[row] == b[row] || (a[row].isNaN && b[row].isNaN) ? 0 : 1 }
        case .less: for row in 0..<count { out[row] = isLess(a[row], b[row]) ? 1 : 0 }
        case .lessOrEqual: for row in 0..<count { out[row] = isLess(b[row], a[row]) ? 0 : 1 }
        case .greater: for row in 0..<count { out[row] = isLess(b[row], a[row]) ? 1 : 0 }
        default: for row in 0..<count { out[row] = isLess(a[row], b[row]) ? 0 : 1 }
        }
    }

    private func compareTexts(_ operation: CompareOp, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        let outVector = registers[Int(instruction.out)]
        for row in 0..<count {
            if outVector.isNull(row) {
                outVector.bools[row] = 0
                continue
            }
            let left = a.texts[row]
            let right = b.texts[row]
            let isTrue =
                switch operation {
                case .equal: left == right
                case .notEqual: !(left == right)
                case .less: TextRef.compare(left, right) < 0
                case .lessOrEqual: TextRef.compare(left, right) <= 0
                case .greater: TextRef.compare(left, right) > 0
                default: TextRef.compare(left, right) >= 0
                }
            outVector.bools[row] = isTrue ? 1 : 0
        }
    }

    private func runDistinct(_ isDistinct: Bool, _ kind: LaneKind, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        registers[Int(instruction.out)].hasNulls = false
        let out = registers[Int(instruction.out)].bools
        for row in 0..<count {
            let isSame = sameValue(kind, a, row, b, row)
            out[row] = isSame != isDistinct ? 1 : 0
        }
    }

    func runLogic(_ operation: Logic, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)].bools
        switch operation {
        case .isNull, .isNotNull:
            registers[Int(instruction.out)].hasNulls = false
            let flip: UInt8 = operation == .isNull ? 0 : 1
            guard a.hasNulls else { return out.fill(flip, count: count) }
            for row in 0..<count { out[row] = a.nulls[row] ^ flip }
        case .not:
            copyNulls(instruction, count)
            for row in 0..<count { out[row] = a.bools[row] ^ 1 }
        case .and: runConjunction(isAnd: true, instruction, count)
        case .or: runConjunction(isAnd: false, instruction, count)
        }
    }

    /// AND is false where one side is, whatever the other; OR is true where one side is.
    private func runConjunction(isAnd: Bool, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        mergeNulls(instruction, count)
        let out = registers[Int(instruction.out)]
        if !out.hasNulls {
            if isAnd {
                for row in 0..<count { out.bools[row] = a.bools[row] & b.bools[row] }
            } else {
                for row in 0..<count { out.bools[row] = a.bools[row] | b.bools[row] }
            }
            return
        }
        let decisive: UInt8 = isAnd ? 0 : 1
        for row in 0..<count {
            let decides = (!a.isNull(row) && a.bools[row] == decisive) || (!b.isNull(row) && b.bools[row] == decisive)
            out.bools[row] = decides ? decisive : 1 - decisive
            if decides { out.nulls[row] = 0 }
        }
    }

    /// `c` true takes `a`, else (false or NULL) `b`.
    func runSelect(_ kind: LaneKind, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        let condition = registers[Int(instruction.c)]
        let place = Int(instruction.out)
        let out = registers[place]
        registers[place].hasNulls = a.hasNulls || b.hasNulls
        for row in 0..<count {
            let takesFirst = condition.bools[row] != 0 && !condition.isNull(row)
            if a.hasNulls || b.hasNulls { out.nulls[row] = takesFirst ? (a.isNull(row) ? 1 : 0) : (b.isNull(row) ? 1 : 0) }
            switch kind {
            case .bool: out.bools[row] = takesFirst ? a.bools[row] : b.bools[row]
            case .int, .double: out.ints[row] = takesFirst ? a.ints[row] : b.ints[row]
            case .text, .huge: out.huges[row] = takesFirst ? a.huges[row] : b.huges[row]
            }
        }
    }
}

/// DuckDB's order of doubles: NaN last.
@inline(__always)
func isLess(_ a: Double, _ b: Double) -> Bool { b.isNaN ? !a.isNaN : a < b }

/// Whether two values are the same, NULL being the same as NULL.
@inline(__always)
func sameValue(_ kind: LaneKind, _ a: Vector, _ first: Int, _ b: Vector, _ second: Int) -> Bool {
    let isNull = a.isNull(first)
    if isNull || b.isNull(second) { return isNull == b.isNull(second) }
    switch kind {
    case .bool: return a.bools[first] == b.bools[second]
    case .int: return a.ints[first] == b.ints[second]
    case .double: return a.doubles[first] == b.doubles[second] || (a.doubles[first].isNaN && b.doubles[second].isNaN)
    case .huge: return a.huges[first] == b.huges[second]
    case .text: return a.texts[first] == b.texts[second]
    }
}
