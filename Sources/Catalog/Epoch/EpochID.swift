internal import Base

/// Names epochs: `{start_ms}_{6 hex of a hash}`, and `null_{6 hex}` for rows without a finite time.
///
/// The hash covers the range and the dimensions' values by column name, so that the order of the columns in the spec
/// does not matter and every combination has a name of its own.
public enum EpochID {
    public static func make(range: TimeRange?, dimensionValues: [DimensionValue]) -> String {
        var text = range.map { "\($0.startMS)/\($0.endMS)" } ?? "null"
        for value in dimensionValues.sorted(by: { $0.column < $1.column }) {
            text += "|\(value.column.utf8.count):\(value.column)=\(value.value.utf8.count):\(value.value)"
        }
        return (range.map { String($0.startMS) } ?? "null") + "_" + hex(fnv1a(text))
    }

    /// The one epoch of a dataset without a time column.
    public static func whole(dimensionValues: [DimensionValue] = []) -> String {
        make(range: TimeRange(startMS: 0, endMS: 0), dimensionValues: dimensionValues)
    }

    /// FNV-1a, 64 bits, folded to 24 (Fowler, Noll, Vo): stable across machines and versions, which Swift's hashing is not.
    static func fnv1a(_ text: String) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return UInt32(truncatingIfNeeded: hash ^ (hash >> 24) ^ (hash >> 48)) & 0xFF_FFFF
    }

    private static func hex(_ hash: UInt32) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }
}

/// One dimension column at one of its values.
public struct DimensionValue: Sendable, Hashable {
    public var column: String
    public var value: String
    public init(column: String, value: String) {
        self.column = column
        self.value = value
    }
}
