// The body of an answer on its way out. While it is small it stays here, and goes out with its length; beyond a piece it
// goes out in chunks (RFC 9112, section 7.1), each sent before the next is made: a client that does not read stops the query.
// A failure after the first piece leaves the chunks without an end, which no client takes for a whole answer.
internal import Base
internal import Reactor

final class AnswerBody {
    private let socket: Socket
    private let request: HTTPRequest
    private let fields: [(name: String, value: String)]
    private let close: Bool
    private let coding: ContentCoding?
    private var compressor: Compressor?
    private let wire = ByteBuffer()
    /// What has been written and not sent.
    let plain = ByteBuffer()
    private(set) var hasBegun = false

    init(_ request: HTTPRequest, to socket: Socket, fields: [(name: String, value: String)]) {
        self.request = request
        self.socket = socket
        self.fields = fields
        close = !request.keepsAlive
        coding = ContentCoding(accepting: request.values("accept-encoding"))
    }

    private var isChunked: Bool { request.minorVersion == 1 }

    /// Sends what is there, once it is a piece.
    func flushIfFull() async throws(LeibrixError) {
        if plain.count >= HTTPLimits.pieceBytes { try await send(isLast: false) }
    }

    func finish() async throws(LeibrixError) {
        if hasBegun { return try await send(isLast: true) }
        var content = plain.bytes(at: 0, count: plain.count)
        plain.discard()
        var head = HTTPHead(200, contentType: "application/json", close: close)
        for (name, value) in fields { head.add(name, value) }
        if let coding, content.count >= HTTPLimits.compressBytesMin {
            try Compressor(coding).run(content, isLast: true, into: wire)
            content = wire.bytes(at: 0, count: wire.count)
            wire.discard()
            head.add("Content-Encoding", coding.rawValue)
        }
        head.add("Content-Length", "\(content.count)")
        wire.append(bytes: head.bytes)
        wire.append(bytes: content)
        try await socket.flush(wire)
    }

    private func begin() throws(LeibrixError) {
        hasBegun = true
        var head = HTTPHead(200, contentType: "application/json", close: close || !isChunked)
        for (name, value) in fields { head.add(name, value) }
        if isChunked { head.add("Transfer-Encoding", "chunked") }
        if let coding {
            compressor = try Compressor(coding)
            head.add("Content-Encoding", coding.rawValue)
        }
        wire.append(bytes: head.bytes)
    }

    private func send(isLast: Bool) async throws(LeibrixError) {
        if !hasBegun { try begin() }
        var piece = plain.bytes(at: 0, count: plain.count)
        plain.discard()
        if coding != nil { piece = try compressed(piece, isLast: isLast) }
        if isChunked {
            if !piece.isEmpty { wire.append(String(piece.count, radix: 16) + "\r\n") }
            wire.append(bytes: piece)
            if !piece.isEmpty { wire.append("\r\n") }
            if isLast { wire.append("0\r\n\r\n") }
        } else {
            wire.append(bytes: piece)
        }
        try await socket.flush(wire)
    }

    private func compressed(_ piece: [UInt8], isLast: Bool) throws(LeibrixError) -> [UInt8] {
        let out = ByteBuffer()
        switch compressor {
        case .some(let compressor): try compressor.run(piece, isLast: isLast, into: out)
        case .none: return piece
        }
        return out.bytes(at: 0, count: out.count)
    }

    /// Whether the connection ends after this answer.
    var endsConnection: Bool { close || hasBegun && !isChunked }
}
