/// Where a row version lies: row group and slot. Stable until the version is gone; an update makes a new one.
public struct RowID: RawRepresentable, Hashable, Sendable, Comparable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Slots of a group take 17 bits: a row group holds 122,880 rows.
    @usableFromInline static let slotBits: UInt64 = 17

    @inlinable
    public init(group: Int, slot: Int) { rawValue = UInt64(group) &<< Self.slotBits | UInt64(slot) }

    @inlinable public var group: Int { Int(rawValue &>> Self.slotBits) }
    @inlinable public var slot: Int { Int(rawValue & (1 &<< Self.slotBits &- 1)) }

    public static func < (a: RowID, b: RowID) -> Bool { a.rawValue < b.rawValue }
}
