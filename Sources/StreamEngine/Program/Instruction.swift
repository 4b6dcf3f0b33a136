// One step of a program: what to do with which registers. Registers are vectors in preallocated memory: first the chunk's
// columns, then constants (repeated over the whole vector, so that no kernel has a variant for them), then results.

struct Instruction: BitwiseCopyable, Sendable {
    var code: Opcode
    var out: Int32
    var a: Int32
    var b: Int32
    var c: Int32
    /// A boolean register: rows where it is not true may fail without anybody minding. -1 for none.
    var guardRegister: Int32
    var aux: Int64
    var aux2: Int64
}

enum Opcode: BitwiseCopyable, Sendable {
    case int(IntMath)
    case double(DoubleMath)
    case huge(HugeMath)
    case compare(CompareOp, LaneKind)
    case logic(Logic)
    case select(LaneKind)
    case convert(Conversion)
    case text(TextFunction)
    case time(TimeFunction)
    case moreText(MoreText)
    case regex
}

enum IntMath: UInt8, BitwiseCopyable { case add, subtract, multiply, divide, modulo, negate, absolute, and, or, xor, left, right, range, sign, roundTo, bitCount, commonDivisor, commonMultiple }
enum DoubleMath: UInt8, BitwiseCopyable {
    case add, subtract, multiply, divide, modulo, power
    case negate, absolute, floor, ceil, round, truncate, root, ln, log10, log2, exp, sign
    case sin, cos, tan, asin, acos, atan, atan2, cot, cbrt, sinh, cosh, tanh, asinh, acosh, atanh, degrees, radians, gamma, logGamma
}
enum HugeMath: UInt8, BitwiseCopyable { case add, subtract, multiply, divide, modulo, negate, absolute, range, floor, ceil, truncate, round }
enum CompareOp: UInt8, BitwiseCopyable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isDistinct, isNotDistinct }
enum Logic: UInt8, BitwiseCopyable { case and, or, not, isNull, isNotNull }
enum Conversion: UInt8, BitwiseCopyable {
    case boolToInt, intToBool, intToDouble, doubleToInt, intToHuge, hugeToInt, hugeToDouble, doubleToHuge, boolToDouble
    case scaleUp, scaleDown
    case intToText, doubleToText, boolToText, hugeToText, timestampToText, dateToText
    case textToInt, textToDouble, textToTimestamp, textToDate, textToBool
    case isNaN, isInfinite, isFinite, isSigned
}
enum MoreText: UInt8, BitwiseCopyable, Hashable, Sendable {
    case reverse, repeated, padLeft, padRight, code, unicode, char, bytes, trimSet, translate, glob, hex, levenshtein
}
enum TextFunction: UInt8, BitwiseCopyable {
    case concat, lower, upper, length, substring, trim, trimLeft, trimRight, contains, startsWith, endsWith, like, replace, splitPart, position, json, hash
}
enum TimeFunction: UInt8, BitwiseCopyable {
    case floorMultiple, truncateMonths, truncateWeek, part, addMonths, hash
}
