internal import WriteAheadLog

/// A place in the order of commits: everything before it has been seen. Survives restarts. Written as a log position.
public struct ChangePosition: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static func < (left: ChangePosition, right: ChangePosition) -> Bool { left.rawValue < right.rawValue }
}

extension ChangePosition: CustomStringConvertible, LosslessStringConvertible {
    public var description: String { LSN(rawValue: rawValue).description }

    public init?(_ text: String) {
        guard let position = LSN(text) else { return nil }
        self.init(rawValue: position.rawValue)
    }
}
