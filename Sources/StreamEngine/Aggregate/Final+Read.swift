// Results out of states.

extension Final {
    /// Writes the results of `count` records to rows from `start`. The vector's NULL bytes are always written.
    @inline(__always)
    func read(_ records: Lane<Memory>, _ count: Int, into out: Vector, start: Int) {
        switch kind {
        case .count, .regressionCount:
            for index in 0..<count {
                out.nulls[start + index] = 0
                out.ints[start + index] = records[index].load(Int(offset), as: Int64.self)
            }
        case .sumInt, .sumHuge:
            for index in 0..<count {
                out.nulls[start + index] = isEmpty(records[index])
                out.huges[start + index] = records[index].loadHuge(Int(offset))
            }
        case .sumDouble:
            for index in 0..<count {
                out.nulls[start + index] = isEmpty(records[index])
                out.doubles[start + index] = records[index].load(Int(offset), as: Double.self)
            }
        case .averageInt, .averageHuge, .averageDouble: readAverages(records, count, out, start)
        case .value: for index in 0..<count { readValue(records[index], out, start + index) }
        case .bits, .flag, .product: for index in 0..<count { readFlagged(records[index], out, start + index) }
        case .sketch:
            for index in 0..<count {
                out.nulls[start + index] = 0
                out.ints[start + index] = Self.estimate(records[index].advanced(by: Int(offset)))
            }
        case .treeLeast, .treeGreatest, .treeDiscrete, .treeContinuous:
            for index in 0..<count { readTree(records[index].load(Int(offset), as: UInt.self), out, start + index) }
        default:
            for index in 0..<count {
                let result = statistic(records[index].advanced(by: Int(offset)))
                out.nulls[start + index] = result == nil ? 1 : 0
                out.doubles[start + index] = result ?? 0
            }
        }
    }

    @inline(__always)
    private func isEmpty(_ record: Memory) -> UInt8 { record.load(Int(countOffset), as: Int64.self) == 0 ? 1 : 0 }

    private func readAverages(_ records: Lane<Memory>, _ count: Int, _ out: Vector, _ start: Int) {
        let divisor = Double(powerOfTen(Int(scale)))
        for index in 0..<count {
            let record = records[index]
            let rows = record.load(Int(countOffset), as: Int64.self)
            out.nulls[start + index] = rows == 0 ? 1 : 0
            let sum = kind == .averageDouble ? record.load(Int(offset), as: Double.self) : Double(record.loadHuge(Int(offset))) / divisor
            out.doubles[start + index] = rows == 0 ? 0 : sum / Double(rows)
        }
    }

    private func readValue(_ record: Memory, _ out: Vector, _ row: Int) {
        let state = record.advanced(by: Int(offset))
        let isThere = state.load(Kernel.flagOffset(lane), as: Int64.self) == 1
        out.nulls[row] = isThere ? 0 : 1
        switch lane {
        case .int, .double: out.ints[row] = state.load(0, as: Int64.self)
        case .bool: out.bools[row] = UInt8(truncatingIfNeeded: state.load(0, as: Int64.self))
        case .huge: out.huges[row] = state.loadHuge(0)
        case .text: out.texts[row] = isThere ? state.load(0, as: TextRef.self) : .empty
        }
    }

    /// A value of a tree, by its place in the order.
    private func readTree(_ root: UInt, _ out: Vector, _ row: Int) {
        let rows = root == 0 ? 0 : Memory(address: root).rows
        var index: Int64 = 0
        switch kind {
        case .treeGreatest: index = rows - 1
        // As DuckDB rounds: the fraction's complement downwards.
        case .treeDiscrete: index = max(1, rows - Int64((Double(rows) - Double(rows) * fraction).rounded(.down))) - 1
        default: break
        }
        if kind == .treeContinuous { return readBetween(root, rows, out, row) }
        guard let node = RowTree.row(root, at: index) else {
            out.nulls[row] = 1
            return
        }
        out.nulls[row] = 0
        let place = Int(valueOffset)
        switch lane {
        case .int, .double: out.ints[row] = node.load(place, as: Int64.self)
        case .bool: out.bools[row] = UInt8(truncatingIfNeeded: node.load(place, as: Int64.self))
        case .huge: out.huges[row] = node.loadHuge(place)
        case .text: out.texts[row] = node.load(place, as: TextRef.self)
        }
    }

