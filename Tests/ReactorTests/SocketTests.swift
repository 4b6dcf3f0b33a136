import Base
import Glibc
import Platform
@testable import Reactor
import Testing

@Suite struct SocketTests {
    @Test func echoesOverBothLoops() async throws {
        let (group, listener) = try makeEcho()
        let port = listener.localPort
        for round in 0..<8 {
            let bytes = (0..<(round * 9_000 + 1)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ round) }
            let back = try await clients.run { () throws(LeibrixError) in
                let client = try BlockingClient(port: port)
                defer { client.close() }
                _ = client.writeAll(bytes)
                return client.read(bytes.count)
            }
            #expect(back == bytes)
        }
        listener.close()
        try await until { group.connections == 0 }
        group.shutdown()
    }

    @Test func aStalledReaderHoldsUpTheWriterOnly() async throws {
        let group = try EventLoopGroup(loops: 1)
        let total = 8 << 20
        let listener = try Listener(host: "127.0.0.1", port: 0, group: group) { socket in
            Task(executorPreference: socket.loop) {
                let buffer = ByteBuffer()
                let piece = [UInt8](repeating: 7, count: 65_536)
                for _ in 0..<(total / piece.count) {
                    buffer.append(bytes: piece)
                    do { try await socket.flush(buffer) } catch { break }
                }
                socket.close()
            }
        }
        let port = listener.localPort
        let slow = try await clients.run { () throws(LeibrixError) in try BlockingClient(port: port) }
        let brisk = try await clients.run { () throws(LeibrixError) in
            let client = try BlockingClient(port: port)
            defer { client.close() }
            return client.read(total).count
        }
        #expect(brisk == total)
        let late = try await clients.run { () throws(LeibrixError) in
            defer { slow.close() }
            return slow.read(total).count
        }
        #expect(late == total)
        listener.close()
        try await until { group.connections == 0 }
        group.shutdown()
    }

    @Test func deadlinesInterruptionsAndEnds() async throws {
        let group = try EventLoopGroup(loops: 1)
        let seen = Shared<[Socket.ReadResult]>([])
        let sockets = Shared<[Socket]>([])
        let listener = try Listener(host: "127.0.0.1", port: 0, group: group) { socket in
            sockets.withLock { $0.append(socket) }
            Task(executorPreference: socket.loop) {
                let buffer = ByteBuffer()
                for step in 0..<3 {
                    let deadline = step == 0 ? socket.loop.nowNanos + 5_000_000 : .max
                    let result = try? await socket.read(into: buffer, deadline: deadline, interruptible: step == 2)
                    seen.withLock { $0.append(result ?? .end) }
                }
                socket.close()
            }
        }
        let port = listener.localPort
        let client = try await clients.run { () throws(LeibrixError) in try BlockingClient(port: port) }
        try await until { seen.withLock { $0.count } == 1 }
        _ = client.write([1, 2, 3])
        try await until { seen.withLock { $0.count } == 2 }
        sockets.withLock { $0 }.forEach { $0.interrupt() }
        try await until { seen.withLock { $0.count } == 3 }
        #expect(seen.withLock { $0 } == [.timedOut, .bytes(3), .interrupted])
        client.close()
        listener.close()
        sockets.withLock { $0 = [] }
        try await until { group.connections == 0 }
        group.shutdown()
    }

    @Test func thePeersEndIsSeenWithBytesBeforeIt() async throws {
        let (group, listener) = try makeEcho(loops: 1)
        let port = listener.localPort
        let back = try await clients.run { () throws(LeibrixError) in
            let client = try BlockingClient(port: port)
            defer { client.close() }
            _ = client.write([9, 8, 7])
            client.shutdownWriting()
            return client.read(100)
        }
        #expect(back == [9, 8, 7])
        listener.close()
        try await until { group.connections == 0 }
        group.shutdown()
    }

    @Test func aTakenPortIsRefusedByName() throws {
        let group = try EventLoopGroup(loops: 1)
        let first = try Listener(host: "127.0.0.1", port: 0, group: group) { $0.close() }
        let error = #expect(throws: LeibrixError.self) { try Listener(host: "127.0.0.1", port: first.localPort, group: group) { $0.close() } }
        #expect(error?.message.contains("127.0.0.1:\(first.localPort)") == true)
        first.close()
        group.shutdown()
    }

    @Test func manyConnectionsSpreadEvenly() async throws {
        let (group, listener) = try makeEcho()
        let port = listener.localPort
        let held = try await clients.run { () throws(LeibrixError) in
            var held: [BlockingClient] = []
            for _ in 0..<400 { held.append(try BlockingClient(port: port)) }
            for client in held { _ = client.write([5]) }
            return held.map { ($0, $0.read(1)) }
        }
        #expect(held.allSatisfy { $0.1 == [5] })
        #expect(group.loops.map(\.connections) == [200, 200])
        held.forEach { $0.0.close() }
        listener.close()
        try await until { group.connections == 0 }
        group.shutdown()
    }
}

/// Bounded waiting for a condition that other threads bring about.
func until(_ condition: @Sendable () -> Bool) async throws {
    for _ in 0..<4_000 {
        if condition() { return }
        try await Task.sleep(nanoseconds: 5_000_000)
    }
    Issue.record("the condition did not come about")
}
