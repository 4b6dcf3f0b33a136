// Reading and writing: over plain sockets by recv and send, over TLS by OpenSSL on the same descriptor.
public import Base
internal import CLinux
internal import COpenSSL
internal import Glibc

/// What one attempt to move bytes came to.
enum Transfer {
    case moved(Int)
    case end
    case wantsRead
    case wantsWrite
    case failed(String)
}

extension Socket {
    /// Appends what has come, at most `max` bytes; waits when there is nothing. The buffer gets its memory when bytes are there.
    public func read(
        into buffer: ByteBuffer, max: Int = ReactorLimits.readBytes, deadline: UInt64 = .max, interruptible: Bool = false
    ) async throws(LeibrixError) -> ReadResult {
        if triesEagerly(interruptible: interruptible) {
            switch receive(into: buffer, max: max) {
            case .moved(let count): return .bytes(count)
            case .end, .failed: return .end
            case .wantsRead, .wantsWrite: break
            }
        }
        while true {
            switch await waitReadable(deadline: deadline, interruptible: interruptible) {
            case .timedOut: return .timedOut
            case .interrupted: return .interrupted
            case .ready: break
            }
            guard isOpen else { return .end }
            switch receive(into: buffer, max: max) {
            case .moved(let count): return .bytes(count)
            case .end: return .end
            case .wantsRead: readable = false
            case .wantsWrite:
                writable = false
                await waitWritable()
            case .failed: return .end
            }
        }
    }

    /// A buffer without room gets memory for what has come, not for what might.
    private func receive(into buffer: ByteBuffer, max: Int) -> Transfer {
        if buffer.hasRoom(max) { return take(into: buffer, max: max) }
        let outcome = take(into: loop.scratch, max: max)
        buffer.take(from: loop.scratch)
        return outcome
    }

    private func take(into buffer: ByteBuffer, max: Int) -> Transfer {
        var outcome = Transfer.wantsRead
        unsafe buffer.withFreeSpace(max) { space in
            outcome = unsafe tls.map { unsafe $0.read(into: space, max) } ?? receivePlain(space, max)
            if case .moved(let count) = outcome { return count }
            return 0
        }
        return outcome
    }

    private func receivePlain(_ space: UnsafeMutableRawPointer, _ max: Int) -> Transfer {
        while true {
            let got = unsafe recv(descriptor, space, max, 0)
            if got > 0 {
                if got < max { becomeDrained() }
                return .moved(got)
            }
            if got == 0 { return .end }
            if errno == EAGAIN || errno == EWOULDBLOCK { return .wantsRead }
            if errno != EINTR { return .failed(unsafe String(cString: strerror(errno))) }
        }
    }

    /// Waits for the first byte and returns it without taking it; nil at the end or the deadline.
    public func peekByte(deadline: UInt64) async -> UInt8? {
        while true {
            guard await waitReadable(deadline: deadline, interruptible: true) == .ready, isOpen else { return nil }
            var byte: UInt8 = 0
            let got = unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK))
            if got == 1 { return byte }
            guard got < 0, errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else { return nil }
            readable = false
        }
    }

    /// Sends everything in the buffer, waiting whenever the peer does not take it.
    public func flush(_ buffer: ByteBuffer) async throws(LeibrixError) {
        while !buffer.isEmpty {
            guard isOpen else { throw .connectionLost("the connection is closed") }
            switch send(buffer) {
            case .moved(let count): buffer.consume(count)
            case .wantsWrite:
                writable = false
                await waitWritable()
            case .wantsRead:
                readable = false
                _ = await waitReadable()
            case .end: throw .connectionLost("the client has closed the connection")
            case .failed(let reason): throw .connectionLost(reason)
            }
        }
    }

    /// Sends what the kernel takes now, without waiting. True when the buffer is empty afterwards.
    public func flushNow(_ buffer: ByteBuffer) -> Bool {
        while !buffer.isEmpty, isOpen {
            guard case .moved(let count) = send(buffer) else { return false }
            buffer.consume(count)
        }
        return buffer.isEmpty
    }

    private func send(_ buffer: ByteBuffer) -> Transfer {
        buffer.withBytes { bytes in
            unsafe bytes.withUnsafeBytes { source in
                if let tls { return unsafe tls.write(source) }
                return unsafe sendPlain(source)
            }
        }
    }

    private func sendPlain(_ source: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let sent = unsafe Glibc.send(descriptor, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
            if sent >= 0 { return .moved(sent) }
            if errno == EAGAIN || errno == EWOULDBLOCK { return .wantsWrite }
            if errno != EINTR { return .failed(unsafe String(cString: strerror(errno))) }
        }
    }

    /// Turns the connection into TLS as the server. Nothing may have been read beyond what the protocol says comes before.
    public func startTLS(_ context: TLSContext, deadline: UInt64) async throws(LeibrixError) {
        let session = try TLSSession(context, descriptor: descriptor)
        while true {
            switch session.accept() {
            case .moved:
                tls = session
                readable = true
                return
            case .wantsRead:
                readable = false
                guard await waitReadable(deadline: deadline, interruptible: true) == .ready, isOpen else {
                    throw .connectionLost("the TLS handshake was not finished in time")
                }
            case .wantsWrite:
                writable = false
                await waitWritable()
                guard isOpen else { throw .connectionLost("the connection is closed") }
            case .end: throw .connectionLost("the client has closed the connection during the TLS handshake")
            case .failed(let reason): throw .connectionLost("TLS handshake: \(reason)")
            }
        }
    }

    /// The protocol agreed by ALPN, if any.
    public var applicationProtocol: String? { tls?.applicationProtocol }
}

extension LeibrixError {
    static func connectionLost(_ reason: String) -> LeibrixError { LeibrixError(.io, reason, sqlState: "08006") }
}
