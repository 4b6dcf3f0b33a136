public import Base
public import Session

/// What the door serves: the process's state, and statements.
public protocol HTTPService: Sendable {
    associatedtype Sessions: DoorService

    /// Why the server does not take statements yet or any more; empty when it is ready.
    func reasonsNotReady() -> [String]
    /// Prometheus text.
    func metrics() -> String
    /// An object: version, uptime, what is there.
    func status() -> JSON
    /// Who answers statements; nil while nobody does.
    var sessions: Sessions? { get }
    /// Origins (`https://host[:port]`) whose pages may read the answers; `*` is all.
    var allowedOrigins: [String] { get }
}

enum HTTPRoutes {
    static let query = "/query"
    /// Followed by a source's name.
    static let sources = "/sources/"
    static let paths = ["/health", "/ready", "/status", "/metrics", query]

    /// nil: a statement to be run, or rows to be taken.
    static func respond(_ request: HTTPRequest, _ service: some HTTPService) -> HTTPResponse? {
        let access = OriginAccess(request, allowed: service.allowedOrigins)
        guard let response = route(request, service, access) else { return nil }
        var answer = response
        answer.fields += access.fields
        return answer
    }

    private static func route(_ request: HTTPRequest, _ service: some HTTPService, _ access: OriginAccess) -> HTTPResponse? {
        let takesRows = request.path.hasPrefix(sources) && request.path.count > sources.count
        guard paths.contains(request.path) || takesRows else {
            return HTTPResponse(404, "There is no \(request.path.prefix(200)). Known: \(paths.joined(separator: ", ")), \(sources)NAME.\n")
        }
        if request.method == "OPTIONS" { return access.preflight }
        if request.path == query || takesRows {
            guard request.method == "POST" else { return HTTPResponse(405, "\(takesRows ? sources + "NAME" : query) takes POST.\n", allow: "POST, OPTIONS") }
            return access.isRefused ? HTTPResponse(403, "Pages of this origin may not send statements.\n") : nil
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPResponse(405, "\(request.path) takes GET.\n", allow: "GET, HEAD, OPTIONS")
        }
        switch request.path {
        case "/health": return HTTPResponse(200, "ok\n")
        case "/ready":
            let reasons = service.reasonsNotReady()
            return reasons.isEmpty ? HTTPResponse(200, "ready\n") : HTTPResponse(503, reasons.joined(separator: "\n") + "\n")
        case "/status": return HTTPResponse(200, service.status().text() + "\n", contentType: "application/json")
        default: return HTTPResponse(200, service.metrics(), contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}

/// Whether a page may talk to this server (Fetch, "CORS protocol"). Loopback trusts whoever connects, and a browser connects
/// for any page: so a page of another origin is refused unless it was allowed.
struct OriginAccess {
    private let origin: String?
    private let isAllowed: Bool

    init(_ request: HTTPRequest, allowed: [String]) {
        guard let origin = request.values("origin").first else {
            origin = nil
            isAllowed = true
            return
        }
        self.origin = origin
        let isOwn = request.values("host").first.map { Self.isAddress($0) && (origin == "http://\($0)" || origin == "https://\($0)") } ?? false
        isAllowed = isOwn || allowed.contains(origin) || allowed.contains("*")
    }

    /// A name in Host may be one that its owner points at this machine; an address or localhost cannot.
    private static func isAddress(_ host: String) -> Bool {
        let name = host.hasPrefix("[") ? host[...] : host.prefix { $0 != ":" }
        return name.hasPrefix("[") || name == "localhost" || name.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." }
    }

    var isRefused: Bool { !isAllowed }

    var fields: [(name: String, value: String)] {
        guard let origin, isAllowed else { return [] }
        return [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
    }

    var preflight: HTTPResponse {
        guard isAllowed else { return HTTPResponse(403, "This origin is not allowed.\n") }
        var response = HTTPResponse(204, "")
        response.fields = [
            ("Access-Control-Allow-Methods", "GET, POST, OPTIONS"), ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
            ("Access-Control-Max-Age", "600"),
        ]
        return response
    }
}
