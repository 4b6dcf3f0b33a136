// A blocking TCP or Unix socket, closed when it goes out of scope.
internal import Glibc

struct ClientSocket: ~Copyable {
    let descriptor: Int32

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

    func send(_ bytes: [UInt8]) throws(ClientError) {
        var sent = 0
        while sent < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .connection("sending: \(ClientSocket.lastError())") }
            sent += written
        }
    }

    /// Reads what is there, at most up to the end of `buffer`, and says how many bytes it was; 0 is the end.
    func receive(into buffer: inout [UInt8], at start: Int) throws(ClientError) -> Int {
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
