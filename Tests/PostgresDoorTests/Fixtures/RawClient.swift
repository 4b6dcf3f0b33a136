// A client that knows messages only: what it sends and what comes back is compared as bytes.
import Base
import Glibc
import Platform
@testable import PostgresDoor
import Reactor
import Session

struct Message: Equatable, CustomStringConvertible {
    var type: Character
    var body: [UInt8]
    var description: String { "\(type)(\(String(decoding: body.map { $0 < 32 ? 46 : $0 }, as: UTF8.self)))" }
}

/// Blocking: used from threads of a pool.
struct RawClient: Sendable {
    let descriptor: Int32

    init(port: UInt16) throws(LeibrixError) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let failed = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard failed == 0 else { throw LeibrixError(.io, "connect: \(errno)") }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func close() { _ = Glibc.close(descriptor) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let rest = Array(bytes[sent...])
            let count = unsafe Glibc.send(descriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
            if count <= 0 { return }
            sent += count
        }
    }

    func receive(_ count: Int) -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while all.count < count {
            let got = unsafe recv(descriptor, &chunk, min(chunk.count, count - all.count), 0)
            if got <= 0 { break }
            all += chunk[..<got]
        }
        return all
    }

    /// nil at the end of the stream.
    func message() -> Message? {
        let head = receive(5)
        guard head.count == 5 else { return nil }
        let length = head[1...].reduce(0) { $0 << 8 | Int($1) }
        return Message(type: Character(UnicodeScalar(head[0])), body: receive(length - 4))
    }

    /// Everything up to and with ReadyForQuery, or to the end.
    func untilReady() -> [Message] {
        var all: [Message] = []
        while let message = message() {
            all.append(message)
            if message.type == "Z" { break }
        }
        return all
    }

    func startup(_ parameters: [(String, String)] = [("user", "ana"), ("database", "leibrix")], version: Int32 = 196_608) -> [Message] {
        send(Self.startupPacket(parameters, version: version))
        return untilReady()
    }

    static func startupPacket(_ parameters: [(String, String)], version: Int32) -> [UInt8] {
        let body = Self.integer(version) + parameters.flatMap { Array($0.0.utf8) + [0] + Array($0.1.utf8) + [0] } + [0]
        return Self.integer(Int32(body.count + 4)) + body
    }

    static func integer<T: FixedWidthInteger>(_ value: T) -> [UInt8] { unsafe withUnsafeBytes(of: value.bigEndian) { unsafe Array($0) } }
    static func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }
    static func message(_ type: Character, _ body: [UInt8] = []) -> [UInt8] { [type.asciiValue!] + integer(Int32(body.count + 4)) + body }
    static func query(_ sql: String) -> [UInt8] { message("Q", text(sql)) }
    static func parse(_ name: String, _ sql: String, _ types: [UInt32] = []) -> [UInt8] {
        message("P", text(name) + text(sql) + integer(Int16(types.count)) + types.flatMap { integer($0) })
    }
    static func bind(_ portal: String, _ statement: String, _ parameters: [[UInt8]?] = [], formats: [Int16] = [], results: [Int16] = []) -> [UInt8] {
        var body = text(portal) + text(statement) + integer(Int16(formats.count)) + formats.flatMap { integer($0) } + integer(Int16(parameters.count))
        for parameter in parameters { body += integer(Int32(parameter?.count ?? -1)) + (parameter ?? []) }
        return message("B", body + integer(Int16(results.count)) + results.flatMap { integer($0) })
    }
    static func execute(_ portal: String, _ rows: Int32 = 0) -> [UInt8] { message("E", text(portal) + integer(rows)) }
    static func describe(_ kind: Character, _ name: String) -> [UInt8] { message("D", [kind.asciiValue!] + text(name)) }
    static let sync = message("S")
}

extension [Message] {
    /// Their types in one word.
    var types: String { String(map(\.type)) }
}

extension Message {
    /// A field of ErrorResponse or NoticeResponse.
    func field(_ code: Character) -> String? {
        body.split(separator: 0).first { $0.first == code.asciiValue }.map { String(decoding: $0.dropFirst(), as: UTF8.self) }
    }

    /// The values of a DataRow; nil is NULL.
    var row: [[UInt8]?] {
        var values: [[UInt8]?] = []
        var position = 2
        while position + 4 <= body.count {
            let length = Int32(truncatingIfNeeded: body[position..<position + 4].reduce(0) { $0 << 8 | Int($1) })
            position += 4
            values.append(length < 0 ? nil : Array(body[position..<position + Int(length)]))
            position += Int(Swift.max(0, length))
        }
        return values
    }

    var texts: [String?] { row.map { $0.map { String(decoding: $0, as: UTF8.self) } } }
    var text: String { String(decoding: body.prefix { $0 != 0 }, as: UTF8.self) }
}

/// A door over a service, with loops of its own, for the length of `body`.
func withDoor<S: DoorService, R: Sendable>(
    _ service: S, connectionsMax: Int = 100, tls: TLSContext? = nil, _ body: @escaping @Sendable (PostgresDoor<S>) async throws -> R
) async throws -> R {
    let group = try EventLoopGroup(loops: 2)
    let configuration = PostgresDoorConfiguration(port: 0, connectionsMax: connectionsMax, tls: tls)
    let door = try PostgresDoor(configuration, service: service, group: group)
    let result: R
    do {
        result = try await body(door)
    } catch {
        await door.shutdown(deadlineMS: 0)
        group.shutdown()
        throw error
    }
    await door.shutdown(deadlineMS: 1_000)
    group.shutdown()
    return result
}

/// Runs a client on a thread that may block.
func client<R: Sendable>(_ port: UInt16, _ body: @escaping @Sendable (RawClient) -> R) async throws -> R {
    try await clientThreads.run { () throws(LeibrixError) in
        let client = try RawClient(port: port)
        defer { client.close() }
        return body(client)
    }
}

let clientThreads = BlockingPool(name: "test-clients", threads: 8)
