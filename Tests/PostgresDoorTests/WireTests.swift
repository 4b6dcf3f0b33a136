// The door over a real socket, exchange by exchange, with DuckDB behind it.
import Base
import Platform
@testable import PostgresDoor
import Reactor
import Session
import Synchronization
import Testing

@Suite(.serialized) struct WireTests {
    typealias C = RawClient

    @Test func startupAndSimpleQuery() async throws {
        try await withDoor(try DuckService()) { door in
            let (hello, answer) = try await client(door.localPort) { client in
                let hello = client.startup()
                client.send(C.query("SELECT 1 AS a, NULL AS b; SELECT 'x' WHERE false;"))
                return (hello, client.untilReady())
            }
            #expect(hello.types == "RSSSSSKZ")
            #expect(answer.types == "TDCTCZ")
            #expect(answer[1].texts == ["1", nil])
            #expect(answer[2].text == "SELECT 1")
            #expect(answer[4].text == "SELECT 0")
            #expect(answer[5].body == [UInt8(ascii: "I")])
        }
    }

    @Test func anErrorEndsASimpleQueryAndIsPlaced() async throws {
        let service = try DuckService()
        try await withDoor(service) { door in
            let (answer, empty) = try await client(door.localPort) { client in
                _ = client.startup()
                client.send(C.query("SELECT 1; SELECT nothing_like_it; SELECT 2"))
                let answer = client.untilReady()
                client.send(C.query("  ; "))
                return (answer, client.untilReady())
            }
            #expect(answer.types == "TDCEZ")
            #expect(answer[3].field("C") == "42703")
            #expect(answer[3].field("S") == "ERROR")
            #expect(answer[3].field("P").flatMap(Int.init) == 18)
            #expect(answer[3].field("R")?.hasPrefix("LBX-") == true)
            #expect(empty.types == "IZ")
            #expect(service.sessions.withLock { $0.values.first }?.ends.withLock { $0 } == [true, false])
        }
    }

    @Test func pipelinedExtendedQueriesAnswerInOrder() async throws {
        try await withDoor(try DuckService()) { door in
            let answer = try await client(door.localPort) { client in
                _ = client.startup()
                client.send(
                    C.parse("s", "SELECT $1::INT + 1 AS n") + C.describe("S", "s") + C.bind("", "s", [Array("41".utf8)]) + C.describe("P", "")
                        + C.execute("") + C.bind("", "s", [[0, 0, 0, 6]], formats: [1], results: [1]) + C.execute("") + C.sync)
                return client.untilReady()
            }
            #expect(answer.types == "1tTn2TDC2DCZ".replacing("n", with: ""))
            #expect(answer.filter { $0.type == "D" }.map(\.row) == [[Array("42".utf8)], [[0, 0, 0, 7]]])
            #expect(answer[1].body == [0, 1, 0, 0, 0, 23])
        }
    }

    @Test func anErrorInAPipelineSkipsUntilItsSync() async throws {
        try await withDoor(try DuckService()) { door in
            let (first, second) = try await client(door.localPort) { client in
                _ = client.startup()
                client.send(
                    C.parse("", "SELECT 1") + C.bind("", "") + C.execute("nosuch") + C.bind("", "") + C.execute("") + C.sync
                        + C.parse("", "SELECT 2") + C.bind("", "") + C.execute("") + C.sync)
                return (client.untilReady(), client.untilReady())
            }
            #expect(first.types == "12EZ")
            #expect(first[2].field("C") == "34000")
            #expect(second.types == "12DCZ")
        }
    }

    @Test func portalsStopAndGoOn() async throws {
        try await withDoor(try DuckService()) { door in
            let answer = try await client(door.localPort) { client in
                _ = client.startup()
                client.send(C.query("BEGIN"))
                _ = client.untilReady()
                client.send(C.parse("", "SELECT range FROM range(5)") + C.bind("p", "") + C.execute("p", 2) + C.execute("p", 3) + C.execute("p", 1) + C.sync)
                let answer = client.untilReady()
                client.send(C.query("COMMIT"))
                _ = client.untilReady()
                client.send(C.execute("p") + C.sync)
                return answer + client.untilReady()
            }
            #expect(answer.types == "12DDsDDDsCZEZ")
            #expect(answer.filter { $0.type == "D" }.flatMap(\.texts) == ["0", "1", "2", "3", "4"])
            #expect(answer.last { $0.type == "E" }?.field("C") == "34000")
        }
    }