    /// A quantile between two values.
    private func readBetween(_ root: UInt, _ rows: Int64, _ out: Vector, _ row: Int) {
        let place = Double(rows - 1) * fraction
        guard let low = RowTree.row(root, at: Int64(place.rounded(.down))), let high = RowTree.row(root, at: Int64(place.rounded(.up))) else {
            out.nulls[row] = 1
            return
        }
        let a = low.load(Int(valueOffset), as: Double.self)
        let b = high.load(Int(valueOffset), as: Double.self)
        out.nulls[row] = 0
        out.doubles[row] = a + (b - a) * (place - place.rounded(.down))
    }

    private func readFlagged(_ record: Memory, _ out: Vector, _ row: Int) {
        let state = record.advanced(by: Int(offset))
        out.nulls[row] = state.load(8, as: Int64.self) == 0 ? 1 : 0
        if kind == .flag {
            out.bools[row] = UInt8(truncatingIfNeeded: state.load(0, as: Int64.self))
        } else {
            out.ints[row] = state.load(0, as: Int64.self)
        }
    }

    private func statistic(_ state: Memory) -> Double? {
        let rows = Double(state.load(0, as: Int64.self))
        if rows == 0 { return nil }
        switch kind {
        case .variancePop: return state.load(16, as: Double.self) / rows
        case .deviationPop: return (state.load(16, as: Double.self) / rows).squareRoot()
        case .varianceSamp: return rows < 2 ? nil : state.load(16, as: Double.self) / (rows - 1)
        case .deviationSamp: return rows < 2 ? nil : (state.load(16, as: Double.self) / (rows - 1)).squareRoot()
        case .standardError: return rows == 0 ? nil : (state.load(16, as: Double.self) / rows).squareRoot() / rows.squareRoot()
        case .skewness, .kurtosis: return shape(state, rows)
        default: return pairStatistic(state, rows)
        }
    }

    private func shape(_ state: Memory, _ rows: Double) -> Double? {
        let (sum, squares) = (state.load(8, as: Double.self), state.load(16, as: Double.self))
        let (cubes, fourths) = (state.load(24, as: Double.self), state.load(32, as: Double.self))
        let each = 1 / rows
        if kind == .skewness {
            if rows <= 2 { return nil }
            let variance = max(each * (squares - sum * sum * each), 0)
            let divisor = (variance * variance * variance).squareRoot()
            if divisor == 0 { return .nan }
            let factor = (rows * (rows - 1)).squareRoot() / (rows - 2)
            return factor * each * (cubes - 3 * squares * sum * each + 2 * sum * sum * sum * each * each) / divisor
        }
        if rows <= 3 { return nil }
        let second = each * (squares - sum * sum * each)
        if second <= 0 { return nil }
        let fourth =
            each * (fourths - 4 * cubes * sum * each + 6 * squares * sum * sum * each * each - 3 * sum * sum * sum * sum * each * each * each)
        return (rows - 1) * ((rows + 1) * fourth / (second * second) - 3 * (rows - 1)) / ((rows - 2) * (rows - 3))
    }

    private func pairStatistic(_ state: Memory, _ rows: Double) -> Double? {
        let (meanY, meanX) = (state.load(8, as: Double.self), state.load(16, as: Double.self))
        let (xy, yy, xx) = (state.load(24, as: Double.self), state.load(32, as: Double.self), state.load(40, as: Double.self))
        switch kind {
        case .covariancePop: return xy / rows
        case .covarianceSamp: return rows < 2 ? nil : xy / (rows - 1)
        case .correlation: return xx == 0 || yy == 0 ? .nan : xy / (xx * yy).squareRoot()
        case .slope: return xx == 0 ? .nan : xy / xx
        case .intercept: return xx == 0 ? nil : meanY - xy / xx * meanX
        case .rSquared: return xx == 0 ? nil : yy == 0 ? 1 : xy * xy / (xx * yy)
        case .averageX: return meanX
        case .averageY: return meanY
        case .sumXX: return xx
        case .sumYY: return yy
        default: return xy
        }
    }

    /// The harmonic mean of the registers, with linear counting while many are empty.
    private static func estimate(_ state: Memory) -> Int64 {
        var sum = 0.0
        var empty = 0
        for index in 0..<1_024 {
            let rank = state.load(index, as: UInt8.self)
            sum += 1 / Double(UInt64(1) << UInt64(min(rank, 60)))
            if rank == 0 { empty += 1 }
        }
        let raw = 0.7213 / (1 + 1.079 / 1_024) * 1_024 * 1_024 / sum
        if raw <= 2.5 * 1_024 && empty > 0 { return Int64((1_024 * naturalLog(1_024 / Double(empty))).rounded()) }
        return Int64(raw.rounded())
    }
}
