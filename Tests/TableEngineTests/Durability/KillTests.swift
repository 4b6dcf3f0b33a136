// Real processes on the machine's disk, ended by kill -9 at every named step and at random moments, round after round on one
// directory. The client's record of what was acknowledged is a file that the process appends to after each commit returned.
import Base
import Catalog
import Columnar
import Glibc
import Platform
import Testing

@testable import TableEngine

/// What runs in the process that is killed: transactions of three rows with one tag each, checkpoints and maintenance beside them.
enum KilledServer {
    static let table = TableID(20_000)
    private static let key = TableID(20_001)

    static func configuration(_ directory: String, fault: String? = nil) -> TableEngineConfiguration {
        var configuration = TableEngineConfiguration()
        configuration.rowsPerGroup = 2_048
        configuration.directory = directory + "/data"
        configuration.logSegmentBytes = 64 << 10
        configuration.checkpointBytes = 20_000
        configuration.fault = fault
        configuration.loadsIndexesBehind = true
        return configuration
    }

    static func createTable(_ engine: TableEngine) async throws {
        let transaction = try engine.begin()
        let definition = TableDefinition(
            id: table, schema: "public", name: "t",
            columns: [
                TableColumn(attributeNumber: 1, name: "id", type: .bigInt, isNotNull: true),
                TableColumn(attributeNumber: 2, name: "tag", type: .bigInt), TableColumn(attributeNumber: 3, name: "s", type: .varchar),
            ],
            keys: [KeyConstraint(id: TableID(20_002), name: "t_pkey", kind: .primary, columns: [1], index: key)],
            indexes: [IndexDefinition(id: key, name: "t_pkey", keys: [.init(.column(1))], isUnique: true)], owner: "admin")
        _ = try transaction.createTable(definition)
        try await transaction.commit()
    }

    /// Works until it is killed, a few seconds at most.
    static func run(_ directory: String, fault: String, seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let engine = try TableEngine(configuration(directory, fault: fault.isEmpty ? nil : fault))
        engine.waitForIndexes()
        let acknowledged = try File(directory + "/acknowledged", .write)
        if fault.isEmpty {
            let micros = Int.random(in: 0...60_000, using: &random)
            let killer = Ticker(name: "killer", milliseconds: max(1, micros / 1_000)) { _ = kill(getpid(), SIGKILL) }
            try await work(engine, acknowledged, &random)
            withExtendedLifetime(killer) {}
        } else {
            try await work(engine, acknowledged, &random)
        }
        kill(getpid(), SIGKILL)
    }

    private static func work(_ engine: TableEngine, _ acknowledged: borrowing File, _ random: inout SeededGenerator) async throws {
        var offset = try acknowledged.size()
        for round in 0..<400 {
            let transaction = try engine.begin()
            transaction.beginStatement()
            let tag = Int64.random(in: 1 << 20...1 << 60, using: &random)
            let rows: [[Value]] = (0..<3).map { [.integer(tag &* 4 &+ $0), .integer(tag), .string(String(repeating: "t", count: 20))] }
            _ = try transaction.insert(table, rows: rows)
            try await transaction.commit()
            let line = [UInt8]("\(tag)\n".utf8)
            try unsafe acknowledged.write(line.span.bytes, at: offset)
            offset += line.count
            if round % 20 == 19 { try engine.checkpoint() }
        }
    }
}

@Suite(.serialized) struct KillTests {
    private static let isSoak = unsafe getenv("LEIBRIX_SOAK") != nil
    private static let points = TableFault.allCases.filter { $0 != .backupCopying }.map(\.rawValue)

    /// Opens what the killed process left, and holds it to what was acknowledged.
    private func check(_ directory: String, _ round: String) async throws {
        let engine = try TableEngine(KilledServer.configuration(directory))
        let text = String(decoding: try Files.read(directory + "/acknowledged"), as: UTF8.self)
        let transaction = try engine.begin()
        transaction.beginStatement()
        let store = try transaction.store(KilledServer.table)
        var counts: [Int64: Int] = [:]
        for group in store.locked({ $0.groups }) {
            for slot in 0..<group.publishedRows where unsafe group.access.pointee.isVisible(slot, transaction.view) {
                guard case .integer(let tag) = unsafe group.access.pointee.columns[1].value(slot, .bigInt) else { continue }
                counts[tag, default: 0] += 1
            }
        }
        transaction.rollback()
        engine.close()
        for line in text.split(separator: "\n") {
            let tag = try #require(Int64(line))
            #expect(counts[tag] == 3, "\(round): acknowledged \(tag) is lost or half there")
        }
        #expect(counts.values.allSatisfy { $0 == 3 }, "\(round): something is half there")
    }

    /// In the long form many times over, each time in a new directory, since what is recovered grows with the rounds.
    @Test(arguments: 0..<(isSoak ? 72 : 1)) func nothingAcknowledgedIsLostByKills(_ time: Int) async throws {
        let directory = "/tmp/leibrix-kill-\(Random.integer(UInt64.self))"
        try Files.createDirectory(directory)
        defer { try? Files.removeTree(directory) }
        _ = try File(directory + "/acknowledged", .create)
        let engine = try TableEngine(KilledServer.configuration(directory))
        try await KilledServer.createTable(engine)
        engine.close()
        let rounds = Self.points.count + 7
        for round in 0..<rounds {
            let fault = round < Self.points.count ? Self.points[round] : ""
            let seed = UInt64(time * 100 + round) &* 7_919 &+ UInt64(getpid())
            await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String, fault = fault as String, seed = seed as UInt64] in
                try await KilledServer.run(directory, fault: fault, seed: seed)
            }
            try await check(directory, "round \(round) \(fault) seed \(seed)")
        }
        #expect(try Files.read(directory + "/acknowledged").count > 1_000, "something was acknowledged before the kills")
    }
}
