/// What the door serves: the process's state, without any data of tenants.
public protocol HTTPService: Sendable {
    /// Why the server does not take statements yet or any more; empty when it is ready.
    func reasonsNotReady() -> [String]
    /// Prometheus text.
    func metrics() -> String
}

enum HTTPRoutes {
    static let paths = ["/health", "/ready", "/metrics"]

    static func respond(_ request: HTTPRequest, _ service: some HTTPService) -> HTTPResponse {
        guard paths.contains(request.path) else {
            return HTTPResponse(404, "There is no \(request.path.prefix(200)). Known: \(paths.joined(separator: ", ")).\n")
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPResponse(405, "\(request.path) takes GET.\n", allow: "GET, HEAD")
        }
        switch request.path {
        case "/health": return HTTPResponse(200, "ok\n")
        case "/ready":
            let reasons = service.reasonsNotReady()
            return reasons.isEmpty ? HTTPResponse(200, "ready\n") : HTTPResponse(503, reasons.joined(separator: "\n") + "\n")
        default: return HTTPResponse(200, service.metrics(), contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}
