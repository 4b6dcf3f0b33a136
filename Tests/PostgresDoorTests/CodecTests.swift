import Base
import Platform
@testable import PostgresDoor
import Reactor
import Session
import Testing

@Suite struct CodecTests {
    private func decode(_ bytes: [UInt8], isAuthenticated: Bool = true) throws(LeibrixError) -> FrontendMessage? {
        let buffer = ByteBuffer()
        buffer.append(bytes: bytes)
        return try FrontendDecoder.next(buffer, isAuthenticated: isAuthenticated)
    }

    private func startup(_ bytes: [UInt8]) throws(LeibrixError) -> StartupPacket? {
        let buffer = ByteBuffer()
        buffer.append(bytes: bytes)
        return try FrontendDecoder.startup(buffer)
    }

    @Test func startupPackets() throws {
        #expect(try startup([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F]) == .sslRequest)
        #expect(try startup([0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x30]) == .gssRequest)
        #expect(try startup([0, 0, 0, 16, 0x04, 0xD2, 0x16, 0x2E, 0, 0, 0, 7, 0xFF, 0xFF, 0xFF, 0xFE]) == .cancel(CancelKey(processID: 7, secret: -2)))
        let packet = RawClient.startupPacket([("user", "ana"), ("_pq_.x", "1")], version: 196_608 + 9_999)
        #expect(try startup(packet) == .startup(minor: 9_999, parameters: [StartupParameter("user", "ana"), StartupParameter("_pq_.x", "1")]))
        for cut in 0..<packet.count { #expect(try startup(Array(packet[..<cut])) == nil) }
    }

    @Test func startupPacketsThatAreRefused() {
        #expect(throws: LeibrixError.self) { try startup(Array("GET / HTTP/1.1\r\n".utf8)) }
        #expect(throws: LeibrixError.self) { try startup([0, 0, 0, 7, 0, 3, 0, 0]) }
        #expect(throws: LeibrixError.self) { try startup([0, 0, 0x27, 0x11, 0, 3, 0, 0]) }
        #expect(throws: LeibrixError.self) { try startup([0, 0, 0, 8, 0, 2, 0, 0]) }
        #expect(throws: LeibrixError.self) { try startup([0, 0, 0, 13, 0, 3, 0, 0] + Array("user".utf8) + [0]) }
    }

    @Test func everyMessage() throws {
        #expect(try decode(RawClient.query("SELECT 1")) == .query("SELECT 1"))
        #expect(try decode(RawClient.parse("a", "b", [23, 0])) == .parse(name: "a", sql: "b", types: [23, 0]))
        let bind = RawClient.bind("p", "s", [nil, [], [1, 2]], formats: [1], results: [0, 1])
        #expect(
            try decode(bind)
                == .bind(BindMessage(portal: "p", statement: "s", parameterFormats: [1], parameters: [nil, [], [1, 2]], resultFormats: [0, 1])))
        #expect(try decode(RawClient.execute("p", 5)) == .execute(portal: "p", rowsMax: 5))
        #expect(try decode(RawClient.execute("p", -5)) == .execute(portal: "p", rowsMax: 0))
        #expect(try decode(RawClient.describe("S", "x")) == .describe(.statement("x")))
        #expect(try decode(RawClient.message("C", Array("Py".utf8) + [0])) == .close(.portal("y")))
        #expect(try decode(RawClient.message("S")) == .sync)
        #expect(try decode(RawClient.message("H")) == .flush)
        #expect(try decode(RawClient.message("X")) == .terminate)
        #expect(try decode(RawClient.message("d", [1, 2])) == .copyData([1, 2]))
        #expect(try decode(RawClient.message("c")) == .copyDone)
        #expect(try decode(RawClient.message("f", RawClient.text("no"))) == .copyFail("no"))
        #expect(try decode(RawClient.message("F", [1, 2, 3])) == .functionCall)
        #expect(try decode(RawClient.message("p", [9]), isAuthenticated: false) == .authentication([9]))
    }

    @Test func lengthsAreBoundedBeforeAnythingIsTaken() {
        #expect(throws: LeibrixError.self) { try decode(Array("Q".utf8) + [0x7F, 0xFF, 0xFF, 0xFF]) }
        #expect(throws: LeibrixError.self) { try decode(Array("Q".utf8) + [0, 0, 0, 3]) }
        #expect(throws: LeibrixError.self) { try decode(Array("S".utf8) + [0, 0, 0, 5]) }
        #expect(throws: LeibrixError.self) { try decode(Array("p".utf8) + [0, 0, 0xFF, 0xFF], isAuthenticated: false) }
        #expect(throws: LeibrixError.self) { try decode(RawClient.query("SELECT 1"), isAuthenticated: false) }
        #expect(throws: LeibrixError.self) { try decode([0, 0, 0, 0, 9]) }
    }

    @Test func contentsThatLieAreUnreadable() throws {
        let lies: [[UInt8]] = [
            RawClient.message("Q", Array("no end".utf8)),
            RawClient.message("Q", [0xC3, 0x28, 0]),
            RawClient.message("Q", RawClient.text("x") + [1]),
            RawClient.message("P", [0, 0, 0xFF, 0xFF]),
            RawClient.message("B", [0, 0, 0, 0, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF]),
            RawClient.message("B", [0, 0, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFE, 0, 0]),
            RawClient.message("D", Array("Xa".utf8) + [0]),
        ]
        for bytes in lies {
            guard case .unreadable(let type, _) = try decode(bytes) else {
                Issue.record("\(bytes) was read")
                continue
            }
            #expect(type == bytes[0])
        }
    }

    /// Whatever comes, decoding ends, takes only what is there, and holds no more than it was given.
    @Test(arguments: [1 as UInt64, 2, 3, 20_261_121])
    func randomBytesNeverHurt(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let types = Array("QPBDECSHXdcfFp".utf8)
        for _ in 0..<4_000 {
            let buffer = ByteBuffer()
            var bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if bytes.count > 5, Bool.random(using: &random) {
                bytes[0] = types.randomElement(using: &random)!
                bytes.replaceSubrange(1..<5, with: RawClient.integer(Int32(bytes.count - 1 - Int.random(in: 0...2, using: &random))))
            }
            buffer.append(bytes: bytes)
            var machine = ConnectionMachine()
            if Bool.random(using: &random) { _ = machine.received(.startup(minor: 0, parameters: []), offersTLS: false) }
            if Bool.random(using: &random) { machine.authenticated() }
            _ = try? FrontendDecoder.startup(buffer)
            while true {
                let before = buffer.count
                guard let message = try? FrontendDecoder.next(buffer, isAuthenticated: machine.phase != .authenticating) else { break }
                _ = machine.received(message)
                #expect(buffer.count < before, "seed \(seed)")
            }
            #expect(buffer.capacityBytes <= 1_024, "seed \(seed)")
        }
    }

    @Test func optionsOfTheStartupPacket() throws {
        let settings = try StartupRequest.options("-c search_path=a\\ b,c --statement-timeout=5 -cx=1")
        #expect(settings.map { "\($0.name)=\($0.value)" } == ["search_path=a b,c", "statement_timeout=5", "x=1"])
        #expect(throws: LeibrixError.self) { try StartupRequest.options("-d 5") }
    }
}
