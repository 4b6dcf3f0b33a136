internal import Base
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Foundation
internal import Platform
internal import StreamEngine
@testable internal import StreamHost
internal import Testing
internal import WriteAheadLog

/// A directory of a test's own, and hosts over it one after another.
final class HostFixture {
    let directory: String
    private let database: Database
    var store: SQLiteControlStore?

    init() throws {
        directory = FileManager.default.temporaryDirectory.path + "/lbx-host-\(UUID().uuidString)"
        database = try Database(DatabaseConfiguration(threads: 1))
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func open() throws -> StreamHost {
        let store = try store ?? SQLiteControlStore(directory: directory)
        self.store = store
        return try StreamHost(StreamHostConfiguration(directory: directory + "/streams"), store: store, database: database)
    }
}

func object(_ kind: StreamObject.Kind, _ name: String, _ query: String? = nil) -> StreamObject {
    var object = StreamObject(kind, name, tenant: "default", owner: "admin", text: "CREATE \(kind.rawValue) \(name)")
    object.query = query
    return object
}

func trades() -> StreamObject {
    var source = object(.source, "trades")
    source.columns = [
        .init("sym", .varchar), .init("price", .double), .init("qty", .integer), .init("ts", .timestamp), .init("paid", .decimal(width: 10, scale: 2)),
    ]
    source.eventTime = SourceDefinition.EventTime("ts", delayMicros: 0)
    return source
}

/// A trade at a second.
func trade(_ symbol: String, _ price: Double?, _ second: Int64) -> [Value] {
    [
        .string(symbol), price.map { .double($0) } ?? .null, .integer(1), .timestamp(second * 1_000_000),
        .decimal(Int128((price ?? 0) * 100), width: 10, scale: 2),
    ]
}

extension StreamHost {
    func push(trades rows: [[Value]]) throws { try push("trades", [Batch.rows(rows, StreamHostTests.trades().columns)]) }
}

/// All that a subscription has at hand.
func rows(_ subscription: StreamSubscription) throws -> [[Value]] {
    var rows: [[Value]] = []
    while let batch = try subscription.poll() {
        for row in 0..<batch.rowCount { rows.append(batch.columns.map { $0.value(at: row) }) }
    }
    return rows
}

func damage(_ path: String) throws {
    var bytes = try Files.read(path)
    bytes[bytes.count / 2] ^= 0x40
    try Files.replace(path, with: bytes)
}

extension StreamHost {
    /// Leaves everything as a crash would: no checkpoint, no flush.
    func abandon() { log?.close() }
}
