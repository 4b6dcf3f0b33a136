// The parser: what it takes, what it refuses, and that pieces make no difference.
import Platform
import Testing

@testable import HTTPDoor

@Suite struct HTTPParserTests {
    private func parse(_ text: String, piece: Int = .max) -> (requests: [HTTPRequest], failure: HTTPFailure?) {
        parse(Array(text.utf8), piece: piece)
    }

    private func parse(_ bytes: [UInt8], piece: Int = .max) -> (requests: [HTTPRequest], failure: HTTPFailure?) {
        var parser = HTTPParser()
        var requests: [HTTPRequest] = []
        var at = 0
        while at < bytes.count {
            let end = piece < bytes.count - at ? at + piece : bytes.count
            do throws(HTTPFailure) {
                let slice = Array(bytes[at..<end])
                try parser.feed(slice.span) { requests.append($0) }
            } catch {
                return (requests, error)
            }
            at = end
        }
        return (requests, nil)
    }

    static let pair = "\r\nGET /ready?x=1 HTTP/1.1\r\nHost: a\r\nX-Y:  z \r\n\r\nPOST /x HTTP/1.0\r\nContent-Length: 5\r\n\r\nhelloHEAD / HTTP/1.1\nhost:b\n\n"

    @Test(arguments: [1, 2, 3, 7, 64, Int.max])
    func piecesMakeNoDifference(piece: Int) {
        let (requests, failure) = parse(Self.pair, piece: piece)
        #expect(failure == nil)
        #expect(requests.map(\.method) == ["GET", "POST", "HEAD"])
        #expect(requests.map(\.path) == ["/ready", "/x", "/"])
        #expect(requests.first?.values("x-y") == ["z"])
        #expect(requests.map(\.keepsAlive) == [true, false, true])
    }

    @Test(arguments: [
        ("GET /\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\r\n", 505), ("G@T / HTTP/1.1\r\n\r\n", 400), ("GET / SPDY\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 413), ("GET /\u{0} HTTP/1.1\r\n", 400),
        ("GET / HTTP/1.1\rX\r\n", 400),
    ])
    func whatIsRefused(text: String, status: Int) {
        for piece in [1, Int.max] { #expect(parse(text, piece: piece).failure?.status == status) }
    }

    @Test func limits() {
        #expect(parse("GET /" + String(repeating: "a", count: HTTPLimits.requestLineBytesMax)).failure?.status == 414)
        let large = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "b", count: HTTPLimits.headerBytesMax)
        #expect(parse(large).failure?.status == 431)
        let many = "GET / HTTP/1.1\r\n" + String(repeating: "a:b\r\n", count: HTTPLimits.headersMax + 1)
        #expect(parse(many).failure?.status == 431)
    }

    @Test func failedForGood() {
        var parser = HTTPParser()
        let bad = Array("oops\r\n".utf8)
        let good = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(throws: HTTPFailure.self) { try parser.feed(bad.span) { _ in } }
        #expect(throws: HTTPFailure.self) { try parser.feed(good.span) { _ in Issue.record("a request after a failure") } }
    }

    /// Bytes of all kinds, biased to those that matter: never a crash, and the same outcome whole and in pieces.
    @Test func randomBytes() {
        let seed = Random.integer(UInt64.self)
        var generator = SeededGenerator(seed: seed)
        let words = ["GET ", "/", "HTTP/1.1", "\r\n", "\n", "Host: a", "Content-Length: ", "3", ":", " ", "\r", "\u{0}", "é", "POST", "connection: close"]
        for _ in 0..<2_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<24, using: &generator) {
                if UInt8.random(in: 0..<8, using: &generator) == 0 {
                    bytes.append(UInt8.random(in: 0...255, using: &generator))
                } else {
                    bytes += Array(words[Int.random(in: 0..<words.count, using: &generator)].utf8)
                }
            }
            let whole = parse(bytes)
            let pieces = parse(bytes, piece: Int.random(in: 1...9, using: &generator))
            #expect(whole.requests == pieces.requests && whole.failure == pieces.failure, "seed \(seed)")
        }
    }
}
