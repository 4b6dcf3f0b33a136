internal import Columnar

/// A type as the evaluator needs it: trivially copyable, in three bytes.
struct ScalarType: Hashable, Sendable {
    enum Kind: UInt8, Sendable {
        case null, boolean, tinyInt, smallInt, integer, bigInt, decimal, real, double, varchar, date, time, timestamp, timestampTZ
        case interval
    }

    var kind: Kind
    var width: UInt8 = 0
    var scale: UInt8 = 0

    init(kind: Kind) {
        self.kind = kind
    }

    /// DECIMAL(width, scale).
    init(width: Int, scale: Int) {
        kind = .decimal
        self.width = UInt8(clamping: width)
        self.scale = UInt8(clamping: scale)
    }

    /// nil: a type that expressions of ours do not compute with.
    init?(_ type: DataType) {
        switch type {
        case .null: self.init(kind: .null)
        case .boolean: self.init(kind: .boolean)
        case .tinyInt: self.init(kind: .tinyInt)
        case .smallInt: self.init(kind: .smallInt)
        case .integer: self.init(kind: .integer)
        case .bigInt: self.init(kind: .bigInt)
        case .decimal(let width, let scale): self.init(width: Int(width), scale: Int(scale))
        case .real: self.init(kind: .real)
        case .double: self.init(kind: .double)
        case .varchar: self.init(kind: .varchar)
        case .date: self.init(kind: .date)
        case .time: self.init(kind: .time)
        case .timestamp: self.init(kind: .timestamp)
        case .timestampTZ: self.init(kind: .timestampTZ)
        case .interval: self.init(kind: .interval)
        default: return nil
        }
    }

    var dataType: DataType {
        switch kind {
        case .null: .null
        case .boolean: .boolean
        case .tinyInt: .tinyInt
        case .smallInt: .smallInt
        case .integer: .integer
        case .bigInt: .bigInt
        case .decimal: .decimal(width: width, scale: scale)
        case .real: .real
        case .double: .double
        case .varchar: .varchar
        case .date: .date
        case .time: .time
        case .timestamp: .timestamp
        case .timestampTZ: .timestampTZ
        case .interval: .interval
        }
    }
}

extension ScalarType {
    var isInteger: Bool { kind.rawValue >= Kind.tinyInt.rawValue && kind.rawValue <= Kind.bigInt.rawValue }
    var isFloating: Bool { kind == .real || kind == .double }
    var isNumeric: Bool { isInteger || isFloating || kind == .decimal }

    /// The bounds of an integer type.
    var range: ClosedRange<Int64> {
        switch kind {
        case .tinyInt: Int64(Int8.min)...Int64(Int8.max)
        case .smallInt: Int64(Int16.min)...Int64(Int16.max)
        case .integer: Int64(Int32.min)...Int64(Int32.max)
        default: Int64.min...Int64.max
        }
    }

    /// The decimal that holds every number of an integer type.
    var asDecimal: ScalarType {
        switch kind {
        case .tinyInt: ScalarType(width: 3, scale: 0)
        case .smallInt: ScalarType(width: 5, scale: 0)
        case .integer: ScalarType(width: 10, scale: 0)
        case .bigInt: ScalarType(width: 19, scale: 0)
        default: self
        }
    }

    /// As PostgreSQL names it in messages.
    var name: String {
        switch kind {
        case .tinyInt, .smallInt: "smallint"
        case .integer: "integer"
        case .bigInt: "bigint"
        case .decimal: "numeric"
        case .real: "real"
        case .double: "double precision"
        default: "\(dataType)".lowercased()
        }
    }

    /// The type in which two are compared, or that a CASE of both has; nil where that is DuckDB's to decide.
    static func common(_ a: ScalarType, _ b: ScalarType) -> ScalarType? {
        if a == b || b.kind == .null { return a }
        if a.kind == .null { return b }
        if a.isNumeric, b.isNumeric { return commonNumber(a, b) }
        if (a.kind == .date && b.kind == .timestamp) || (a.kind == .timestamp && b.kind == .date) { return ScalarType(kind: .timestamp) }
        return nil
    }

    private static func commonNumber(_ a: ScalarType, _ b: ScalarType) -> ScalarType? {
        if a.isFloating || b.isFloating {
            return ScalarType(kind: a.kind == .double || b.kind == .double ? .double : .real)
        }
        if a.isInteger, b.isInteger { return a.kind.rawValue > b.kind.rawValue ? a : b }
        let (left, right) = (a.asDecimal, b.asDecimal)
        let scale = max(left.scale, right.scale)
        let digits = max(left.width - left.scale, right.width - right.scale)
        guard Int(digits) + Int(scale) <= 38 else { return nil }
        return ScalarType(width: Int(digits + scale), scale: Int(scale))
    }
}

/// 10 to the power of 0…38.
let powersOfTen: [Int128] = (0...38).reduce(into: []) { powers, _ in powers.append((powers.last.map { $0 * 10 }) ?? 1) }
let doublePowersOfTen: [Double] = (0...38).map { Double("1e\($0)") ?? .nan }
