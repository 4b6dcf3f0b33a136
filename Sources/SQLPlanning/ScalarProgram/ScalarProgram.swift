// An expression as a straight list of instructions over registers. Instruction n writes register n (a `move` writes the
// one it names), so a program needs as many registers as it has instructions. Jumps go forward only: a program ends after
// at most as many steps as it is long. AND, OR, CASE and COALESCE stop where their answer is known, left to right.

public import Base
public import Columnar

/// Where a program's columns come from.
public protocol ScalarRow: ~Copyable {
    /// The value of a column, numbered as the binder's scope numbers them.
    func scalar(column: Int) -> Scalar
}

/// A row of scalars: for VALUES, tests, and rows gathered before.
public struct ScalarArrayRow: ScalarRow, Sendable {
    public var scalars: [Scalar]
    public init(_ scalars: [Scalar]) { self.scalars = scalars }
    public func scalar(column: Int) -> Scalar { scalars[column] }
}

/// What a statement knows beside its rows.
public struct ScalarContext: Sendable {
    /// Of the types that the binder was given, in order.
    public var parameters: [Scalar]
    /// The transaction's beginning, microseconds since 1970 UTC.
    public var nowMicros: Int64
    /// Seconds that the session's zone is east of UTC at `nowMicros`.
    public var zoneOffsetSeconds: Int

    public init(parameters: [Scalar] = [], nowMicros: Int64 = 0, zoneOffsetSeconds: Int = 0) {
        self.parameters = parameters
        self.nowMicros = nowMicros
        self.zoneOffsetSeconds = zoneOffsetSeconds
    }
}

/// Registers, kept between evaluations so that none is allocated for.
public struct ScalarFrame: Sendable {
    var registers: [Scalar] = []
    public init() {}
}

/// A bound expression. Immutable; any thread may run it with a frame of its own.
public struct ScalarProgram: Sendable {
    let code: [Instruction]
    let constants: [Scalar]
    let result: Int
    let resultType: ScalarType?
    /// The type as SQL sees it, aliases included.
    public let type: DataType
    /// Columns read, ascending.
    public let columns: [Int]

    enum Arithmetic: UInt8, Sendable { case add, subtract, multiply, divide, integerDivide, modulo, bitAnd, bitOr }
    enum Moment: UInt8, Sendable { case zoned, local, day }
    enum TextFunction: UInt8, Sendable { case lower, upper, length, octetLength, trim, leftTrim, rightTrim }
    enum Rounding: UInt8, Sendable { case round, floor, ceiling }

    enum Instruction: Sendable {
        case column(Int)
        case parameter(Int)
        case constant(Int)
        case moment(Moment)
        /// Both operands of the type.
        case arithmetic(Arithmetic, ScalarType, Int, Int)
        case negate(ScalarType, Int)
        case absolute(ScalarType, Int)
        case round(Rounding, ScalarType, Int, digits: Int)
        case compare(Comparison, ScalarType, Int, Int)
        case not(Int)
        case and(Int, Int)
        case or(Int, Int)
        case isNull(Int)
        case cast(Int, from: ScalarType, to: ScalarType)
        case concatenate(Int, Int)
        case like(Int, pattern: Int, ignoresCase: Bool)
        case text(TextFunction, Int)
        case substring(Int, from: Int, length: Int?)
        case temporal(Temporal, Int, Int)
        case move(Int, to: Int)
        case jump(Int)
        case jumpIfTrue(Int, Int)
        case jumpIfFalse(Int, Int)
        case jumpUnlessTrue(Int, Int)
        case jumpIfNull(Int, Int)
        case jumpUnlessNull(Int, Int)
    }

    enum Temporal: UInt8, Sendable {
        case dateAddDays, dateSubtractDays, dateDifference, timestampDifference
        case timestampAddInterval, timestampSubtractInterval, timeAddInterval, timeSubtractInterval
        case intervalAdd, intervalSubtract
    }
}

