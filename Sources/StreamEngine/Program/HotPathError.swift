internal import Base

/// What can be wrong with one row, in two bytes: nothing is allocated where rows are worked on. The message is made where
/// somebody asks for it.
public enum HotPathError: UInt16, Sendable, CaseIterable {
    case overflow = 9001
    case invalidCast = 9002
    case domain = 9003
    case stateFull = 9004
    case lateRow = 9005
    case nullEventTime = 9006
    case missingRow = 9007
    case lookupFailed = 9008

    /// The stable code, `LDB-NNNN`.
    public var code: String { "LDB-\(rawValue)" }

    public var message: String {
        switch self {
        case .overflow: "a value does not fit its type"
        case .invalidCast: "a text does not read as the type it is cast to"
        case .domain: "an argument is outside of what its function takes"
        case .stateFull: "the operator holds as many keys as it may"
        case .lateRow: "the row came after its window had closed"
        case .nullEventTime: "the row has no event time"
        case .missingRow: "a row is taken back that was not there"
        case .lookupFailed: "the lookup failed"
        }
    }
}
