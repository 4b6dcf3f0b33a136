// Bytes into messages. A length is checked against its bound before anything is taken for it; a message is only read when
// all of it is there, and no count inside it is trusted beyond its end.
//
//   startup: int32 length · int32 code · ..          later: byte type · int32 length (without the type) · ..
public import Base
public import Reactor
internal import Session

public enum FrontendDecoder {
    static let sslCode: UInt32 = 80_877_103
    static let gssCode: UInt32 = 80_877_104
    static let cancelCode: UInt32 = 80_877_102

    /// nil when more bytes are needed. Throws what ends the connection.
    public static func startup(_ buffer: ByteBuffer) throws(LeibrixError) -> StartupPacket? {
        guard buffer.count >= 4 else { return nil }
        let length = Int(buffer.integer(at: 0, as: UInt32.self))
        guard (8...DoorLimits.startupBytesMax).contains(length) else {
            throw .violation("invalid length of startup packet", hint: "This port speaks PostgreSQL's protocol.")
        }
        guard buffer.count >= length else { return nil }
        var reader = MessageReader(buffer, from: 4, to: length)
        defer { buffer.consume(length) }
        let code = try reader.unsigned32()
        switch code {
        case sslCode: return .sslRequest
        case gssCode: return .gssRequest
        case cancelCode:
            let process = Int32(bitPattern: try reader.unsigned32())
            return .cancel(CancelKey(processID: process, secret: Int32(bitPattern: try reader.unsigned32())))
        default: break
        }
        guard code >> 16 == 3 else {
            throw LeibrixError(.notSupported, "unsupported frontend protocol \(code >> 16).\(code & 0xFFFF): server supports 3.0 to 3.0")
        }
        return .startup(minor: UInt16(code & 0xFFFF), parameters: try parameters(&reader))
    }

    private static func parameters(_ reader: inout MessageReader) throws(LeibrixError) -> [StartupParameter] {
        var parameters: [StartupParameter] = []
        while true {
            let name = try reader.string()
            if name.isEmpty { break }
            parameters.append(StartupParameter(name, try reader.string()))
        }
        guard reader.isAtEnd else { throw .violation("invalid startup packet layout: expected terminator as last byte") }
        return parameters
    }

    /// nil when more bytes are needed. Throws what ends the connection.
    public static func next(_ buffer: ByteBuffer, isAuthenticated: Bool = true) throws(LeibrixError) -> FrontendMessage? {
        guard buffer.count >= 1 else { return nil }
        let type = buffer[0]
        guard let bound = bound(type, isAuthenticated) else {
            throw .violation("invalid frontend message type \(type)", hint: "This port speaks PostgreSQL's protocol 3.0.")
        }
        guard buffer.count >= 5 else { return nil }
        let length = Int(buffer.integer(at: 1, as: UInt32.self))
        guard length >= 4, length <= bound else {
            throw .violation("invalid length \(length) of a message of type \(describe(type))", hint: "At most \(bound) bytes are taken.")
        }
        guard buffer.count >= length + 1 else { return nil }
        var reader = MessageReader(buffer, from: 5, to: length + 1)
        defer { buffer.consume(length + 1) }
        do throws(LeibrixError) {
            let message = try body(type, &reader)
            guard reader.isAtEnd else { throw .violation("invalid message format: bytes are left in a message of type \(describe(type))") }
            return message
        } catch {
            return .unreadable(type: type, error)
        }
    }

    /// The longest message of a type; nil for types that do not exist, or not yet.
    private static func bound(_ type: UInt8, _ isAuthenticated: Bool) -> Int? {
        if !isAuthenticated { return type == UInt8(ascii: "p") ? DoorLimits.passwordBytesMax : nil }
        switch type {
        case UInt8(ascii: "Q"), UInt8(ascii: "P"), UInt8(ascii: "B"), UInt8(ascii: "d"), UInt8(ascii: "F"): return DoorLimits.messageBytesMax
        case UInt8(ascii: "D"), UInt8(ascii: "E"), UInt8(ascii: "C"), UInt8(ascii: "f"): return DoorLimits.shortMessageBytesMax
        case UInt8(ascii: "S"), UInt8(ascii: "H"), UInt8(ascii: "X"), UInt8(ascii: "c"): return 4
        case UInt8(ascii: "p"): return DoorLimits.passwordBytesMax
        default: return nil
        }
    }

    private static func body(_ type: UInt8, _ reader: inout MessageReader) throws(LeibrixError) -> FrontendMessage {
        switch type {
        case UInt8(ascii: "Q"): return .query(try reader.string())
        case UInt8(ascii: "P"): return try parse(&reader)
        case UInt8(ascii: "B"): return .bind(try bind(&reader))
        case UInt8(ascii: "D"): return .describe(try target(&reader))
        case UInt8(ascii: "C"): return .close(try target(&reader))
        case UInt8(ascii: "E"):
            let portal = try reader.string()
            return .execute(portal: portal, rowsMax: max(0, Int(Int32(bitPattern: try reader.unsigned32()))))
        case UInt8(ascii: "S"): return .sync
        case UInt8(ascii: "H"): return .flush
        case UInt8(ascii: "X"): return .terminate
        case UInt8(ascii: "d"): return .copyData(reader.rest())
        case UInt8(ascii: "c"): return .copyDone
        case UInt8(ascii: "f"): return .copyFail(try reader.string())
        case UInt8(ascii: "F"):
            _ = reader.rest()
            return .functionCall
        default: return .authentication(reader.rest())
        }
    }