    @Test func statementsCloseAndAreForgotten() async throws {
        try await withDoor(try DuckService()) { door in
            let states = try await client(door.localPort) { client -> [String?] in
                _ = client.startup()
                var states: [String?] = []
                func run(_ bytes: [UInt8]) {
                    client.send(bytes + C.sync)
                    states.append(client.untilReady().first { $0.type == "E" }?.field("C"))
                }
                run(C.parse("a", "SELECT 1"))
                run(C.parse("a", "SELECT 2"))
                run(C.message("C", Array("Sa".utf8) + [0]) + C.parse("a", "SELECT 3"))
                client.send(C.query("DEALLOCATE ALL"))
                _ = client.untilReady()
                run(C.bind("", "a"))
                run(C.parse("", "SELECT 1; SELECT 2"))
                run(C.parse("b", "SELECT $1::INT") + C.bind("", "b"))
                run(C.bind("", "b", [Array("x".utf8)]))
                run(C.bind("", "b", [[1, 2]], formats: [1]))
                run(C.bind("", "b", [Array("1".utf8)], results: [0, 0]))
                run(C.bind("", "b", [Array("1".utf8)], results: [7]))
                return states
            }
            #expect(states == [nil, "42P05", nil, "26000", "42601", "08P01", "22P02", "22P03", "08P01", "22023"])
        }
    }

    @Test func copyBothWays() async throws {
        try await withDoor(try DuckService()) { door in
            let (text, csv, into, failed) = try await client(door.localPort) { client in
                _ = client.startup()
                client.send(C.query("COPY (SELECT 1 AS a, E'x\\ty' AS b UNION ALL SELECT NULL, '\\') TO STDOUT"))
                let text = client.untilReady()
                client.send(C.query("COPY (SELECT 1 AS a, 'say \"hi\", you' AS b) TO STDOUT csv"))
                let csv = client.untilReady()
                client.send(C.query("COPY t FROM STDIN") + C.message("d", Array("1\t2\n".utf8)) + C.message("d", Array("3\t4\n".utf8)) + C.message("c"))
                let into = client.untilReady()
                client.send(C.query("COPY t FROM STDIN") + C.message("f", C.text("no more")))
                return (text, csv, into, client.untilReady())
            }
            #expect(text.types == "HddcCZ")
            #expect(text[1].body == Array("1\tx\\ty\n".utf8))
            #expect(text[2].body == Array("\\N\t\\\\\n".utf8))
            #expect(text[4].text == "COPY 2")
            #expect(csv.filter { $0.type == "d" }.map { String(decoding: $0.body, as: UTF8.self) } == ["a,b\n", "1,\"say \"\"hi\"\", you\"\n"])
            #expect(into.types == "GCZ")
            #expect(into[1].text == "COPY 2")
            #expect(failed.types == "GEZ")
            #expect(failed[1].field("C") == "57014")
        }
    }

    @Test func negotiationOfVersionsAndOptions() async throws {
        try await withDoor(try DuckService()) { door in
            let hello = try await client(door.localPort) { $0.startup([("user", "ana"), ("_pq_.command_tag", "1")], version: 196_608 + 9_999) }
            #expect(hello.types == "vRSSSSSKZ")
            #expect(hello[0].body == [0, 3, 0, 0, 0, 0, 0, 1] + C.text("_pq_.command_tag"))
            let old = try await client(door.localPort) { $0.startup(version: 131_072) }
            #expect(old.types == "E")
            #expect(old[0].field("C") == "0A000")
        }
    }

    @Test func garbageIsAnsweredAndClosed() async throws {
        try await withDoor(try DuckService()) { door in
            let answers = try await client(door.localPort) { client in
                _ = client.startup()
                client.send(Array("!bang".utf8) + [0, 0, 0])
                return client.untilReady()
            }
            #expect(answers.types == "E")
            #expect(answers[0].field("C") == "08P01")
            #expect(answers[0].field("S") == "FATAL")
            let web = try await client(door.localPort) { client in
                client.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
                return client.untilReady()
            }
            #expect(web.types == "E")
        }
    }

    @Test func cancelReachesTheService() async throws {
        let service = try DuckService()
        try await withDoor(service) { door in
            let port = door.localPort
            let answer = try await client(port) { client in
                let hello = client.startup()
                let key = hello.first { $0.type == "K" }!.body
                client.send(C.query("SELECT sum(a.range * b.range) FROM range(10000000) a, range(100000) b"))
                let other = try! RawClient(port: port)
                // The request may overtake the statement, so it is made until it is heard.
                let again = BlockingPool(name: "test-cancel", threads: 1)
                again.start { for _ in 0..<200 { if let each = try? RawClient(port: port) { each.send(C.integer(Int32(16)) + C.integer(Int32(80_877_102)) + key); _ = each.receive(1); each.close() } } }
                let answer = client.untilReady()
                other.close()
                return answer
            }
            #expect(answer.types.hasSuffix("EZ"))
            #expect(answer.first { $0.type == "E" }?.field("C") == "57014")
        }
    }

