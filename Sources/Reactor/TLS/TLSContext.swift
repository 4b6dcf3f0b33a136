public import Base
internal import COpenSSL

/// A server's certificate, key and rules: TLS 1.2 and later.
@safe
public final class TLSContext: @unchecked Sendable {
    let handle: OpaquePointer
    /// RFC 5929's tls-server-end-point: what SCRAM binds a connection to.
    public let endPoint: [UInt8]

    /// PEM files. `applicationProtocols` are offered by ALPN; a client that offers others only is refused.
    public init(certificateFile: String, keyFile: String, applicationProtocols: [String] = []) throws(LeibrixError) {
        let names = applicationProtocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        var message = [CChar](repeating: 0, count: 256)
        guard let handle = unsafe lbx_tls_server(certificateFile, keyFile, names, UInt32(names.count), &message, 256) else {
            let reason = text(of: message)
            throw LeibrixError(
                .configuration, "TLS certificate \(certificateFile) and key \(keyFile) cannot be used: \(reason)",
                hint: "Both must be readable PEM files that belong together.")
        }
        unsafe self.handle = unsafe handle
        var hash = [UInt8](repeating: 0, count: 64)
        let count = unsafe lbx_tls_end_point(handle, &hash)
        endPoint = Array(hash.prefix(Int(count)))
    }

    deinit { unsafe SSL_CTX_free(handle) }

    /// Writes a certificate signed by itself and its key, for tests and first steps.
    public static func makeSelfSigned(commonName: String, days: Int, certificateFile: String, keyFile: String) throws(LeibrixError) {
        guard unsafe lbx_tls_self_signed(commonName, Int32(days), certificateFile, keyFile) == 0 else {
            throw LeibrixError(.io, "cannot write a self-signed certificate to \(certificateFile) and \(keyFile)")
        }
    }
}
