// Bounds of whole columns that plans are made with. A plan folds comparisons against them, so they must hold for every row that
// an execution of the plan may read. Hence: they are widened before a row outside them can be seen, the widening takes a new
// version, and an execution whose rows may be newer than its plan's version is planned again.
//
// They widen in leaps (to twice the range), so that a growing key costs a version for each doubling and not for each row.
internal import Columnar
internal import ColumnStore

struct TableBounds {
    struct Column {
        var integer: ClosedRange<Int64>?
        var double: ClosedRange<Double>?
        var isOpen = false
        var hasNulls = false
        var lengthMax: UInt32 = 0
    }

    private(set) var columns: [Column]
    private(set) var version: UInt64 = 1

    init(columns: Int) { self.columns = Array(repeating: Column(), count: columns) }

    /// Takes in what a hot group's columns hold now; whether the bounds had to be widened. O(columns).
    mutating func cover(_ hot: [HotColumn]) -> Bool {
        var widened = false
        for (place, column) in hot.enumerated() where !covers(place, column) {
            widen(place, column)
            widened = true
        }
        if widened { version += 1 }
        return widened
    }

    /// Takes in what a file says of its rows. Before anybody plans.
    mutating func cover(_ statistics: [ColumnStatistics], rows: Int, _ types: [DataType]) {
        for (place, known) in statistics.enumerated() {
            if known.nullCount > 0 { columns[place].hasNulls = true }
            if known.nullCount != ColumnStatistics.nullsUnknown, known.nullCount >= UInt64(rows) { continue }
            switch types[place].physicalForm {
            case .integer:
                if case .integer(let low)? = known.min, case .integer(let high)? = known.max, let low = Int64(exactly: low),
                    let high = Int64(exactly: high) {
                    columns[place].integer = Self.leap(columns[place].integer, low, high)
                } else {
                    columns[place].isOpen = true
                }
            case .real, .double:
                if case .double(let low)? = known.min, case .double(let high)? = known.max {
                    let there = columns[place].double ?? low...high
                    columns[place].double = min(low, there.lowerBound)...max(high, there.upperBound)
                } else {
                    columns[place].isOpen = true
                }
            case .bytes: columns[place].lengthMax = max(columns[place].lengthMax, Self.powerAbove(known.lengthMax ?? .max))
            default: break
            }
        }
        version += 1
    }

    private func covers(_ place: Int, _ column: HotColumn) -> Bool {
        let known = columns[place]
        if column.nulls > 0 && !known.hasNulls { return false }
        if column.rows == column.nulls { return true }
        if column.bounds.isOpen != known.isOpen && !known.isOpen { return false }
        switch column.form {
        case .integer:
            guard !known.isOpen else { return true }
            return known.integer.map { $0.contains(column.bounds.integerMin) && $0.contains(column.bounds.integerMax) } ?? false
        case .real, .double:
            guard !known.isOpen else { return true }
            return known.double.map { $0.contains(column.bounds.doubleMin) && $0.contains(column.bounds.doubleMax) } ?? false
        case .bytes: return column.bounds.lengthMax <= known.lengthMax
        default: return true
        }
    }

    private mutating func widen(_ place: Int, _ column: HotColumn) {
        if column.nulls > 0 { columns[place].hasNulls = true }
        guard column.rows > column.nulls else { return }
        if column.bounds.isOpen { columns[place].isOpen = true }
        let isOpen = columns[place].isOpen
        switch column.form {
        case .integer where !isOpen:
            columns[place].integer = Self.leap(columns[place].integer, column.bounds.integerMin, column.bounds.integerMax)
        case .real, .double:
            guard !isOpen else { return }
            let low = min(column.bounds.doubleMin, columns[place].double?.lowerBound ?? .infinity)
            let high = max(column.bounds.doubleMax, columns[place].double?.upperBound ?? -.infinity)
            let slack = high - low
            columns[place].double = slack.isFinite ? (low - slack / 4)...(high + slack) : -Double.infinity...Double.infinity
        case .bytes: columns[place].lengthMax = max(columns[place].lengthMax, Self.powerAbove(column.bounds.lengthMax))
        default: break
        }
    }

    /// Leaves twice the range on the side that moved, a quarter on the other.
    private static func leap(_ known: ClosedRange<Int64>?, _ low: Int64, _ high: Int64) -> ClosedRange<Int64> {
        guard let known else { return low...high }
        let newLow = min(low, known.lowerBound)
        let newHigh = max(high, known.upperBound)
        let range = UInt64(bitPattern: newHigh &- newLow)
        let slack = Int64(clamping: range)
        let down = newLow < known.lowerBound ? newLow.subtractingReportingOverflow(slack) : (newLow, false)
        let up = newHigh > known.upperBound ? newHigh.addingReportingOverflow(slack) : (newHigh, false)
        return (down.1 ? .min : down.0)...(up.1 ? .max : up.0)
    }

    private static func powerAbove(_ length: UInt32) -> UInt32 {
        length <= 12 ? 12 : length >= 1 << 30 ? .max - 1 : 1 << (32 - UInt32((length - 1).leadingZeroBitCount))
    }
}

extension Int64 {
    /// The nearest value of a kind of integer.
    func clamped(to kind: IntegerKind) -> Int64 {
        switch kind {
        case .int8: Int64(Int8(clamping: self))
        case .int16: Int64(Int16(clamping: self))
        case .int32: Int64(Int32(clamping: self))
        case .uint8: Int64(UInt8(clamping: self))
        case .uint16: Int64(UInt16(clamping: self))
        case .uint32: Int64(UInt32(clamping: self))
        case .uint64, .uint128: Swift.max(self, 0)
        case .int64, .int128: self
        }
    }
}

extension DataType {
    /// The integers that values of the type are stored as, where their order is the values' order.
    var integerKind: IntegerKind? {
        guard hasIntegerOrder, case .integer(let kind)? = physicalForm else { return nil }
        return kind
    }
}
