// One connection's TLS, on its non-blocking descriptor.
internal import Base
internal import COpenSSL

@safe
final class TLSSession {
    private let handle: OpaquePointer
    private let context: TLSContext

    init(_ context: TLSContext, descriptor: Int32) throws(LeibrixError) {
        guard let handle = unsafe SSL_new(context.handle), unsafe SSL_set_fd(handle, descriptor) == 1 else {
            throw LeibrixError(.io, "no TLS session: \(Self.reason())")
        }
        unsafe self.handle = unsafe handle
        self.context = context
    }

    deinit { unsafe SSL_free(handle) }

    func accept() -> Transfer {
        ERR_clear_error()
        return outcome(unsafe SSL_accept(handle))
    }

    func read(into space: UnsafeMutableRawPointer, _ max: Int) -> Transfer {
        ERR_clear_error()
        return outcome(unsafe SSL_read(handle, space, Int32(clamping: max)))
    }

    func write(_ source: UnsafeRawBufferPointer) -> Transfer {
        ERR_clear_error()
        return outcome(unsafe SSL_write(handle, source.baseAddress, Int32(clamping: source.count)))
    }

    /// Sends close_notify if it can; does not wait for the peer's.
    func shutdown() {
        ERR_clear_error()
        _ = unsafe SSL_shutdown(handle)
        ERR_clear_error()
    }

    var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(handle, &name, &count)
        guard let name = unsafe name, count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    private func outcome(_ result: Int32) -> Transfer {
        if result > 0 { return .moved(Int(result)) }
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .end
        default: return .failed(Self.reason())
        }
    }

    private static func reason() -> String {
        var message = [CChar](repeating: 0, count: 256)
        unsafe lbx_tls_error(&message, 256)
        return text(of: message)
    }
}
