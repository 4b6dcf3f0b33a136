// A position in the log. Positions count bytes of the segments' files, their headers included, so that position, file and
// offset follow from each other by arithmetic.

/// A log sequence number. Written as PostgreSQL writes them: two hexadecimal halves with a slash between.
public struct LSN: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static let zero = LSN(rawValue: 0)
    public static func < (left: LSN, right: LSN) -> Bool { left.rawValue < right.rawValue }
}

extension LSN: CustomStringConvertible, LosslessStringConvertible {
    public var description: String {
        "\(String(rawValue >> 32, radix: 16, uppercase: true))/\(String(rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true))"
    }

    public init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let high = UInt32(halves[0], radix: 16), let low = UInt32(halves[1], radix: 16) else { return nil }
        self.init(rawValue: UInt64(high) << 32 | UInt64(low))
    }
}
