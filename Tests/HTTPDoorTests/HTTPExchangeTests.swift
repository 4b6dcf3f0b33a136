import Base
import Columnar
import Session
import Testing

@testable import HTTPDoor

struct FixedService: HTTPService {
    var reasons: [String] = []
    var allowedOrigins: [String] = []
    var sessions: SQLServer? { nil }
    func reasonsNotReady() -> [String] { reasons }
    func status() -> JSON { ["version": "1"] }
    func metrics() -> String { "x 1\n" }
}

@Suite struct HTTPExchangeTests {
    private func answer(_ text: String, reasons: [String] = []) -> (text: String, close: Bool) {
        var exchange = HTTPExchange(service: FixedService(reasons: reasons))
        let bytes = Array(text.utf8)
        let output = exchange.receive(bytes.span)
        return (String(decoding: output.bytes, as: UTF8.self), output.close)
    }

    private func get(_ path: String, _ method: String = "GET") -> String { "\(method) \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

    @Test func routes() {
        #expect(answer(get("/health")).text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer(get("/ready")).text.hasPrefix("HTTP/1.1 200"))
        let waiting = answer(get("/ready"), reasons: ["dataset a has no READY epoch"])
        #expect(waiting.text.hasPrefix("HTTP/1.1 503") && waiting.text.hasSuffix("\r\n\r\ndataset a has no READY epoch\n"))
        #expect(answer(get("/metrics?a")).text.contains("version=0.0.4"))
        #expect(answer(get("/nothing")).text.hasPrefix("HTTP/1.1 404"))
        let post = answer(get("/health", "POST")).text
        #expect(post.hasPrefix("HTTP/1.1 405") && post.contains("Allow: GET, HEAD"))
        #expect(answer(get("/health", "HEAD")).text.hasSuffix("\r\n\r\n"))
    }

    @Test func statementsAreHandedOn() {
        var exchange = HTTPExchange(service: FixedService())
        let text = get("/health") + "POST /query HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" + get("/status")
        let bytes = Array(text.utf8)
        let steps = exchange.receive(bytes.span).steps
        guard steps.count == 3, case .query(let request) = steps[1] else { return #expect(Bool(false), "\(steps.count) steps") }
        #expect(request.body == Array("body".utf8))
        #expect(answer(get("/status")).text.hasSuffix("{\"version\":\"1\"}\n"))
        #expect(answer(get("/query")).text.hasPrefix("HTTP/1.1 405"))
    }

    @Test func rowsAreHandedOn() {
        var exchange = HTTPExchange(service: FixedService())
        let bytes = Array("POST /sources/a%20b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}".utf8)
        guard case .query(let request)? = exchange.receive(bytes.span).steps.first else { return #expect(Bool(false), "no step") }
        #expect(request.body == Array("{}".utf8))
        #expect(answer(get("/sources/a")).text.hasPrefix("HTTP/1.1 405"))
        #expect(answer(get("/sources/", "POST")).text.hasPrefix("HTTP/1.1 404"))
    }

    @Test func pagesOfOtherOriginsAreRefused() {
        func post(_ origin: String, host: String = "127.0.0.1:80", allowed: [String] = [], method: String = "POST") -> String {
            var exchange = HTTPExchange(service: FixedService(allowedOrigins: allowed))
            let bytes = Array("\(method) /query HTTP/1.1\r\nHost: \(host)\r\nOrigin: \(origin)\r\n\r\n".utf8)
            let output = exchange.receive(bytes.span)
            return output.steps.contains { if case .query = $0 { true } else { false } } ? "run" : String(decoding: output.bytes, as: UTF8.self)
        }
        #expect(post("https://evil.example").hasPrefix("HTTP/1.1 403"))
        #expect(post("http://evil.example", host: "evil.example").hasPrefix("HTTP/1.1 403"))
        #expect(post("http://127.0.0.1:80") == "run")
        #expect(post("https://good.example", allowed: ["https://good.example"]) == "run")
        #expect(post("https://any.example", allowed: ["*"]) == "run")
        let preflight = post("https://good.example", allowed: ["https://good.example"], method: "OPTIONS")
        #expect(preflight.hasPrefix("HTTP/1.1 204") && preflight.contains("Access-Control-Allow-Origin: https://good.example"))
        #expect(post("https://evil.example", method: "OPTIONS").hasPrefix("HTTP/1.1 403"))
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() {
        let (text, close) = answer(get("/health") + get("/metrics") + get("/none"))
        let ok = text.split(separator: "\r\n\r\n").filter { $0.contains("HTTP/1.1 200 OK") }.count
        #expect(ok == 2 && text.contains("HTTP/1.1 404 Not Found") && text.contains("There is no /none"))
        #expect(!close)
    }

    @Test func afterCloseNothingIsAnswered() {
        let (text, close) = answer("GET /health HTTP/1.0\r\n\r\n" + get("/metrics"))
        #expect(close && text.contains("Connection: close") && !text.contains("x 1"))
    }

    @Test func garbageIsAnsweredOnce() {
        let (text, close) = answer("hello\r\nGET / HTTP/1.1\r\n")
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request") && close)
    }
}
