/// A request (RFC 9110, RFC 9112).
public struct HTTPRequest: Sendable, Hashable {
    public var method: String
    /// As sent: "/metrics?x=1".
    public var target: String
    /// 0 or 1 of HTTP/1.0 and HTTP/1.1.
    public var minorVersion: Int
    /// Names in lower case.
    public var headers: [Header]
    /// Kept for POST /query and /sources/NAME alone; any other body is read past.
    public var body: [UInt8] = []

    public struct Header: Sendable, Hashable {
        public var name: String
        public var value: String
    }

    /// The target's path, without the query.
    public var path: String { String(target.prefix { $0 != "?" }) }

    public func values(_ name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

    var takesBody: Bool { method == "POST" && (path == HTTPRoutes.query || path.hasPrefix(HTTPRoutes.sources)) }

    /// RFC 9112, section 9.3.
    public var keepsAlive: Bool {
        let tokens = values("connection").flatMap { $0.split(separator: ",") }.map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
        if tokens.contains("close") { return false }
        return minorVersion == 1 || tokens.contains("keep-alive")
    }
}

/// Why bytes are not a request: the status to answer with, after which the connection ends.
public struct HTTPFailure: Error, Sendable, Hashable {
    public var status: Int
    public var reason: String

    public init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
