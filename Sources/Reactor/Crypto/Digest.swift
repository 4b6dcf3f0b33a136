// SHA-256 and what SCRAM (RFC 5802, RFC 7677) is made of.
internal import COpenSSL

public enum Digest {
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe lbx_sha256(bytes, bytes.count, &digest)
        precondition(done == 1)
        return digest
    }

    public static func hmacSHA256(key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe lbx_hmac_sha256(key, key.count, bytes, bytes.count, &digest)
        precondition(done == 1)
        return digest
    }

    /// PBKDF2 with HMAC-SHA-256, 32 bytes. Takes milliseconds at usual iteration counts: not for an event loop.
    public static func pbkdf2SHA256(password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe lbx_pbkdf2_sha256(password, password.count, salt, salt.count, Int32(clamping: iterations), &digest)
        precondition(done == 1)
        return digest
    }

    /// Equality whose time does not depend on the bytes.
    public static func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in a.indices { difference |= a[index] ^ b[index] }
        return difference == 0
    }
}

/// RFC 5802's keys of a password. `storedKey` and `serverKey` are what a server keeps.
public struct ScramKeys: Sendable {
    public let clientKey: [UInt8]
    public let storedKey: [UInt8]
    public let serverKey: [UInt8]

    public init(password: String, salt: [UInt8], iterations: Int) {
        let salted = Digest.pbkdf2SHA256(password: Array(password.utf8), salt: salt, iterations: iterations)
        clientKey = Digest.hmacSHA256(key: salted, Array("Client Key".utf8))
        storedKey = Digest.sha256(clientKey)
        serverKey = Digest.hmacSHA256(key: salted, Array("Server Key".utf8))
    }
}
