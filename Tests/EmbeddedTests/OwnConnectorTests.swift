internal import Base
internal import Catalog
internal import Columnar
internal import Connectors
internal import DuckDBKit
internal import Foundation
internal import Leibrix
internal import Synchronization
internal import Testing

/// Connectors of a program's own, the shape of what there is, and event time that the producer tells.
@Suite(.serialized) struct OwnConnectorTests {
    /// Nothing is counted before the streams are there.
    private final class Gate: Sendable { let isOpen = Atomic<Bool>(false) }

    /// Counts from where it stands to a bound.
    private final class Counter: SourceConnector {
        let schema: [DataType.Field]
        private let end: Int64
        private let gate: Gate
        private var next: Int64 = 0

        init(_ schema: [DataType.Field], end: Int64, _ gate: Gate) { (self.schema, self.end, self.gate) = (schema, end, gate) }

        func open() throws(LeibrixError) { next = 0 }
        func poll(_ rowsMax: Int) throws(LeibrixError) -> SourcePoll {
            guard gate.isOpen.load(ordering: .relaxed) else { return .idle }
            guard next < end else { return .end }
            let count = min(Int64(min(rowsMax, 3)), end - next)
            defer { next += count }
            return .rows(SourceRows(Batch.rows((next..<next + count).map { [.integer($0)] }, schema)))
        }
        func position() -> String { String(next) }
        func restore(_ position: String) throws(LeibrixError) { next = Int64(position) ?? 0 }
        func close() {}
    }

    /// Keeps what was committed.
    private final class Shelf: SinkConnector {
        private struct State {
            var open: [[Value]] = []
            var prepared: [Int: [[Value]]] = [:]
            var shown: [Int: [[Value]]] = [:]
        }
        private let state = Mutex(State())

        var rows: [[Value]] { state.withLock { state in state.shown.sorted { $0.key < $1.key }.flatMap(\.value) } }

        func open() throws(LeibrixError) {}
        func begin() throws(LeibrixError) { state.withLock { $0.open = [] } }
        func write(_ batch: Batch, weights: [Int8]) throws(LeibrixError) {
            state.withLock { state in state.open += (0..<batch.rowCount).map { row in batch.columns.map { $0.value(at: row) } } }
        }
        func preCommit(_ epoch: Int) throws(LeibrixError) -> String {
            state.withLock { $0.prepared[epoch] = $0.open }
            return "\(epoch)"
        }
        func commit(_ epoch: Int, _ token: String) throws(LeibrixError) { state.withLock { $0.shown[epoch] = $0.prepared[epoch] } }
        func rollback(to epoch: Int, _ token: String?) throws(LeibrixError) {
            state.withLock { state in
                state.prepared = state.prepared.filter { $0.key <= epoch }
                state.shown = state.shown.filter { $0.key <= epoch }
            }
        }
        func close() {}
    }

    private func builder(_ shelf: Shelf, _ gate: Gate) -> LeibrixBuilder {
        Leibrix.builder()
            .sourceConnector("counter", options: ["bound"]) { (spec, _, _, options) throws(LeibrixError) in
                guard let bound = try options.text("bound").flatMap({ Int64($0) }) else {
                    throw LeibrixError(.streamConnector, "COUNTER needs bound", hint: "bound = '10'")
                }
                return Counter(spec.columns, end: bound, gate)
            }
            .sinkConnector("shelf") { (_, _, _) throws(LeibrixError) in shelf }
    }

