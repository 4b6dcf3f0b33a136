// The client's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding: three texts out, three in.
//
//   client-first  n,,n=,r=NONCE                    server-first  r=NONCE+..,s=SALT,i=ITERATIONS
//   client-final  c=biws,r=..,p=PROOF              server-final  v=SIGNATURE
internal import Base
internal import Platform
internal import Reactor

struct ScramClient {
    static let mechanism = "SCRAM-SHA-256"
    /// A server that asks for more would keep its clients busy for long.
    static let iterationsMax = 1_000_000

    private let password: String
    private let nonce: String
    private var expectedSignature: [UInt8]?

    init(password: String) {
        self.password = password
        nonce = Base64.encode(Random.bytes(18))
    }

    private var firstBare: String { "n=,r=\(nonce)" }
    var first: String { "n,,\(firstBare)" }

    /// Answers the server's first message.
    mutating func final(answering serverFirst: String) throws(ClientError) -> String {
        var fields: [Character: String] = [:]
        for part in serverFirst.split(separator: ",") where part.dropFirst().first == "=" { fields[part.first!] = String(part.dropFirst(2)) }
        guard let whole = fields["r"], whole.hasPrefix(nonce), whole != nonce, let salt = fields["s"].flatMap({ Base64.decode($0) }),
            let iterations = fields["i"].flatMap({ Int($0) }), (1...Self.iterationsMax).contains(iterations)
        else { throw .unexpected("the server's SCRAM challenge") }
        let withoutProof = "c=biws,r=\(whole)"
        let message = Array("\(firstBare),\(serverFirst),\(withoutProof)".utf8)
        let keys = ScramKeys(password: password, salt: salt, iterations: iterations)
        let signature = Digest.hmacSHA256(key: keys.storedKey, message)
        expectedSignature = Digest.hmacSHA256(key: keys.serverKey, message)
        return "\(withoutProof),p=\(Base64.encode(zip(keys.clientKey, signature).map { $0 ^ $1 }))"
    }

    /// Whether the server knows the password too.
    func accepts(_ serverFinal: String) -> Bool {
        guard serverFinal.hasPrefix("v="), let expectedSignature, let signature = Base64.decode(String(serverFinal.dropFirst(2))) else { return false }
        return Digest.constantTimeEqual(signature, expectedSignature)
    }
}
