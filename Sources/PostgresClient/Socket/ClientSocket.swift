// A blocking TCP or Unix socket, closed when it goes out of scope; with TLS over it where that was agreed.
internal import Base
internal import Glibc
internal import Reactor

/// Whether a client encrypts, as libpq's sslmode has it.
public enum TLSMode: Sendable, Hashable {
    case disable
    /// If the server can.
    case prefer
    case require
    /// With a certificate of these roots (a PEM file; nil: the system's) for this host.
    case verifyFull(roots: String?)
}

struct ClientSocket: ~Copyable {
    let descriptor: Int32
    private var tls: TLSClient?

    /// A host that opens with a slash is a folder holding PostgreSQL's `.s.PGSQL.PORT`.
    init(host: String, port: Int) throws(ClientError) {
        if host.hasPrefix("/") {
            descriptor = try ClientSocket.unix("\(host)/.s.PGSQL.\(port)")
        } else {
            descriptor = try ClientSocket.tcp(host, port)
        }
    }

    deinit { _ = Glibc.close(descriptor) }

    private static func tcp(_ host: String, _ port: Int) throws(ClientError) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let first = unsafe list else { throw .connection("\(host): \(unsafe String(cString: gai_strerror(code)))") }
        defer { unsafe freeaddrinfo(list) }
        var reason = "no address"
        var next: UnsafeMutablePointer<addrinfo>? = unsafe first
        while let address = unsafe next {
            let made = unsafe Glibc.socket(address.pointee.ai_family, address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
            if made >= 0 {
                if unsafe Glibc.connect(made, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 {
                    var one: Int32 = 1
                    unsafe setsockopt(made, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
                    return made
                }
                reason = lastError()
                _ = Glibc.close(made)
            }
            unsafe next = address.pointee.ai_next
        }
        throw .connection("\(host):\(port): \(reason)")
    }

    private static func unix(_ path: String) throws(ClientError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < 108 else { throw .connection("\(path): too long for a socket's name") }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let made = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let done = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(made, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard done == 0 else {
            let reason = lastError()
            _ = Glibc.close(made)
            throw .connection("\(path): \(reason)")
        }
        return made
    }

    /// SSLRequest, and the handshake if the server agrees. Sockets in the file system are never encrypted.
    mutating func startTLS(_ mode: TLSMode, host: String) throws(ClientError) {
        guard mode != .disable, !host.hasPrefix("/") else { return }
        try send([0, 0, 0, 8, 4, 210, 22, 47])
        var answer: [UInt8] = [0]
        guard try receive(into: &answer, at: 0) == 1 else { throw .connection("the server closed the connection") }
        guard answer[0] == UInt8(ascii: "S") else {
            if mode == .prefer { return }
            throw .connection("the server has no TLS")
        }
        // A write to a connection that is gone is an error, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        let verification: TLSClient.Verification = if case .verifyFull(let roots) = mode { .full(roots: roots) } else { .none }
        do throws(LeibrixError) {
            tls = try TLSClient(descriptor: descriptor, host: host, verification: verification)
        } catch { throw .connection(error.message) }
    }

    func send(_ bytes: [UInt8]) throws(ClientError) {
        if let tls { return try Self.send(bytes, tls) }
        var sent = 0
        while sent < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .connection("sending: \(ClientSocket.lastError())") }
            sent += written
        }
    }

    private static func send(_ bytes: [UInt8], _ tls: TLSClient) throws(ClientError) {
        var sent = 0
        while sent < bytes.count {
            let result = unsafe bytes.withUnsafeBytes { all -> Result<Int, LeibrixError> in
                do throws(LeibrixError) { return .success(try unsafe tls.write(UnsafeRawBufferPointer(rebasing: all[sent...]))) } catch { return .failure(error) }
            }
            switch result {
            case .success(let count): sent += count
            case .failure(let error): throw .connection(error.message)
            }
        }
    }

    private static func receive(into buffer: inout [UInt8], at start: Int, _ tls: TLSClient) throws(ClientError) -> Int {
        let result = unsafe buffer.withUnsafeMutableBytes { all -> Result<Int, LeibrixError> in
            do throws(LeibrixError) { return .success(try unsafe tls.read(into: UnsafeMutableRawBufferPointer(rebasing: all[start...]))) } catch { return .failure(error) }
        }
        switch result {
        case .success(let count): return count
        case .failure(let error): throw .connection(error.message)
        }
    }

    /// Reads what is there, at most up to the end of `buffer`, and says how many bytes it was; 0 is the end.
    func receive(into buffer: inout [UInt8], at start: Int) throws(ClientError) -> Int {
        if let tls { return try Self.receive(into: &buffer, at: start, tls) }
        while true {
            let room = buffer.count - start
            let read = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.recv(descriptor, $0.baseAddress! + start, room, 0) }
            if read < 0 && errno == EINTR { continue }
            guard read >= 0 else { throw .connection("receiving: \(ClientSocket.lastError())") }
            return read
        }
    }

    /// Seconds a receive may wait before it fails; 0 is for ever.
    func setReceiveTimeout(seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    func shutDown() { _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func lastError() -> String { unsafe String(cString: strerror(errno)) }
}
