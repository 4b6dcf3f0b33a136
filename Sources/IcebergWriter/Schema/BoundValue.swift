// A column's lower and upper bounds, from the text of Parquet's statistics to Iceberg's single-value bytes
// (Iceberg specification, appendix D): numbers little-endian, decimals' unscaled digits as the shortest big-endian two's
// complement, strings as UTF-8.
internal import Base
internal import Columnar

enum BoundValue {
    /// Longer strings are cut to this many characters, as Iceberg's own writers do.
    static let stringCharactersMax = 16

    /// nil where the text cannot be used as a bound.
    static func bytes(_ text: String, _ type: DataType, isUpper: Bool) -> [UInt8]? {
        switch type {
        case .boolean: [text == "true" ? 1 : 0]
        case .tinyInt, .smallInt, .integer: Int32(text).map { littleEndian($0) }
        case .bigInt: Int64(text).map { littleEndian($0) }
        case .date: days(text).map { littleEndian(Int32($0)) }
        case .decimal(_, let scale): unscaled(text, scale: Int(scale)).map(shortest)
        case .varchar: string(text, isUpper: isUpper)
        default: nil
        }
    }

    private static func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
    }

    static func days(_ text: String) -> Int? {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, !text.hasPrefix("-") else { return nil }
        return CivilDate(year: parts[0], month: parts[1], day: parts[2]).daysSinceEpoch
    }

    /// "-1.5" at scale 2 is -150.
    static func unscaled(_ text: String, scale: Int) -> Int128? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { return nil }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard fraction.count <= scale else { return nil }
        return Int128(String(parts[0]) + fraction + String(repeating: "0", count: scale - fraction.count))
    }

    static func shortest(_ value: Int128) -> [UInt8] {
        var bytes = (0..<16).map { UInt8(truncatingIfNeeded: value >> Int128((15 - $0) * 8)) }
        while bytes.count > 1, (bytes[0] == 0 && bytes[1] < 0x80) || (bytes[0] == 0xFF && bytes[1] >= 0x80) { bytes.removeFirst() }
        return bytes
    }

    /// A prefix bounds from below as it is; from above its last character must grow, where it can.
    static func string(_ text: String, isUpper: Bool) -> [UInt8]? {
        var scalars = Array(text.unicodeScalars)
        guard scalars.count > stringCharactersMax else { return Array(text.utf8) }
        scalars = Array(scalars.prefix(stringCharactersMax))
        if isUpper {
            while let last = scalars.popLast() {
                let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
                guard let grown = Unicode.Scalar(next) else { continue }
                scalars.append(grown)
                break
            }
            if scalars.isEmpty { return nil }
        }
        var prefix = String.UnicodeScalarView()
        prefix.append(contentsOf: scalars)
        return Array(String(prefix).utf8)
    }
}
