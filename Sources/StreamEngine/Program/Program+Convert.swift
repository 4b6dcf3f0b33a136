extension Program {
    func runConversion(_ conversion: Conversion, _ instruction: Instruction, _ count: Int) {
        copyNulls(instruction, count)
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        switch conversion {
        case .boolToInt: for row in 0..<count { out.ints[row] = Int64(a.bools[row]) }
        case .boolToDouble: for row in 0..<count { out.doubles[row] = Double(a.bools[row]) }
        case .intToBool: for row in 0..<count { out.bools[row] = a.ints[row] != 0 ? 1 : 0 }
        case .intToDouble: for row in 0..<count { out.doubles[row] = Double(a.ints[row]) }
        case .intToHuge: for row in 0..<count { out.huges[row] = Int128(a.ints[row]) }
        case .doubleToInt: doublesToInts(instruction, count)
        case .hugeToInt: hugesToInts(instruction, count)
        case .hugeToDouble:
            let scale = Double(powerOfTen(Int(instruction.aux)))
            for row in 0..<count { out.doubles[row] = Double(a.huges[row]) / scale }
        case .doubleToHuge: doublesToHuges(instruction, count)
        case .scaleUp: scaleUp(instruction, count)
        case .scaleDown: scaleDown(instruction, count)
        case .intToText, .doubleToText, .boolToText, .hugeToText, .timestampToText, .dateToText:
            valuesToTexts(conversion, instruction, count)
        case .textToInt, .textToDouble: textsToNumbers(conversion, instruction, count)
        case .textToTimestamp, .textToDate, .textToBool: textsToOthers(conversion, instruction, count)
        case .isNaN: for row in 0..<count { out.bools[row] = a.doubles[row].isNaN ? 1 : 0 }
        case .isInfinite: for row in 0..<count { out.bools[row] = a.doubles[row].isInfinite ? 1 : 0 }
        case .isFinite: for row in 0..<count { out.bools[row] = a.doubles[row].isFinite ? 1 : 0 }
        case .isSigned: for row in 0..<count { out.bools[row] = a.doubles[row].sign == .minus ? 1 : 0 }
        }
    }

    /// Rounds halves to even, as DuckDB's cast does.
    private func doublesToInts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        for row in 0..<count {
            let rounded = a.doubles[row].rounded(.toNearestOrEven)
            if let exact = Int64(exactly: rounded) {
                out.ints[row] = exact
            } else {
                out.ints[row] = 0
                refuse(row, .overflow, instruction, count)
            }
        }
    }

    private func hugesToInts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        for row in 0..<count {
            out.ints[row] = Int64(truncatingIfNeeded: a.huges[row])
            if Int128(out.ints[row]) != a.huges[row] { refuse(row, .overflow, instruction, count) }
        }
    }

    private func doublesToHuges(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        let scale = Double(powerOfTen(Int(instruction.aux)))
        for row in 0..<count {
            let scaled = (a.doubles[row] * scale).rounded(.toNearestOrAwayFromZero)
            if let exact = Int128(exactly: scaled) {
                out.huges[row] = exact
            } else {
                out.huges[row] = 0
                refuse(row, .overflow, instruction, count)
            }
        }
    }

    private func scaleUp(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        let factor = powerOfTen(Int(instruction.aux))
        for row in 0..<count {
            let (value, overflow) = a.huges[row].multipliedReportingOverflow(by: factor)
            out.huges[row] = value
            if overflow { refuse(row, .overflow, instruction, count) }
        }
    }

    /// Halves go away from zero.
    private func scaleDown(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        let factor = powerOfTen(Int(instruction.aux))
        for row in 0..<count {
            let value = a.huges[row]
            out.huges[row] = (value + (value < 0 ? -factor / 2 : factor / 2)) / factor
        }
    }

    private func valuesToTexts(_ conversion: Conversion, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        for row in 0..<count where !a.isNull(row) {
            let text =
                switch conversion {
                case .intToText: String(a.ints[row])
                case .doubleToText: Printing.double(a.doubles[row])
                case .boolToText: a.bools[row] != 0 ? "true" : "false"
                case .hugeToText: Printing.decimal(a.huges[row], scale: Int(instruction.aux))
                case .dateToText: Printing.date(a.ints[row])
                default: Printing.timestamp(a.ints[row])
                }
            out.texts[row] = scratch.text(text)
        }
    }

    private func textsToOthers(_ conversion: Conversion, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        for row in 0..<count where !a.isNull(row) {
            let text = a.texts[row].string
            if conversion == .textToBool {
                let flag = TimeText.flag(text)
                out.bools[row] = flag == true ? 1 : 0
                if flag == nil { refuse(row, .invalidCast, instruction, count) }
                continue
            }
            let micros = TimeText.timestamp(text)
            out.ints[row] = conversion == .textToDate ? floorDivide(micros ?? 0, 86_400_000_000) : micros ?? 0
            if micros == nil { refuse(row, .invalidCast, instruction, count) }
        }
    }

    private func textsToNumbers(_ conversion: Conversion, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        for row in 0..<count where !a.isNull(row) {
            let text = a.texts[row].string.filter { $0 != " " && $0 != "\t" && $0 != "\n" }
            if conversion == .textToDouble, let value = Double(text) {
                out.doubles[row] = value
            } else if conversion == .textToInt, let value = Int64(text) ?? Double(text).flatMap({ Int64(exactly: $0.rounded(.toNearestOrEven)) }) {
                out.ints[row] = value
            } else {
                out.ints[row] = 0
                refuse(row, .invalidCast, instruction, count)
            }
        }
    }
}
