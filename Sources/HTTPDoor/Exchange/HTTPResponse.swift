/// An answer, encoded with its length.
public struct HTTPResponse: Sendable, Hashable {
    public var status: Int
    public var contentType: String
    public var body: String
    /// Methods for a 405.
    public var allow: String?

    public init(_ status: Int, _ body: String, contentType: String = "text/plain; charset=utf-8", allow: String? = nil) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.allow = allow
    }

    func encoded(withBody: Bool, close: Bool) -> [UInt8] {
        let content = Array(body.utf8)
        var head = "HTTP/1.1 \(status) \(Self.phrase(status))\r\nContent-Type: \(contentType)\r\nContent-Length: \(content.count)\r\n"
        head += "Cache-Control: no-store\r\n"
        if let allow { head += "Allow: \(allow)\r\n" }
        if close { head += "Connection: close\r\n" }
        return Array((head + "\r\n").utf8) + (withBody ? content : [])
    }

    /// RFC 9110, section 15, the ones this door gives.
    static func phrase(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
