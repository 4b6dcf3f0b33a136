// What a client sends: https://www.postgresql.org/docs/15/protocol-message-formats.html
public import Base
public import Session

/// The first packet of a connection, which has no type byte.
public enum StartupPacket: Sendable, Equatable {
    case sslRequest
    case gssRequest
    case cancel(CancelKey)
    /// Protocol 3 with its minor version and its parameters in order.
    case startup(minor: UInt16, parameters: [StartupParameter])
}

public struct StartupParameter: Sendable, Equatable {
    public var name: String
    public var value: String
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

public enum FrontendMessage: Sendable, Equatable {
    case query(String)
    case parse(name: String, sql: String, types: [UInt32])
    case bind(BindMessage)
    case describe(Target)
    case execute(portal: String, rowsMax: Int)
    case close(Target)
    case sync, flush, terminate
    case copyData([UInt8])
    case copyDone
    case copyFail(String)
    case functionCall
    /// SASLInitialResponse, SASLResponse or PasswordMessage: which one only the exchange knows.
    case authentication([UInt8])
    /// A message of this type whose contents cannot be read; its end was found, so the connection can go on.
    case unreadable(type: UInt8, LeibrixError)

    public enum Target: Sendable, Equatable {
        case statement(String)
        case portal(String)
    }
}

public struct BindMessage: Sendable, Equatable {
    public var portal: String
    public var statement: String
    /// Format codes as sent: none, one for all, or one each.
    public var parameterFormats: [Int16]
    /// nil is NULL.
    public var parameters: [[UInt8]?]
    public var resultFormats: [Int16]

    public init(portal: String, statement: String, parameterFormats: [Int16], parameters: [[UInt8]?], resultFormats: [Int16]) {
        self.portal = portal
        self.statement = statement
        self.parameterFormats = parameterFormats
        self.parameters = parameters
        self.resultFormats = resultFormats
    }
}
