extension Program {
    func runHuge(_ operation: HugeMath, _ instruction: Instruction, _ count: Int) {
        switch operation {
        case .negate, .absolute, .range, .floor, .ceil, .truncate, .round: copyNulls(instruction, count)
        default: mergeNulls(instruction, count)
        }
        switch operation {
        case .add: huges(instruction, count) { $0.addingReportingOverflow($1) }
        case .subtract: huges(instruction, count) { $0.subtractingReportingOverflow($1) }
        case .multiply: huges(instruction, count) { $0.multipliedReportingOverflow(by: $1) }
        case .negate: huges(instruction, count) { a, _ in Int128(0).subtractingReportingOverflow(a) }
        case .absolute: huges(instruction, count) { a, _ in a < 0 ? Int128(0).subtractingReportingOverflow(a) : (a, false) }
        case .divide, .modulo: divideHuges(operation, instruction, count)
        case .range: rangeHuges(instruction, count)
        case .floor, .ceil, .truncate, .round: shorten(operation, instruction, count)
        }
    }

    /// Takes `aux` digits away, and makes the next `aux2` zeros.
    private func shorten(_ operation: HugeMath, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].huges
        let out = registers[Int(instruction.out)].huges
        let zeros = powerOfTen(Int(instruction.aux2))
        let unit = powerOfTen(Int(instruction.aux + instruction.aux2))
        for row in 0..<count {
            let value = a[row]
            let (quotient, rest) = value.quotientAndRemainder(dividingBy: unit)
            var result = quotient
            switch operation {
            case .floor: if rest < 0 { result -= 1 }
            case .ceil: if rest > 0 { result += 1 }
            case .round: if abs(rest) >= unit - abs(rest) { result += value < 0 ? -1 : 1 }
            default: break
            }
            out[row] = result * zeros
        }
    }

    @inline(__always)
    private func huges(_ instruction: Instruction, _ count: Int, _ body: (Int128, Int128) -> (partialValue: Int128, overflow: Bool)) {
        let a = registers[Int(instruction.a)].huges
        let b = registers[Int(instruction.b)].huges
        let out = registers[Int(instruction.out)].huges
        for row in 0..<count {
            let (value, overflow) = body(a[row], b[row])
            out[row] = value
            if overflow { fail(row, .overflow, instruction) }
        }
    }

    private func divideHuges(_ operation: HugeMath, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].huges
        let b = registers[Int(instruction.b)].huges
        let out = registers[Int(instruction.out)].huges
        for row in 0..<count {
            if b[row] == 0 {
                out[row] = 0
                setNull(row, instruction, count)
            } else if b[row] == -1 && a[row] == .min {
                out[row] = 0
                fail(row, .overflow, instruction)
            } else {
                out[row] = operation == .divide ? a[row] / b[row] : a[row] % b[row]
            }
        }
    }

    /// Values of at most `aux` digits pass; with `aux2` = 1, values from 0 to the greatest UBIGINT.
    private func rangeHuges(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].huges
        let out = registers[Int(instruction.out)].huges
        let high = instruction.aux2 == 1 ? Int128(UInt64.max) : powerOfTen(Int(instruction.aux)) - 1
        let low = instruction.aux2 == 1 ? 0 : -high
        for row in 0..<count {
            out[row] = a[row]
            if a[row] < low || a[row] > high { refuse(row, .overflow, instruction, count) }
        }
    }
}
