// An incremental parser of HTTP/1.1 requests (RFC 9112): bytes in, requests out, no I/O.
//
//   requestLine -> headers -> body -> requestLine ..        any failure -> failed, for good
//
// A line is kept only until it is whole, and never beyond its limit; a body is counted, and kept where the route takes one. Bytes may come in pieces
// of any size: the requests are the same.

public struct HTTPParser: ~Copyable {
    private enum State: Equatable {
        case requestLine
        case headers
        /// Bytes of the body still to read past.
        case body(Int)
        case failed(HTTPFailure)
    }

    private var state = State.requestLine
    private var line: [UInt8] = []
    private var headerBytes = 0
    private var request = HTTPRequest(method: "", target: "", minorVersion: 1, headers: [])

    public init() {}

    /// Takes `bytes` and calls `body` for each request that is whole with them. Throws once what came is no request; after
    /// that, always.
    public mutating func feed(_ bytes: Span<UInt8>, _ body: (HTTPRequest) -> Void) throws(HTTPFailure) {
        var index = 0
        while index < bytes.count {
            switch state {
            case .failed(let failure): throw failure
            case .body(let left):
                let taken = min(left, bytes.count - index)
                if request.takesBody { for place in index..<index + taken { request.body.append(bytes[place]) } }
                index += taken
                state = .body(left - taken)
                if left == taken { finish(body) }
            case .requestLine, .headers:
                let byte = bytes[index]
                index += 1
                do throws(HTTPFailure) {
                    if byte == UInt8(ascii: "\n") { try endLine(body) } else { try append(byte) }
                } catch {
                    state = .failed(error)
                    throw error
                }
            }
        }
    }

    /// Whether part of a request has come.
    public var isMidRequest: Bool { state != .requestLine || !line.isEmpty }

    private mutating func append(_ byte: UInt8) throws(HTTPFailure) {
        guard byte != 0 else { throw HTTPFailure(400, "a NUL byte in the head") }
        if state == .requestLine {
            guard line.count < HTTPLimits.requestLineBytesMax else { throw HTTPFailure(414, "the request line is too long") }
        } else {
            headerBytes += 1
            guard headerBytes <= HTTPLimits.headerBytesMax else { throw HTTPFailure(431, "the header fields are too large") }
        }
        line.append(byte)
    }

    private mutating func endLine(_ body: (HTTPRequest) -> Void) throws(HTTPFailure) {
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.contains(UInt8(ascii: "\r")) else { throw HTTPFailure(400, "a bare carriage return in the head") }
        defer { line.removeAll(keepingCapacity: true) }
        if state == .requestLine {
            if line.isEmpty { return }  // RFC 9112, 2.2: empty lines before a request are ignored.
            request = try HTTPParser.requestLine(line)
            state = .headers
        } else if line.isEmpty {
            let length = try HTTPParser.bodyLength(request)
            state = .body(length)
            if length == 0 { finish(body) }
        } else {
            guard request.headers.count < HTTPLimits.headersMax else { throw HTTPFailure(431, "there are too many header fields") }
            request.headers.append(try HTTPParser.header(line))
        }
    }

    private mutating func finish(_ body: (HTTPRequest) -> Void) {
        body(request)
        state = .requestLine
        headerBytes = 0
    }
}

extension HTTPParser {
    /// `METHOD SP TARGET SP HTTP/1.x`
    static func requestLine(_ line: [UInt8]) throws(HTTPFailure) -> HTTPRequest {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty else { throw HTTPFailure(400, "the request line has not three parts") }
        guard parts[0].allSatisfy(isToken), parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPFailure(400, "the request line holds characters it cannot")
        }
        let version = String(decoding: parts[2], as: UTF8.self)
        guard version == "HTTP/1.1" || version == "HTTP/1.0" else {
            throw version.hasPrefix("HTTP/") ? HTTPFailure(505, "only HTTP/1.0 and HTTP/1.1 are served") : HTTPFailure(400, "no HTTP version")
        }
        return HTTPRequest(
            method: String(decoding: parts[0], as: UTF8.self), target: String(decoding: parts[1], as: UTF8.self),
            minorVersion: version == "HTTP/1.1" ? 1 : 0, headers: [])
    }

    /// `name: value`, without folding (RFC 9112, 5.2) and without a space before the colon (5.1).
    static func header(_ line: [UInt8]) throws(HTTPFailure) -> HTTPRequest.Header {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(isToken) else {
            throw HTTPFailure(400, "a header field without a name")
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw HTTPFailure(400, "a control character in a header field") }
        return HTTPRequest.Header(name: String(decoding: line[..<colon], as: UTF8.self).lowercased(), value: String(decoding: value, as: UTF8.self))
    }

    /// RFC 9112, section 6.3. Called once the head is whole.
    static func bodyLength(_ request: HTTPRequest) throws(HTTPFailure) -> Int {
        let hosts = request.values("host").count
        guard hosts == 1 || (hosts == 0 && request.minorVersion == 0) else { throw HTTPFailure(400, "there must be one Host") }
        let lengths = Set(request.values("content-length"))
        if !request.values("transfer-encoding").isEmpty {
            guard lengths.isEmpty else { throw HTTPFailure(400, "both Content-Length and Transfer-Encoding") }
            throw HTTPFailure(411, "a body needs a Content-Length")
        }
        guard let text = lengths.first else { return 0 }
        guard lengths.count == 1, !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { throw HTTPFailure(400, "the Content-Length is no number") }
        guard let length = Int(text), length <= HTTPLimits.bodyBytesMax else { throw HTTPFailure(413, "the body is too large") }
        return length
    }

    /// RFC 9110, section 5.6.2.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
