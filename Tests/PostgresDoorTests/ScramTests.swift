import Base
@testable import PostgresDoor
import Reactor
import Session
import Testing

@Suite struct ScramTests {
    // RFC 7677, section 3.
    private let salt = Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==")!
    private let serverNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

    private func exchange(endPoint: [UInt8]? = nil) -> ScramExchange {
        let keys = ScramKeys(password: "pencil", salt: salt, iterations: 4_096)
        let verifier = ScramVerifier(iterations: 4_096, salt: salt, storedKey: keys.storedKey, serverKey: keys.serverKey)
        return ScramExchange(verifier: verifier, serverNonce: serverNonce, endPoint: endPoint)
    }

    @Test func theExampleOfTheStandard() throws {
        var exchange = exchange()
        let first = try exchange.clientFirst("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", isBound: false)
        #expect(first == "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")
        let last = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        #expect(try exchange.finish(Array(last.utf8)) == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
    }

    @Test func aWrongProofIsNoProof() throws {
        var exchange = exchange()
        _ = try exchange.clientFirst("n,,n=user,r=rOprNGfwEbeRWgbNEkqO", isBound: false)
        let nonce = "rOprNGfwEbeRWgbNEkqO\(serverNonce)"
        let proof = Base64.encode([UInt8](repeating: 7, count: 32))
        let error = #expect(throws: LeibrixError.self) { try exchange.finish(Array("c=biws,r=\(nonce),p=\(proof)".utf8)) }
        #expect(error?.code == .authenticationFailed)
        for bad in ["c=biws,r=other,p=\(proof)", "c=eSws,r=\(nonce),p=\(proof)", "c=biws,r=\(nonce),p=AAAA", "c=biws,r=\(nonce)", "", ",p="] {
            let error = #expect(throws: LeibrixError.self) { try exchange.finish(Array(bad.utf8)) }
            #expect(error?.code == .protocolViolation)
        }
    }

    @Test func channelBindingIsHeld() throws {
        let hash = [UInt8](1...32)
        var bound = exchange(endPoint: hash)
        #expect(bound.mechanisms == ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])
        _ = try bound.clientFirst("p=tls-server-end-point,,n=,r=abc", isBound: true)
        // A client that thinks the server cannot bind was lied to.
        #expect(throws: LeibrixError.self) { try bound.clientFirst("y,,n=,r=abc", isBound: false) }
        #expect(throws: LeibrixError.self) { try bound.clientFirst("n,,n=,r=abc", isBound: true) }
        #expect(throws: LeibrixError.self) { try bound.clientFirst("p=tls-unique,,n=,r=abc", isBound: true) }
        var plain = exchange()
        #expect(throws: LeibrixError.self) { try plain.clientFirst("p=tls-server-end-point,,n=,r=abc", isBound: true) }
        #expect(throws: LeibrixError.self) { try plain.begin(Array("SCRAM-SHA-256-PLUS".utf8) + [0, 0, 0, 0, 1, 0x6E]) }
    }

    @Test func base64BothWays() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode(Array("fooba".utf8)) == "Zm9vYmE=")
        #expect(Base64.decode("a===") == nil)
        #expect(Base64.decode("a?aa") == nil)
    }
}