    @Test func ownConnectorsAreNamedInStatements() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/lbx-own-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (shelf, gate) = (Shelf(), Gate())
        let db = try await builder(shelf, gate).profile(.embedded(directory: folder)).build()
        try await db.execute(
            """
            CREATE SOURCE c (n BIGINT) FROM COUNTER (bound = '10');
            CREATE STREAM even AS SELECT n FROM c WHERE n % 2 = 0;
            CREATE MATERIALIZED VIEW total AS SELECT count(*) AS n FROM even;
            CREATE SINK out FROM even INTO SHELF
            """)
        struct Number: Codable { var n: Int }
        let even = try db.subscribe("even", as: Number.self)
        gate.isOpen.store(true, ordering: .relaxed)
        for wanted in [0, 2, 4, 6, 8] { #expect(try await even.next()?.record.n == wanted) }
        try await db.checkpoint()
        #expect(shelf.rows == [[0], [2], [4], [6], [8]])
        #expect(db.topology() == [
            TopologyNode(name: "c", kind: .source, inputs: []), TopologyNode(name: "even", kind: .stream, inputs: ["c"]),
            TopologyNode(name: "total", kind: .view, inputs: ["even"]), TopologyNode(name: "out", kind: .sink, inputs: ["even"]),
        ])
        let error = await #expect(throws: LeibrixError.self) { try await db.execute("CREATE SOURCE d (n BIGINT) FROM COUNTER (limit = 1)") }
        #expect(error?.code == .streamConnector)
        await db.shutdown()
        // Without the connector the source is there, with what it had; with it, it goes on where it stood.
        let again = try await builder(Shelf(), gate).storage(folder).build()
        #expect(try await again.query("SELECT n FROM total").collect().map { $0.values[0] } == [5])
        await again.shutdown()
    }

    @Test func ownFunctionsAreCalled() async throws {
        let db = try await Leibrix.builder().function("Twice", [.bigInt], returns: .bigInt) { (values) throws(LeibrixError) in
            guard case .integer(let number)? = values.first else { return .null }
            guard number < 100 else { throw LeibrixError(.invalidValue, "\(number) is too much", hint: "Stay below 100.") }
            return .integer(number * 2)
        }.build()
        try await db.execute("CREATE TABLE t (n bigint); INSERT INTO t VALUES (1), (NULL), (20)")
        #expect(try await db.query("SELECT twice(n) FROM t ORDER BY n NULLS FIRST").collect().map { $0.values[0] } == [.null, 2, 40])
        let error = await #expect(throws: LeibrixError.self) { try await db.query("SELECT twice(100)").collect() }
        #expect(error?.message.contains("100 is too much") == true)
        try await db.execute("CREATE SOURCE s (n BIGINT)")
        let refused = await #expect(throws: LeibrixError.self) { try await db.execute("CREATE STREAM x AS SELECT twice(n) FROM s") }
        #expect(refused?.code == .streamNotSupported)
        await db.shutdown()
    }

    @Test func producersTellTheTime() async throws {
        struct Reading: Codable, Sendable { var k: String; var ts: Timestamp }
        struct Count: Codable, Hashable, Sendable { var k: String; var n: Int }
        let folder = FileManager.default.temporaryDirectory.path + "/lbx-time-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var db = try await Leibrix.open(folder)
        var readings = try await db.createSource("readings", of: Reading.self, eventTime: "ts")
        #expect(readings.watermark == nil)
        try await db.execute("CREATE STREAM counts AS SELECT k, count(*) AS n FROM readings GROUP BY k, tumble(ts, INTERVAL '10 seconds')")
        try await readings.push(Reading(k: "a", ts: Timestamp(seconds: 3)))
        #expect(readings.watermark == 3_000_000)
        #expect(try db.subscribe("counts", as: Count.self, afterEpoch: 0).poll() == nil)
        try await readings.advance(to: 10_000_000)
        #expect(readings.watermark == 10_000_000)
        #expect(try db.subscribe("counts", as: Count.self, afterEpoch: 0).poll()?.record == Count(k: "a", n: 1))
        await db.shutdown()
        db = try await Leibrix.open(folder)
        readings = try db.source("readings", of: Reading.self)
        #expect(readings.watermark == 10_000_000)
        try await db.execute("CREATE SOURCE plain (k VARCHAR)")
        struct Plain: Codable { var k: String }
        let error = await #expect(throws: LeibrixError.self) { try await db.source("plain", of: Plain.self).advance(to: 1) }
        #expect(error?.code == .streamNoEventTime)
        await db.shutdown()
    }
}
