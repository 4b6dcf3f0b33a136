/// Rows one by one into batches, for every type that a source's column may have. A row is begun, its values are set in any
/// order (what is not set is NULL), and it is ended, or left to be written over. Used by one thread at a time.
public import Base
public import Columnar

public final class BatchBuilder {
    public let types: [DataType]
    /// Rows a batch holds.
    public let capacity: Int
    /// Rows that were ended since the last `take`.
    public private(set) var count = 0
    let columns: [ColumnBuilder]

    /// Throws `streamNotSupported` for a type that sources cannot hold.
    public init(_ types: [DataType], capacity: Int = ConnectorLimits.batchRows) throws(LeibrixError) {
        for type in types where !Self.holds(type) {
            throw LeibrixError(
                .streamNotSupported, "rows of a source cannot hold \(type)",
                hint: "BOOLEAN, integers, REAL, DOUBLE, DECIMAL, VARCHAR, DATE, TIME, TIMESTAMP and TIMESTAMPTZ can.")
        }
        self.types = types
        self.capacity = max(capacity, 1)
        columns = types.map { ColumnBuilder($0, capacity: max(capacity, 1)) }
    }

    static func holds(_ type: DataType) -> Bool {
        switch type.base {
        case .boolean, .tinyInt, .smallInt, .integer, .bigInt, .hugeInt, .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger,
            .unsignedBigInt, .real, .double, .decimal, .varchar, .date, .time, .timestamp, .timestampTZ: true
        default: false
        }
    }

    public var isFull: Bool { count >= capacity || columns.contains { $0.textBytes >= ConnectorLimits.batchTextBytes } }

    /// Begins a row in the place of the one that was not ended. The builder must not be full.
    public func beginRow() {
        precondition(count < capacity)
        for column in columns { column.setNull(count) }
    }

    public func endRow() { count += 1 }

    public func setNull(_ column: Int) { columns[column].setNull(count) }

    /// What was ended since the last call, as a batch of its own; nil for nothing.
    public func take() -> Batch? {
        guard count > 0 else { return nil }
        let taken = columns.map { $0.take(count) }
        let rows = count
        count = 0
        return Batch(rowCount: rows, columns: zip(types, taken).map { type, made in made.0 }, owner: Owners(taken.map(\.1)))
    }

    private final class Owners {
        let all: [AnyObject]
        init(_ all: [AnyObject]) { self.all = all }
    }
}

extension BatchBuilder {
    /// A whole number into a column of numbers, dates (days), times or timestamps (microseconds), or as text.
    public func set(_ index: Int, _ value: Int64) throws(Misfit) {
        let column = columns[index]
        switch column.type {
        case .tinyInt: column.store(try Self.narrow(value, Int8.self), count)
        case .smallInt: column.store(try Self.narrow(value, Int16.self), count)
        case .integer, .date: column.store(try Self.narrow(value, Int32.self), count)
        case .bigInt, .time, .timestamp, .timestampTZ: column.store(value, count)
        case .unsignedTinyInt: column.store(try Self.narrow(value, UInt8.self), count)
        case .unsignedSmallInt: column.store(try Self.narrow(value, UInt16.self), count)
        case .unsignedInteger: column.store(try Self.narrow(value, UInt32.self), count)
        case .unsignedBigInt: column.store(try Self.narrow(value, UInt64.self), count)
        case .hugeInt: column.store(Int128(value), count)
        case .decimal(let width, let scale): try setDigits(index, Int128(value), from: 0, width: width, scale: scale)
        case .double: column.store(Double(value), count)
        case .real: column.store(Float(value), count)
        case .varchar: try set(index, String(value))
        default: throw .type
        }
    }

    private static func narrow<T: FixedWidthInteger>(_ value: some FixedWidthInteger, _: T.Type) throws(Misfit) -> T {
        guard let fits = T(exactly: value) else { throw .range }
        return fits
    }

    /// Into a column of floats; into one of integers where it is whole, into a DECIMAL rounded to its scale.
    public func set(_ index: Int, _ value: Double) throws(Misfit) {
        let column = columns[index]
        switch column.type {
        case .double: column.store(value, count)
        case .real: column.store(Float(value), count)
        case .varchar: try set(index, String(value))
        case .decimal(let width, let scale):
            let scaled = (value * Self.powers[Int(scale)]).rounded()
            guard scaled.magnitude < 1.7e38 else { throw .range }
            try setDigits(index, Int128(scaled), from: scale, width: width, scale: scale)
        case .boolean, .date, .time, .timestamp, .timestampTZ: throw .type
        default:
            guard let whole = Int64(exactly: value) else { throw .range }
            try set(index, whole)
        }
    }

