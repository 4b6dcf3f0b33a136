internal import Base

/// Who may be let in from where: nobody beyond loopback while a user has no password, nor in plain text unless told so.
enum ListenPolicy {
    static func check(_ configuration: Configuration, usersHavePasswords: Bool) throws(LeibrixError) {
        guard !configuration.postgres.isLoopback else { return }
        guard usersHavePasswords else {
            throw LeibrixError(
                .configuration, "listening on \(configuration.postgres) is refused: a user has no password",
                hint: "Start on 127.0.0.1, run ALTER USER admin PASSWORD '…', and start again.")
        }
        guard configuration.tlsCertificate != nil || configuration.allowPlaintext else {
            throw LeibrixError(
                .configuration, "listening on \(configuration.postgres) without TLS is refused",
                hint: "Give --tls-cert and --tls-key, or --tls-allow-plaintext if the network is yours.")
        }
    }
}