    @Test func scramLetsInWhoKnowsThePassword() async throws {
        try await withDoor(try DuckService(passwords: ["ana": "s3cret"])) { door in
            let port = door.localPort
            let right = try await psql(port, ["-c", "SELECT 40 + 2"], password: "s3cret")
            #expect(right.output.contains("42"), "\(right)")
            let wrong = try await psql(port, ["-c", "SELECT 1"], password: "guess")
            #expect(wrong.status != 0)
            #expect(wrong.output.contains("password authentication failed for user \"ana\""), "\(wrong)")
        }
    }

    @Test func tooManyAreTold() async throws {
        try await withDoor(try DuckService(), connectionsMax: 2) { door in
            let port = door.localPort
            let first = try await clientThreads.run { () throws(LeibrixError) in try RawClient(port: port) }
            let second = try await clientThreads.run { () throws(LeibrixError) in try RawClient(port: port) }
            _ = try await clientThreads.run { () throws(LeibrixError) in [first.startup(), second.startup()] }
            let third = try await client(port) { $0.startup() }
            #expect(third.types == "E")
            #expect(third[0].field("C") == "53300")
            first.close()
            second.close()
        }
    }

    @Test func shutdownSaysGoodbye() async throws {
        let group = try EventLoopGroup(loops: 1)
        let door = try PostgresDoor(PostgresDoorConfiguration(port: 0), service: try DuckService(), group: group)
        let port = door.localPort
        let idle = try await clientThreads.run { () throws(LeibrixError) in
            let client = try RawClient(port: port)
            _ = client.startup()
            return client
        }
        await door.shutdown(deadlineMS: 5_000)
        let goodbye = try await clientThreads.run { () throws(LeibrixError) in
            defer { idle.close() }
            return idle.untilReady()
        }
        #expect(goodbye.types == "E")
        #expect(goodbye[0].field("C") == "57P01")
        #expect(door.connections == 0)
        group.shutdown()
    }

    @Test func idleSessionsEnd() async throws {
        try await withDoor(try DuckService(idleTimeoutMS: 30)) { door in
            let end = try await client(door.localPort) { client in
                _ = client.startup()
                return client.untilReady()
            }
            #expect(end.types == "E")
            #expect(end[0].field("C") == "57P05")
        }
    }

    @Test func aSlowReaderGetsEverything() async throws {
        try await withDoor(try DuckService()) { door in
            let (rows, tag) = try await client(door.localPort) { client in
                _ = client.startup()
                client.send(C.query("SELECT range, repeat('x', 100) FROM range(200000)"))
                var rows = 0
                var tag = ""
                while let message = client.message(), message.type != "Z" {
                    if message.type == "D" { rows += 1 }
                    if message.type == "C" { tag = message.text }
                }
                return (rows, tag)
            }
            #expect(rows == 200_000)
            #expect(tag == "SELECT 200000")
        }
    }

    @Test func tlsByRequestAndChannelBinding() async throws {
        let folder = try temporaryFolder()
        let (certificate, key) = (folder + "/server.crt", folder + "/server.key")
        try TLSContext.makeSelfSigned(commonName: "localhost", days: 2, certificateFile: certificate, keyFile: key)
        let tls = try TLSContext(certificateFile: certificate, keyFile: key, applicationProtocols: [PostgresDoorConfiguration.applicationProtocol])
        try await withDoor(try DuckService(passwords: ["ana": "s3cret"]), tls: tls) { door in
            let encrypted = try await psql(door.localPort, ["-c", "\\conninfo", "-c", "SELECT 42"], password: "s3cret", options: "sslmode=require channel_binding=require")
            #expect(encrypted.output.contains("TLSv1.3"), "\(encrypted)")
            #expect(encrypted.output.contains("42"), "\(encrypted)")
            let large = try await psql(door.localPort, ["-Atc", "SELECT count(*), sum(length(s)) FROM (SELECT repeat('y', 1000) s FROM range(20000))", "-Atc", "SELECT repeat('z', 300000)"], password: "s3cret", options: "sslmode=verify-ca sslrootcert=\(certificate)")
            #expect(large.output.contains("20000|20000000"), "\(large.output.prefix(300))")
            #expect(large.output.count > 300_000)
        }
    }
}
