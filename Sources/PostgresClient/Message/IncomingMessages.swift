// Backend messages out of one growing buffer. A message's body is a range of the buffer, valid until the next message is read:
// a reader that only counts rows copies nothing.

struct IncomingMessage {
    let kind: UInt8
    let body: Range<Int>
}

struct IncomingMessages: ~Copyable {
    let socket: ClientSocket
    private(set) var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private(set) var bytesReceived = 0

    init(socket: consuming ClientSocket, bufferBytes: Int = 1 << 18) {
        self.socket = socket
        buffer = [UInt8](repeating: 0, count: bufferBytes)
    }

    mutating func next() throws(ClientError) -> IncomingMessage {
        try need(5)
        let length = int32(at: start + 1)
        guard length >= 4, length < 1 << 30 else { throw .unexpected("a message of \(length) bytes") }
        try need(1 + length)
        let message = IncomingMessage(kind: buffer[start], body: start + 5..<start + 1 + length)
        start += 1 + length
        return message
    }

    private mutating func need(_ count: Int) throws(ClientError) {
        guard end - start < count else { return }
        if start > 0 && (start == end || start + count > buffer.count) { moveToFront() }
        if count > buffer.count { buffer.append(contentsOf: repeatElement(0, count: max(buffer.count, count - buffer.count))) }
        while end - start < count {
            let read = try socket.receive(into: &buffer, at: end)
            guard read > 0 else { throw .connection("closed by the server") }
            end += read
            bytesReceived += read
        }
    }

    private mutating func moveToFront() {
        for index in start..<end { buffer[index - start] = buffer[index] }
        end -= start
        start = 0
    }

    func int32(at index: Int) -> Int {
        let raw = UInt32(buffer[index]) << 24 | UInt32(buffer[index + 1]) << 16 | UInt32(buffer[index + 2]) << 8 | UInt32(buffer[index + 3])
        return Int(Int32(bitPattern: raw))
    }

    func int16(at index: Int) -> Int { Int(buffer[index]) << 8 | Int(buffer[index + 1]) }

    /// A NUL-terminated string, and where the next field begins.
    func string(at index: Int) -> (text: String, next: Int) {
        var last = index
        while buffer[last] != 0 { last += 1 }
        return (String(decoding: buffer[index..<last], as: UTF8.self), last + 1)
    }

    func row(_ message: IncomingMessage) -> [[UInt8]?] {
        var at = message.body.lowerBound + 2
        return (0..<int16(at: message.body.lowerBound)).map { _ in
            let length = int32(at: at)
            at += 4
            guard length >= 0 else { return nil }
            defer { at += length }
            return Array(buffer[at..<at + length])
        }
    }

    func fields(_ message: IncomingMessage) -> [ResultField] {
        var at = message.body.lowerBound + 2
        return (0..<int16(at: message.body.lowerBound)).map { _ in
            let (name, next) = string(at: at)
            at = next + 18
            return ResultField(
                name: name, tableOID: UInt32(truncatingIfNeeded: int32(at: next)), attributeNumber: int16(at: next + 4),
                typeOID: UInt32(truncatingIfNeeded: int32(at: next + 6)), typeModifier: int32(at: next + 12),
                isBinary: int16(at: next + 16) == 1)
        }
    }

    func error(_ message: IncomingMessage) -> ServerError {
        var fields: [UInt8: String] = [:]
        var at = message.body.lowerBound
        while at < message.body.upperBound, buffer[at] != 0 {
            let (text, next) = string(at: at + 1)
            fields[buffer[at]] = text
            at = next
        }
        return ServerError(fields: fields)
    }
}