    private static func parse(_ reader: inout MessageReader) throws(LeibrixError) -> FrontendMessage {
        let name = try reader.string()
        let sql = try reader.string()
        var types: [UInt32] = []
        for _ in 0..<(try reader.count(bytesEach: 4)) { types.append(try reader.unsigned32()) }
        return .parse(name: name, sql: sql, types: types)
    }

    private static func bind(_ reader: inout MessageReader) throws(LeibrixError) -> BindMessage {
        let portal = try reader.string()
        let statement = try reader.string()
        let parameterFormats = try codes(&reader)
        var parameters: [[UInt8]?] = []
        for _ in 0..<(try reader.count(bytesEach: 4)) {
            let length = Int32(bitPattern: try reader.unsigned32())
            guard length >= -1 else { throw .violation("invalid length \(length) of a parameter") }
            parameters.append(length == -1 ? nil : try reader.bytes(Int(length)))
        }
        return BindMessage(
            portal: portal, statement: statement, parameterFormats: parameterFormats, parameters: parameters, resultFormats: try codes(&reader))
    }

    private static func codes(_ reader: inout MessageReader) throws(LeibrixError) -> [Int16] {
        var codes: [Int16] = []
        for _ in 0..<(try reader.count(bytesEach: 2)) { codes.append(Int16(bitPattern: try reader.unsigned16())) }
        return codes
    }

    private static func target(_ reader: inout MessageReader) throws(LeibrixError) -> FrontendMessage.Target {
        let kind = try reader.byte()
        let name = try reader.string()
        switch kind {
        case UInt8(ascii: "S"): return .statement(name)
        case UInt8(ascii: "P"): return .portal(name)
        default: throw .violation("a message names neither a statement nor a portal but \(describe(kind))")
        }
    }

    static func describe(_ byte: UInt8) -> String { (33...126).contains(byte) ? "'\(Character(UnicodeScalar(byte)))'" : "\(byte)" }
}

/// The contents of one message, read where they lie: what is taken is copied, and the message is consumed afterwards.
struct MessageReader {
    private let buffer: ByteBuffer
    private let end: Int
    private var position: Int

    /// Offsets from the buffer's first byte.
    init(_ buffer: ByteBuffer, from start: Int, to end: Int) {
        self.buffer = buffer
        self.end = end
        position = start
    }

    /// Bytes that are no message's.
    init(_ bytes: [UInt8]) {
        buffer = ByteBuffer()
        buffer.append(bytes: bytes)
        end = bytes.count
        position = 0
    }

    var isAtEnd: Bool { position == end }
    private var left: Int { end - position }

    mutating func byte() throws(LeibrixError) -> UInt8 {
        guard left >= 1 else { throw .tooShort }
        position += 1
        return buffer[position - 1]
    }

    mutating func unsigned16() throws(LeibrixError) -> UInt16 {
        guard left >= 2 else { throw .tooShort }
        defer { position += 2 }
        return buffer.integer(at: position, as: UInt16.self)
    }

    mutating func unsigned32() throws(LeibrixError) -> UInt32 {
        let high = UInt32(try unsigned16())
        return high << 16 | UInt32(try unsigned16())
    }

    /// A count that could be true: so many things of at least so many bytes are still there.
    mutating func count(bytesEach: Int) throws(LeibrixError) -> Int {
        let count = Int(try unsigned16())
        guard count * bytesEach <= left else { throw .tooShort }
        return count
    }

    mutating func bytes(_ count: Int) throws(LeibrixError) -> [UInt8] {
        guard count <= left else { throw .tooShort }
        defer { position += count }
        return buffer.bytes(at: position, count: count)
    }

    mutating func rest() -> [UInt8] {
        defer { position = end }
        return buffer.bytes(at: position, count: left)
    }

    /// UTF-8 up to a zero byte.
    mutating func string() throws(LeibrixError) -> String {
        enum Found { case text(String), invalid, endless }
        let (position, left) = (position, left)
        let (found, length) = buffer.withBytes { whole -> (Found, Int) in
            unsafe whole.withUnsafeBytes { whole in
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: whole[position..<position + left])
                guard let length = unsafe bytes.firstIndex(of: 0) else { return (.endless, 0) }
                let text = unsafe String(validating: UnsafeRawBufferPointer(rebasing: bytes[..<length]), as: UTF8.self)
                return (text.map { .text($0) } ?? .invalid, length)
            }
        }
        switch found {
        case .text(let text):
            self.position += length + 1
            return text
        case .endless: throw .violation("invalid string in message")
        case .invalid:
            self.position = end
            throw LeibrixError(.invalidValue, "invalid byte sequence for encoding \"UTF8\"", hint: "client_encoding is UTF8.", sqlState: "22021")
        }
    }
}

extension LeibrixError {
    static func violation(_ message: String, hint: String? = nil) -> LeibrixError { LeibrixError(.protocolViolation, message, hint: hint) }
    static var tooShort: LeibrixError { .violation("insufficient data left in message") }
}
