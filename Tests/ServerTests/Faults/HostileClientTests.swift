// Bytes no client should send, clients that go away, and clients that stop reading: the server answers the others all the while.
import Foundation
import PostgresClient
import Testing

@Suite struct HostileClientTests {
    private func expectAlive(_ server: ServerProcess) throws {
        #expect(try server.connect().query("SELECT 42")[0].text(0, 0) == "42")
    }

    @Test func garbageEndsOnlyItsOwnConnection() throws {
        let server = try SharedServer.get().server
        let seed = UInt64(Date().timeIntervalSince1970)
        print("garbage seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<60 {
            let connection = try server.connect()
            connection.setReceiveTimeout(seconds: 60)
            let bytes = (0..<(1 + random.below(300))).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            try? connection.sendRaw(bytes)
            connection.abort()
        }
        try expectAlive(server)
    }

    @Test(arguments: [
        [UInt8(ascii: "Q"), 0, 0, 0, 3], [UInt8(ascii: "Q"), 0x7F, 0xFF, 0xFF, 0xFF], [UInt8(ascii: "Q"), 0xFF, 0xFF, 0xFF, 0xFF],
        [UInt8(ascii: "Q"), 0, 0, 0, 6, 65, 66], [0, 0, 0, 0, 4], [UInt8(ascii: "B"), 0, 0, 0, 8, 0, 0, 0x7F, 0xFF], [UInt8(ascii: "P"), 0, 0, 0, 5, 0],
        [UInt8(ascii: "D"), 0, 0, 0, 6, 90, 0], [UInt8(ascii: "E"), 0, 0, 0, 5, 0], [UInt8(ascii: "p"), 0, 0, 0, 5, 0], [UInt8(ascii: "d"), 0, 0, 0, 5, 0],
    ])
    func malformedMessagesGetAnErrorOrAClose(bytes: [UInt8]) throws {
        let server = try SharedServer.get().server
        let connection = try server.connect()
        connection.setReceiveTimeout(seconds: 300)
        try connection.sendRaw(bytes)
        try? connection.sendRaw([UInt8(ascii: "S"), 0, 0, 0, 4])
        if let error = Self.outcome(connection) {
            let isProper = error.server.map { ["08P01", "42601", "26000", "34000"].contains($0.sqlState) } ?? !error.description.contains("temporarily")
            #expect(isProper, "a protocol error or a close, not \(error)")
        }
        connection.abort()
        try expectAlive(server)
    }

    private static func outcome(_ connection: PostgresConnection) -> ClientError? {
        do throws(ClientError) { _ = try connection.readUntilReady() } catch { return error }
        return nil
    }

    @Test func aClientThatStopsReadingCostsABoundedBuffer() throws {
        let server = try SharedServer.get().server
        func resident() -> Int {
            let text = (try? String(contentsOfFile: "/proc/\(server.processID)/status", encoding: .utf8)) ?? ""
            let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") } ?? ""
            return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
        }
        let before = resident()
        let stuck = try (0..<4).map { _ in
            let connection = try server.connect()
            let sql = "SELECT i, repeat('x', 1000) FROM range(2000000) t(i)"
            let length = UInt32(sql.utf8.count + 5)
            try connection.sendRaw([UInt8(ascii: "Q")] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + Array(sql.utf8) + [0])
            return connection
        }
        for _ in 0..<20 {
            try expectAlive(server)
            usleep(50_000)
        }
        // Each would be 2 GB if it were held; a hundred megabytes for all four is room enough for buffers and the engine.
        #expect(resident() - before < 400_000, "\(resident() - before) KB more")
        for connection in stuck { connection.abort() }
        try expectAlive(server)
    }

    @Test func clientsThatVanishLeaveNothingRunning() throws {
        let shared = try SharedServer.get()
        for _ in 0..<10 {
            let connection = try shared.server.connect()
            let sql = "SELECT count(*) FROM range(100000000000) a(i) WHERE hash(i) % 3 = 0"
            let length = UInt32(sql.utf8.count + 5)
            try connection.sendRaw([UInt8(ascii: "Q")] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + Array(sql.utf8) + [0])
            usleep(20_000)
            connection.abort()
        }
        let watcher = try shared.server.connect()
        let deadline = Date().addingTimeInterval(600)
        while true {
            let running = try watcher.query("SELECT count(*) FROM leibrix.queries WHERE state = 'running' AND query LIKE '%100000000000%' AND query NOT LIKE '%leibrix.queries%'")[0].text(0, 0)
            if running == "0" { break }
            #expect(Date() < deadline, "still running: \(running ?? "")")
            if Date() >= deadline { break }
            usleep(100_000)
        }
    }
}
