// A client's TLS on a blocking descriptor that somebody else opened and closes.
public import Base
internal import COpenSSL

/// Used by one thread at a time. TLS 1.2 and later; offers `postgresql` by ALPN.
@safe
public final class TLSClient {
    public enum Verification: Sendable, Hashable {
        /// Encrypted, whoever answers.
        case none
        /// The certificate comes from these roots (a PEM file; nil: the system's) and names the host.
        case full(roots: String?)
    }

    private let handle: OpaquePointer

    /// Shakes hands. Throws `io` with the reason.
    public init(descriptor: Int32, host: String, verification: Verification) throws(LeibrixError) {
        var message = [CChar](repeating: 0, count: 256)
        let handle: OpaquePointer? =
            switch verification {
            case .none: unsafe lbx_tls_connect(descriptor, host, 0, nil, &message, 256)
            case .full(nil): unsafe lbx_tls_connect(descriptor, host, 1, nil, &message, 256)
            case .full(let roots?): unsafe lbx_tls_connect(descriptor, host, 1, roots, &message, 256)
            }
        guard let handle = unsafe handle else {
            throw LeibrixError(.io, "no TLS with \(host): \(text(of: message))", hint: "Check the certificate, the host's name and sslrootcert.")
        }
        unsafe self.handle = unsafe handle
    }

    deinit {
        unsafe SSL_shutdown(handle)
        unsafe SSL_free(handle)
    }

    /// Bytes written; at least one. Throws `io`.
    public func write(_ source: UnsafeRawBufferPointer) throws(LeibrixError) -> Int {
        ERR_clear_error()
        let count = unsafe SSL_write(handle, source.baseAddress, Int32(clamping: source.count))
        guard count > 0 else { throw LeibrixError(.io, "sending by TLS: \(Self.reason())") }
        return Int(count)
    }

    /// Bytes read; 0 at the peer's end. Throws `io`.
    public func read(into space: UnsafeMutableRawBufferPointer) throws(LeibrixError) -> Int {
        ERR_clear_error()
        let count = unsafe SSL_read(handle, space.baseAddress, Int32(clamping: space.count))
        if count > 0 { return Int(count) }
        if unsafe SSL_get_error(handle, count) == SSL_ERROR_ZERO_RETURN { return 0 }
        throw LeibrixError(.io, "receiving by TLS: \(Self.reason())")
    }

    private static func reason() -> String {
        var message = [CChar](repeating: 0, count: 256)
        unsafe lbx_tls_error(&message, 256)
        let reason = text(of: message)
        return reason.isEmpty ? "the connection ended" : reason
    }
}