    private static let powers: [Double] = (0...38).map { exponent in (0..<exponent).reduce(1.0) { power, _ in power * 10 } }

    public func set(_ index: Int, _ value: Bool) throws(Misfit) {
        switch columns[index].type {
        case .boolean: columns[index].store(value ? 1 as UInt8 : 0, count)
        case .varchar: try set(index, value ? "true" : "false")
        default: throw .type
        }
    }

    public func set(_ index: Int, _ value: Int128) throws(Misfit) {
        switch columns[index].type {
        case .hugeInt: columns[index].store(value, count)
        case .unsignedBigInt: columns[index].store(try Self.narrow(value, UInt64.self), count)
        case .decimal(let width, let scale): try setDigits(index, value, from: 0, width: width, scale: scale)
        default: try set(index, try Self.narrow(value, Int64.self))
        }
    }

    /// Unscaled digits with a scale into a DECIMAL, rounded half away from zero.
    func setDigits(_ index: Int, _ digits: Int128, from: UInt8, width: UInt8, scale: UInt8) throws(Misfit) {
        var digits = digits
        for _ in from..<max(from, scale) {
            let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
            if overflow { throw .range }
            digits = product
        }
        if from > scale {
            let power = ValueText.power(Int(from - scale))
            let half = power / 2
            digits = (digits < 0 ? digits - half : digits + half) / power
        }
        guard digits.magnitude < ValueText.power(Int(width)).magnitude else { throw .range }
        let column = columns[index]
        switch column.width {
        case 2: column.store(Int16(truncatingIfNeeded: digits), count)
        case 4: column.store(Int32(truncatingIfNeeded: digits), count)
        case 8: column.store(Int64(truncatingIfNeeded: digits), count)
        default: column.store(digits, count)
        }
    }

    /// A text as the column's type reads it.
    public func set(_ index: Int, _ text: String) throws(Misfit) {
        let bytes = Array(text.utf8)
        try set(index, text: bytes, bytes.indices)
    }

    /// As `set` with a value of any kind; NULL and values of other types than the column's where they fit.
    public func set(_ index: Int, _ value: Value) throws(Misfit) {
        switch value {
        case .null: setNull(index)
        case .boolean(let flag): try set(index, flag)
        case .integer(let number): try setNumber(index, number)
        case .unsigned(let number): try set(index, Int128(number))
        case .hugeInt(let number): try set(index, number)
        case .double(let number): try set(index, number)
        case .real(let number): try set(index, Double(number))
        case .string(let text): try set(index, text)
        case .decimal(let digits, _, let from): try setDecimal(index, digits, from)
        case .date(let days): try setTime(index, Int64(days) * 86_400_000_000, isDate: true)
        case .timestamp(let micros), .timestampTZ(let micros): try setTime(index, micros, isDate: false)
        case .time(let micros):
            guard columns[index].type == .time else { throw .type }
            columns[index].store(micros, count)
        default: throw .type
        }
    }

    /// A plain number is no date or time.
    private func setNumber(_ index: Int, _ number: Int64) throws(Misfit) {
        switch columns[index].type {
        case .date, .time, .timestamp, .timestampTZ: throw .type
        default: try set(index, number)
        }
    }

    private func setDecimal(_ index: Int, _ digits: Int128, _ from: UInt8) throws(Misfit) {
        switch columns[index].type {
        case .decimal(let width, let scale): try setDigits(index, digits, from: from, width: width, scale: scale)
        case .double, .real: try set(index, Double(digits) / Self.powers[Int(from)])
        default:
            let power = ValueText.power(Int(from))
            guard digits % power == 0 else { throw .range }
            try set(index, digits / power)
        }
    }

    private func setTime(_ index: Int, _ micros: Int64, isDate: Bool) throws(Misfit) {
        switch columns[index].type {
        case .timestamp, .timestampTZ: columns[index].store(micros, count)
        case .date where isDate: columns[index].store(Int32(truncatingIfNeeded: micros / 86_400_000_000), count)
        default: throw .type
        }
    }
}
