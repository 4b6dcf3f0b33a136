/// An answer, encoded with its length.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var contentType: String
    public var body: String
    /// Methods for a 405.
    public var allow: String?
    /// Further header fields.
    public var fields: [(name: String, value: String)] = []

    public init(_ status: Int, _ body: String, contentType: String = "text/plain; charset=utf-8", allow: String? = nil) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.allow = allow
    }

    func encoded(withBody: Bool, close: Bool) -> [UInt8] {
        let content = Array(body.utf8)
        var head = HTTPHead(status, contentType: contentType, close: close)
        head.add("Content-Length", "\(content.count)")
        if let allow { head.add("Allow", allow) }
        for (name, value) in fields { head.add(name, value) }
        return head.bytes + (withBody ? content : [])
    }

    /// RFC 9110, section 15, the ones this door gives.
    static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 507: "Insufficient Storage"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}

/// The head of an answer.
struct HTTPHead {
    private var text: String

    init(_ status: Int, contentType: String, close: Bool) {
        text = "HTTP/1.1 \(status) \(HTTPResponse.phrase(status))\r\nContent-Type: \(contentType)\r\nCache-Control: no-store\r\n"
        if close { text += "Connection: close\r\n" }
    }

    /// Neither may come from a client without having been looked at.
    mutating func add(_ name: String, _ value: String) { text += "\(name): \(value)\r\n" }

    var bytes: [UInt8] { Array((text + "\r\n").utf8) }
}
