public import Base
internal import Catalog
internal import ControlStore

extension SQLServer {
    private static let iterations = 4_096

    /// Loopback trusts the administrator `admin` until a password is set; everybody else proves a password by SCRAM.
    /// A user who does not exist, or has no password, gets a challenge that cannot be met.
    public func authentication(
        user: String, database: String, isLoopback: Bool, isEncrypted: Bool
    ) throws(LeibrixError) -> Authentication {
        guard let record = principals.user(user), record.mayLogIn else { return .scramSHA256(unmeetable(user)) }
        if let password = record.password {
            return .scramSHA256(
                ScramVerifier(
                    iterations: password.iterations, salt: password.salt, storedKey: password.storedKey,
                    serverKey: password.serverKey))
        }
        if isLoopback && user == UserRecord.adminName { return .trust }
        return .scramSHA256(unmeetable(user))
    }

    /// The same salt for a name each time, as a real user would have.
    private func unmeetable(_ user: String) -> ScramVerifier {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        func next(_ bytes: [UInt8]) -> [UInt8] {
            for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
            return (0..<8).map { UInt8(truncatingIfNeeded: state >> (UInt64($0) * 8)) }
        }
        let seed = challengeSecret + Array(user.utf8)
        let salt = next(seed) + next(challengeSecret)
        let keys = (0..<8).flatMap { next(seed + [$0]) }
        return ScramVerifier(
            iterations: Self.iterations, salt: salt, storedKey: Array(keys[..<32]), serverKey: Array(keys[32...]))
    }
}
