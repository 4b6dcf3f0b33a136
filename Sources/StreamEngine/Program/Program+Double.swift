internal import Glibc

extension Program {
    @inline(__always)
    private func doubles(_ instruction: Instruction, _ count: Int, _ body: (Double, Double) -> Double) {
        let a = registers[Int(instruction.a)].doubles
        let b = registers[Int(instruction.b)].doubles
        let out = registers[Int(instruction.out)].doubles
        for row in 0..<count { out[row] = body(a[row], b[row]) }
    }

    func runDouble(_ operation: DoubleMath, _ instruction: Instruction, _ count: Int) {
        switch operation {
        case .add, .subtract, .multiply, .divide, .modulo, .power, .atan2: mergeNulls(instruction, count)
        default: copyNulls(instruction, count)
        }
        switch operation {
        case .add: doubles(instruction, count) { $0 + $1 }
        case .subtract: doubles(instruction, count) { $0 - $1 }
        case .multiply: doubles(instruction, count) { $0 * $1 }
        case .divide: doubles(instruction, count) { $0 / $1 }
        case .modulo: doubles(instruction, count) { fmod($0, $1) }
        case .power: doubles(instruction, count) { pow($0, $1) }
        case .negate: doubles(instruction, count) { a, _ in -a }
        case .absolute: doubles(instruction, count) { a, _ in abs(a) }
        case .floor: doubles(instruction, count) { a, _ in a.rounded(.down) }
        case .ceil: doubles(instruction, count) { a, _ in a.rounded(.up) }
        case .truncate: doubles(instruction, count) { a, _ in a.rounded(.towardZero) }
        case .round: roundDoubles(instruction, count)
        case .sign: doubles(instruction, count) { a, _ in a > 0 ? 1 : a < 0 ? -1 : 0 }
        case .exp: doubles(instruction, count) { a, _ in Glibc.exp(a) }
        case .root:
            doubles(instruction, count) { a, _ in a.squareRoot() }
            checkDomain(instruction, count) { $0 < 0 }
        case .ln:
            doubles(instruction, count) { a, _ in Glibc.log(a) }
            checkDomain(instruction, count) { $0 <= 0 }
        case .log10:
            doubles(instruction, count) { a, _ in Glibc.log10(a) }
            checkDomain(instruction, count) { $0 <= 0 }
        case .log2:
            doubles(instruction, count) { a, _ in Glibc.log2(a) }
            checkDomain(instruction, count) { $0 <= 0 }
        default: runTrigonometry(operation, instruction, count)
        }
    }

    private func runTrigonometry(_ operation: DoubleMath, _ instruction: Instruction, _ count: Int) {
        switch operation {
        case .sin, .cos, .tan, .cot: checkDomain(instruction, count) { $0.isInfinite || operation == .cot && $0 == 0 }
        case .asin, .acos, .atanh: checkDomain(instruction, count) { $0 < -1 || $0 > 1 }
        case .gamma, .logGamma: checkDomain(instruction, count) { $0 == 0 }
        default: break
        }
        switch operation {
        case .sin: doubles(instruction, count) { a, _ in Glibc.sin(a) }
        case .cos: doubles(instruction, count) { a, _ in Glibc.cos(a) }
        case .tan: doubles(instruction, count) { a, _ in Glibc.tan(a) }
        case .cot: doubles(instruction, count) { a, _ in 1 / Glibc.tan(a) }
        case .asin: doubles(instruction, count) { a, _ in Glibc.asin(a) }
        case .acos: doubles(instruction, count) { a, _ in Glibc.acos(a) }
        case .atan: doubles(instruction, count) { a, _ in Glibc.atan(a) }
        case .atan2: doubles(instruction, count) { Glibc.atan2($0, $1) }
        case .cbrt: doubles(instruction, count) { a, _ in Glibc.cbrt(a) }
        case .sinh: doubles(instruction, count) { a, _ in Glibc.sinh(a) }
        case .cosh: doubles(instruction, count) { a, _ in Glibc.cosh(a) }
        case .tanh: doubles(instruction, count) { a, _ in Glibc.tanh(a) }
        case .asinh: doubles(instruction, count) { a, _ in Glibc.asinh(a) }
        case .acosh: doubles(instruction, count) { a, _ in Glibc.acosh(a) }
        case .atanh: doubles(instruction, count) { a, _ in Glibc.atanh(a) }
        case .degrees: doubles(instruction, count) { a, _ in a * (180 / .pi) }
        case .radians: doubles(instruction, count) { a, _ in a * (.pi / 180) }
        case .gamma: doubles(instruction, count) { a, _ in Glibc.tgamma(a) }
        default: doubles(instruction, count) { a, _ in Glibc.lgamma(a) }
        }
    }

    private func checkDomain(_ instruction: Instruction, _ count: Int, _ isOutside: (Double) -> Bool) {
        let a = registers[Int(instruction.a)].doubles
        for row in 0..<count where isOutside(a[row]) { fail(row, .domain, instruction) }
    }

    /// To `aux` digits after the point, halves away from zero.
    private func roundDoubles(_ instruction: Instruction, _ count: Int) {
        if instruction.aux == 0 { return doubles(instruction, count) { a, _ in a.rounded(.toNearestOrAwayFromZero) } }
        if instruction.aux < 0 {
            let unit = pow(10, Double(-instruction.aux))
            return doubles(instruction, count) { a, _ in
                let rounded = (a / unit).rounded(.toNearestOrAwayFromZero) * unit
                return rounded.isFinite ? rounded : 0
            }
        }
        let scale = pow(10, Double(instruction.aux))
        doubles(instruction, count) { a, _ in
            let rounded = (a * scale).rounded(.toNearestOrAwayFromZero) / scale
            return rounded.isFinite ? rounded : a
        }
    }
}
