/// What a statement, or the connection, ended in.
public enum ClientError: Error, Sendable, Hashable {
    /// The server's ErrorResponse. The connection stays usable unless the severity is FATAL.
    case server(ServerError)
    /// The connection cannot be made or is gone.
    case connection(String)
    /// The server sent what the protocol does not allow here.
    case unexpected(String)

    public var server: ServerError? {
        if case .server(let error) = self { return error }
        return nil
    }
}

/// ErrorResponse and NoticeResponse, field by field.
public struct ServerError: Error, Sendable, Hashable {
    public var severity: String
    public var sqlState: String
    public var message: String
    public var detail: String?
    public var hint: String?
    /// 1-based, in characters of the statement.
    public var position: Int?

    init(fields: [UInt8: String]) {
        severity = fields[UInt8(ascii: "V")] ?? fields[UInt8(ascii: "S")] ?? "ERROR"
        sqlState = fields[UInt8(ascii: "C")] ?? "XX000"
        message = fields[UInt8(ascii: "M")] ?? ""
        detail = fields[UInt8(ascii: "D")]
        hint = fields[UInt8(ascii: "H")]
        position = fields[UInt8(ascii: "P")].flatMap { Int($0) }
    }
}

extension ClientError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .server(let error): error.description
        case .connection(let reason): "connection: \(reason)"
        case .unexpected(let what): "protocol: \(what)"
        }
    }
}

extension ServerError: CustomStringConvertible {
    public var description: String {
        var text = "\(severity) \(sqlState): \(message)"
        if let detail { text += "\nDETAIL: \(detail)" }
        if let hint { text += "\nHINT: \(hint)" }
        return text
    }
}