extension ScalarProgram {
    /// The expression's value for one row. Throws what PostgreSQL would: `outOfRange` (22003), `divisionByZero` (22012),
    /// `invalidValue`. O(instructions).
    public func evaluate<Row: ScalarRow & ~Copyable>(
        _ row: borrowing Row, _ context: ScalarContext, _ frame: inout ScalarFrame
    ) throws(LeibrixError) -> Scalar {
        if code.count == 1, let value = single(row, context) { return value }
        if frame.registers.count < code.count {
            frame.registers.append(contentsOf: repeatElement(.null, count: code.count - frame.registers.count))
        }
        var index = 0
        while index < code.count {
            switch code[index] {
            case .column(let column): frame.registers[index] = row.scalar(column: column)
            case .parameter(let number): frame.registers[index] = context.parameters[number]
            case .constant(let place): frame.registers[index] = constants[place]
            case .moment(let moment): frame.registers[index] = Self.moment(moment, context)
            case .move(let source, let target): frame.registers[target] = frame.registers[source]
            case .jump(let target): index = target - 1
            case .jumpIfTrue(let source, let target): if frame.registers[source].isTrue { index = target - 1 }
            case .jumpIfFalse(let source, let target):
                if case .boolean(false) = frame.registers[source] { index = target - 1 }
            case .jumpUnlessTrue(let source, let target): if !frame.registers[source].isTrue { index = target - 1 }
            case .jumpIfNull(let source, let target): if frame.registers[source].isNull { index = target - 1 }
            case .jumpUnlessNull(let source, let target): if !frame.registers[source].isNull { index = target - 1 }
            default: frame.registers[index] = try compute(code[index], frame.registers)
            }
            index += 1
        }
        return frame.registers[result]
    }

    /// A column, parameter or constant by itself, which needs no register.
    @inline(__always)
    private func single<Row: ScalarRow & ~Copyable>(_ row: borrowing Row, _ context: ScalarContext) -> Scalar? {
        switch code[0] {
        case .column(let column): row.scalar(column: column)
        case .parameter(let number): context.parameters[number]
        case .constant(let place): constants[place]
        default: nil
        }
    }

    private static func moment(_ moment: Moment, _ context: ScalarContext) -> Scalar {
        let local = context.nowMicros + Int64(context.zoneOffsetSeconds) * 1_000_000
        return switch moment {
        case .zoned: .integer(context.nowMicros)
        case .local: .integer(local)
        case .day: .integer(Temporals.floorDivide(local, Temporals.microsPerDay))
        }
    }

    /// Everything that yields a value from registers.
    private func compute(_ instruction: Instruction, _ registers: borrowing [Scalar]) throws(LeibrixError) -> Scalar {
        switch instruction {
        case .arithmetic(let operation, let type, let a, let b):
            return try Self.arithmetic(operation, type, registers[a], registers[b])
        case .negate(let type, let a): return try Self.negate(type, registers[a])
        case .absolute(let type, let a): return try Self.absolute(type, registers[a])
        case .round(let rounding, let type, let a, let digits): return Self.round(rounding, type, registers[a], digits)
        case .compare(let comparison, let type, let a, let b): return Self.compare(comparison, type, registers[a], registers[b])
        case .not(let a):
            if case .boolean(let flag) = registers[a] { return .boolean(!flag) }
            return .null
        case .and(let a, let b): return Self.and(registers[a], registers[b])
        case .or(let a, let b): return Self.or(registers[a], registers[b])
        case .isNull(let a): return .boolean(registers[a].isNull)
        case .cast(let a, let from, let to): return try ScalarCast.cast(registers[a], from: from, to: to)
        case .concatenate(let a, let b):
            guard case .string(let left) = registers[a], case .string(let right) = registers[b] else { return .null }
            return .string(left + right)
        case .like(let a, let pattern, let ignoresCase):
            guard case .string(let text) = registers[a], case .string(let pattern) = registers[pattern] else { return .null }
            return .boolean(TextMatch.like(text, pattern, ignoresCase: ignoresCase))
        case .text(let function, let a):
            guard case .string(let text) = registers[a] else { return .null }
            return Self.text(function, text)
        case .substring(let a, let from, let length): return Self.substring(registers[a], registers[from], length.map { registers[$0] })
        case .temporal(let operation, let a, let b): return try Temporals.compute(operation, registers[a], registers[b])
        default: return .null
        }
    }
}
