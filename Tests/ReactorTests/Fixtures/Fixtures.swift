// A client of our own making: a blocking socket, driven from a thread that may block.
import Base
import Glibc
import Platform
@testable import Reactor
import Synchronization

let clients = BlockingPool(name: "test-clients", threads: 8)

struct BlockingClient: Sendable {
    let descriptor: Int32

    init(port: UInt16) throws(LeibrixError) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let failed = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
                unsafe connect(descriptor, rebound, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard failed == 0 else { throw LeibrixError(.io, "connect: \(errno)") }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    func write(_ bytes: [UInt8]) -> Int { unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    func writeAll(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = write(Array(bytes[sent...].prefix(65_536)))
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    /// Up to `count` bytes; fewer at the end of the stream.
    func read(_ count: Int) -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while all.count < count {
            let got = unsafe recv(descriptor, &chunk, min(chunk.count, count - all.count), 0)
            if got <= 0 { break }
            all += chunk[..<got]
        }
        return all
    }

    func shutdownWriting() { shutdown(descriptor, Int32(SHUT_WR)) }
    func close() { _ = Glibc.close(descriptor) }
}

/// Starts loops and a listener that sends back what it gets.
func makeEcho(loops: Int = 2) throws(LeibrixError) -> (group: EventLoopGroup, listener: Listener) {
    let group = try EventLoopGroup(loops: loops)
    let listener = try Listener(host: "127.0.0.1", port: 0, group: group) { socket in
        Task(executorPreference: socket.loop) {
            let buffer = ByteBuffer()
            do throws(LeibrixError) {
                while case .bytes = try await socket.read(into: buffer) {
                    precondition(socket.loop.isCurrent)
                    try await socket.flush(buffer)
                    buffer.release()
                }
            } catch {}
            socket.close()
        }
    }
    return (group, listener)
}

/// A value that test and loops share.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func withLock<R: Sendable>(_ body: (inout sending Value) -> sending R) -> R { value.withLock { body(&$0) } }
}
