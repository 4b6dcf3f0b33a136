extension Program {
    @inline(__always)
    private func ints(_ instruction: Instruction, _ count: Int, _ body: (Int64, Int64) -> Int64) {
        let a = registers[Int(instruction.a)].ints
        let b = registers[Int(instruction.b)].ints
        let out = registers[Int(instruction.out)].ints
        for row in 0..<count { out[row] = body(a[row], b[row]) }
    }

    func runInt(_ operation: IntMath, _ instruction: Instruction, _ count: Int) {
        switch operation {
        case .negate, .absolute, .range, .sign, .roundTo, .bitCount: copyNulls(instruction, count)
        default: mergeNulls(instruction, count)
        }
        switch operation {
        case .add: addInts(instruction, count)
        case .subtract: subtractInts(instruction, count)
        case .multiply: multiplyInts(instruction, count)
        case .divide, .modulo: divideInts(operation, instruction, count)
        case .negate: negateInts(instruction, count)
        case .absolute:
            ints(instruction, count) { a, _ in a < 0 ? 0 &- a : a }
            checkInts(instruction, count) { a, _ in a == .min }
        case .and: ints(instruction, count) { $0 & $1 }
        case .or: ints(instruction, count) { $0 | $1 }
        case .xor: ints(instruction, count) { $0 ^ $1 }
        case .left:
            ints(instruction, count) { $1 < 0 || $1 > 63 ? 0 : $0 << $1 }
            checkInts(instruction, count) { a, b in a < 0 || b < 0 || a != 0 && (b > 62 || a >= 1 << (63 - b)) }
        case .right: ints(instruction, count) { $1 < 0 || $1 > 63 ? 0 : $0 >> $1 }
        case .range: rangeInts(instruction, count)
        case .sign: ints(instruction, count) { a, _ in a.signum() }
        case .roundTo: roundInts(instruction, count)
        case .bitCount: ints(instruction, count) { a, bits in Int64((bits >= 64 ? a : a & (1 << bits - 1)).nonzeroBitCount) }
        case .commonDivisor:
            ints(instruction, count) { Self.divisor($0, $1) }
            checkInts(instruction, count) { a, b in a == .min && (b == 0 || b == .min) || b == .min && a == 0 }
        case .commonMultiple:
            ints(instruction, count) { a, b in a == 0 || b == 0 ? 0 : Self.multiple(a, b).partialValue }
            checkInts(instruction, count) { a, b in a == .min || b == .min || a != 0 && b != 0 && Self.multiple(a, b).overflow }
        }
    }

    /// Euclid's.
    private static func divisor(_ a: Int64, _ b: Int64) -> Int64 {
        var (x, y) = (a.magnitude, b.magnitude)
        while y != 0 { (x, y) = (y, x % y) }
        return Int64(truncatingIfNeeded: x)
    }

    private static func multiple(_ a: Int64, _ b: Int64) -> (partialValue: Int64, overflow: Bool) {
        let divisor = divisor(a, b)
        if divisor <= 0 { return (0, true) }
        return Int64(truncatingIfNeeded: a.magnitude / UInt64(divisor)).multipliedReportingOverflow(by: Int64(truncatingIfNeeded: b.magnitude))
    }

    /// To a multiple of a power of ten, halves away from zero.
    private func roundInts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].ints
        let b = registers[Int(instruction.b)].ints
        let out = registers[Int(instruction.out)].ints
        for row in 0..<count {
            let unit = powerOfTen(Int(b[row]))
            let value = Int128(a[row])
            let rounded = (value + (value < 0 ? -unit / 2 : unit / 2)) / unit * unit
            out[row] = Int64(truncatingIfNeeded: rounded)
            if Int128(out[row]) != rounded { fail(row, .overflow, instruction) }
        }
    }

    private func checkInts(_ instruction: Instruction, _ count: Int, _ isWrong: (Int64, Int64) -> Bool) {
        let a = registers[Int(instruction.a)].ints
        let b = registers[Int(instruction.b)].ints
        for row in 0..<count where isWrong(a[row], b[row]) { fail(row, .overflow, instruction) }
    }

    private func addInts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].ints
        let b = registers[Int(instruction.b)].ints
        let out = registers[Int(instruction.out)].ints
        var over: Int64 = 0
        for row in 0..<count {
            let sum = a[row] &+ b[row]
            over |= (a[row] ^ sum) & (b[row] ^ sum)
            out[row] = sum
        }
        if over < 0 { checkInts(instruction, count) { $0.addingReportingOverflow($1).overflow } }
    }

    private func subtractInts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].ints
        let b = registers[Int(instruction.b)].ints
        let out = registers[Int(instruction.out)].ints
        var over: Int64 = 0
        for row in 0..<count {
            let difference = a[row] &- b[row]
            over |= (a[row] ^ b[row]) & (a[row] ^ difference)
            out[row] = difference
        }
        if over < 0 { checkInts(instruction, count) { $0.subtractingReportingOverflow($1).overflow } }
    }

    private func multiplyInts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].ints
        let b = registers[Int(instruction.b)].ints
        let out = registers[Int(instruction.out)].ints
        var over = false
        for row in 0..<count {
            let (product, overflow) = a[row].multipliedReportingOverflow(by: b[row])
            over = over || overflow
            out[row] = product
        }
        if over { checkInts(instruction, count) { $0.multipliedReportingOverflow(by: $1).overflow } }
    }

    /// Division and remainder truncate; by zero they are NULL, as in DuckDB.
    private func divideInts(_ operation: IntMath, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].ints
        let b = registers[Int(instruction.b)].ints
        let out = registers[Int(instruction.out)].ints
        for row in 0..<count {
            if b[row] == 0 {
                out[row] = 0
                setNull(row, instruction, count)
            } else if b[row] == -1 {
                out[row] = operation == .divide ? 0 &- a[row] : 0
                if operation == .divide && a[row] == .min { fail(row, .overflow, instruction) }
            } else {
                out[row] = operation == .divide ? a[row] / b[row] : a[row] % b[row]
            }
        }
    }

    private func negateInts(_ instruction: Instruction, _ count: Int) {
        ints(instruction, count) { a, _ in 0 &- a }
        checkInts(instruction, count) { a, _ in a == .min }
    }

    /// Passes values on that lie in `aux...aux2`; others fail, or become NULL where `c` is 1 (TRY_CAST).
    private func rangeInts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)].ints
        let out = registers[Int(instruction.out)].ints
        let low = instruction.aux
        let high = instruction.aux2
        var isWrong = false
        for row in 0..<count {
            let value = a[row]
            isWrong = isWrong || value < low || value > high
            out[row] = value
        }
        if isWrong { for row in 0..<count where a[row] < low || a[row] > high { refuse(row, .overflow, instruction, count) } }
    }

    /// A failed cast: NULL for TRY_CAST, else an error.
    func refuse(_ row: Int, _ error: HotPathError, _ instruction: Instruction, _ count: Int) {
        if instruction.c == 1 { setNull(row, instruction, count) } else { fail(row, error, instruction) }
    }
}
