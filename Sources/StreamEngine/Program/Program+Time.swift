extension Program {
    func runTime(_ function: TimeFunction, _ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        switch function {
        case .floorMultiple:
            copyNulls(instruction, count)
            let size = instruction.aux
            for row in 0..<count { out.ints[row] = floorDivide(a.ints[row] &- instruction.aux2, size) &* size &+ instruction.aux2 }
        case .truncateMonths:
            copyNulls(instruction, count)
            for row in 0..<count { out.ints[row] = truncatedMonths(a.ints[row], Int(instruction.aux)) }
        case .truncateWeek:
            copyNulls(instruction, count)
            // 1970-01-01 was a Thursday: weeks begin on Mondays, three days before.
            let week: Int64 = 7 * dayMicros
            let shift: Int64 = 3 * dayMicros
            for row in 0..<count { out.ints[row] = floorDivide(a.ints[row] &+ shift, week) &* week &- shift }
        case .part:
            copyNulls(instruction, count)
            for row in 0..<count { out.ints[row] = part(a.ints[row], Int(instruction.aux)) }
        case .addMonths:
            mergeNulls(instruction, count)
            let b = registers[Int(instruction.b)]
            for row in 0..<count { out.ints[row] = movedMonths(a.ints[row], Int(truncatingIfNeeded: b.ints[row])) }
        case .hash:
            registers[Int(instruction.out)].hasNulls = false
            for row in 0..<count { out.ints[row] = a.isNull(row) ? 0 : Int64(bitPattern: mixHash(UInt64(bitPattern: a.ints[row]))) }
        }
    }

    private var dayMicros: Int64 { 86_400_000_000 }

    private func truncatedMonths(_ micros: Int64, _ months: Int) -> Int64 {
        let (year, month, _) = Civil.date(floorDivide(micros, dayMicros))
        let first = (month - 1) / months * months + 1
        return Civil.days(year, months == 12 ? 1 : first, 1) * dayMicros
    }

    /// The same day some months on, or the month's last.
    private func movedMonths(_ micros: Int64, _ months: Int) -> Int64 {
        let days = floorDivide(micros, dayMicros)
        let (year, month, day) = Civil.date(days)
        let total = year * 12 + month - 1 + months
        let newYear = Int(floorDivide(Int64(total), 12))
        let newMonth = total - newYear * 12 + 1
        let newDay = min(day, Civil.daysInMonth(newYear, newMonth))
        return Civil.days(newYear, newMonth, newDay) * dayMicros + (micros - days * dayMicros)
    }

    private func part(_ micros: Int64, _ unit: Int) -> Int64 {
        let days = floorDivide(micros, dayMicros)
        let rest = micros - days * dayMicros
        switch unit {
        case 0: return rest % 60_000_000
        case 1: return rest % 60_000_000 / 1_000
        case 2: return rest / 1_000_000 % 60
        case 3: return rest / 60_000_000 % 60
        case 4: return rest / 3_600_000_000
        case 5: return Int64(Civil.date(days).day)
        case 7: return Int64(Civil.date(days).month)
        case 8: return Int64((Civil.date(days).month - 1) / 3 + 1)
        case 9: return Int64(Civil.date(days).year)
        case 10: return floorModulo(days + 4, 7)
        case 11: return floorModulo(days + 3, 7) + 1
        case 12: return days - Civil.days(Civil.date(days).year, 1, 1) + 1
        default: return 0
        }
    }

    private func floorModulo(_ value: Int64, _ divisor: Int64) -> Int64 { value - floorDivide(value, divisor) * divisor }
}
