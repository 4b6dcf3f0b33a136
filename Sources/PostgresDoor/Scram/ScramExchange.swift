// The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), with channel binding tls-server-end-point (RFC 5929).
//
//   client-first   n,,n=,r=CLIENT             (or p=tls-server-end-point,, with the -PLUS mechanism)
//   server-first   r=CLIENTSERVER,s=SALT,i=ITERATIONS
//   client-final   c=BINDING,r=CLIENTSERVER,p=PROOF
//   server-final   v=SIGNATURE
public import Base
public import Session
internal import Reactor

public struct ScramExchange: Sendable {
    public static let plain = "SCRAM-SHA-256"
    public static let bound = "SCRAM-SHA-256-PLUS"

    private let verifier: ScramVerifier
    private let serverNonce: String
    /// The certificate's hash, when the connection is encrypted.
    private let endPoint: [UInt8]?
    private var header = ""
    private var clientFirstBare = ""
    private var serverFirst = ""
    private var nonce = ""
    private var usesBinding = false

    public init(verifier: ScramVerifier, serverNonce: String, endPoint: [UInt8]?) {
        self.verifier = verifier
        self.serverNonce = serverNonce
        self.endPoint = endPoint
    }

    public var mechanisms: [String] { endPoint == nil ? [Self.plain] : [Self.bound, Self.plain] }

    /// SASLInitialResponse's contents into server-first.
    public mutating func begin(_ message: [UInt8]) throws(LeibrixError) -> String {
        guard let end = message.firstIndex(of: 0), message.count >= end + 5 else { throw Self.malformed("no SASL mechanism") }
        let mechanism = String(decoding: message[..<end], as: UTF8.self)
        guard mechanisms.contains(mechanism) else { throw Self.malformed("client selected an invalid SASL authentication mechanism") }
        let data = Array(message[(end + 5)...])
        guard let first = String(validating: data, as: UTF8.self) else { throw Self.malformed("it is not UTF-8") }
        return try clientFirst(first, isBound: mechanism == Self.bound)
    }

    mutating func clientFirst(_ text: String, isBound: Bool) throws(LeibrixError) -> String {
        let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty || parts[1].hasPrefix("a=") else { throw Self.malformed("no GS2 header") }
        switch parts[0] {
        case "n" where !isBound: break
        case "y" where !isBound:
            guard endPoint == nil else { throw Self.malformed("the client believes the server has no channel binding, but it has") }
        case "p=tls-server-end-point" where isBound && endPoint != nil: usesBinding = true
        default: throw Self.malformed("channel binding does not fit the mechanism")
        }
        header = "\(parts[0]),\(parts[1]),"
        clientFirstBare = String(parts[2])
        let attributes = clientFirstBare.split(separator: ",", omittingEmptySubsequences: false)
        guard attributes.count >= 2, attributes[0].hasPrefix("n="), attributes[1].hasPrefix("r="), attributes[1].utf8.count > 2 else {
            throw Self.malformed("no user name or nonce")
        }
        nonce = attributes[1].dropFirst(2) + serverNonce
        serverFirst = "r=\(nonce),s=\(Base64.encode(verifier.salt)),i=\(verifier.iterations)"
        return serverFirst
    }

    /// client-final into server-final. Throws when the proof is wrong.
    public func finish(_ message: [UInt8]) throws(LeibrixError) -> String {
        guard let text = String(validating: message, as: UTF8.self), let proofAt = text.range(ofLast: ",p=") else { throw Self.malformed("no proof") }
        let withoutProof = text[..<proofAt.lowerBound]
        let attributes = withoutProof.split(separator: ",", omittingEmptySubsequences: false)
        let binding = Array(header.utf8) + (usesBinding ? endPoint ?? [] : [])
        guard attributes.count >= 2, attributes[0] == "c=\(Base64.encode(binding))" else { throw Self.malformed("channel binding check failed") }
        guard attributes[1] == "r=\(nonce)" else { throw Self.malformed("the nonce is not the one sent") }
        guard let proof = Base64.decode(text[proofAt.upperBound...]), proof.count == 32 else { throw Self.malformed("the proof is not 32 bytes") }
        let signed = Array("\(clientFirstBare),\(serverFirst),\(withoutProof)".utf8)
        let signature = Digest.hmacSHA256(key: verifier.storedKey, signed)
        let clientKey = zip(proof, signature).map { $0 ^ $1 }
        guard Digest.constantTimeEqual(Digest.sha256(clientKey), verifier.storedKey) else { throw LeibrixError(.authenticationFailed, "wrong proof") }
        return "v=\(Base64.encode(Digest.hmacSHA256(key: verifier.serverKey, signed)))"
    }

    private static func malformed(_ reason: String) -> LeibrixError { .violation("malformed SCRAM message: \(reason)") }
}

extension String {
    fileprivate func range(ofLast needle: String) -> Range<String.Index>? {
        var position = endIndex
        while position > startIndex {
            position = index(before: position)
            if self[position...].hasPrefix(needle) { return position..<index(position, offsetBy: needle.count) }
        }
        return nil
    }
}
