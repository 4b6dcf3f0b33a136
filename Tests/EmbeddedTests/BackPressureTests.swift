internal import Base
internal import Columnar
internal import Foundation
internal import Leibrix
internal import Platform
internal import Synchronization
internal import Testing

/// Rows pushed faster than they can be taken, each back-pressure mode: of every row it is known where it is, by leibrix.operators.
@Suite(.serialized) struct BackPressureTests {
    private static let rows = ProcessInfo.processInfo.environment["LEIBRIX_SOAK"] == nil ? 200_000 : 2_000_000

    struct Reading: Codable, Sendable {
        var sensor: Int64
        var value: Int64
        var ts: Timestamp
    }
    struct Law: Codable, Sendable {
        var stream: String
        var kind: String
        var rowsIn: Int
        var emitted: Int
        var filtered: Int
        var late: Int
        var buffered: Int
        var dropped: Int
        var rowsOut: Int
    }

    private static let laws = """
        SELECT stream, "operator" AS kind, rows_in AS "rowsIn", emitted, filtered, late, buffered, dropped, rows_out AS "rowsOut" FROM leibrix.operators ORDER BY stream, position
        """

    /// The law, of every operator.
    private func laws(_ db: Leibrix) async throws -> [Law] {
        let laws = try await db.query(Self.laws, as: Law.self)
        for law in laws { #expect(law.rowsIn == law.emitted + law.filtered + law.late + law.buffered + law.dropped, "\(law)") }
        return laws
    }

    @Test(arguments: [BackPressure.block, .dropOldest, .reject])
    func everyRowIsAccountedFor(_ mode: BackPressure) async throws {
        let db = try await Leibrix.builder().buffer(rows: 5_000, mode).build()
        let readings = try await db.createSource("readings", of: Reading.self, eventTime: "ts")
        try await db.execute(
            """
            CREATE STREAM high AS SELECT sensor, value FROM readings WHERE value % 3 > 0;
            CREATE STREAM sums AS SELECT sensor, count(*) AS n, sum(value) AS total FROM readings GROUP BY sensor, tumble(ts, INTERVAL '1 second') EMIT ON WINDOW CLOSE
            """)
        // Who reads waits until the buffer is full.
        let heard = Atomic<Int>(0)
        let isOpen = Atomic<Bool>(false)
        let listener = try db.listen("high") { rows in
            heard.add(rows.count, ordering: .relaxed)
            while !isOpen.load(ordering: .acquiring) { Pause.milliseconds(1) }
        }
        var (taken, refused) = (0, 0)
        for number in 0..<Self.rows {
            // Every hundredth row is behind its window.
            let second = number % 100 == 99 ? 0 : number / 10_000 + 5
            let reading = Reading(sensor: Int64(number % 50), value: Int64(number), ts: Timestamp(micros: Int64(second) * 1_000_000))
            switch mode {
            case .block:
                while !(try readings.offer(reading)) {
                    isOpen.store(true, ordering: .releasing)
                    try await Task.sleep(for: .microseconds(200))
                }
                taken += 1
            case .dropOldest:
                #expect(try readings.offer(reading))
                taken += 1
                if readings.dropped > 0 { isOpen.store(true, ordering: .releasing) }
            case .reject:
                do {
                    _ = try readings.offer(reading)
                    taken += 1
                } catch {
                    #expect(error.code == .streamRejected)
                    refused += 1
                    isOpen.store(true, ordering: .releasing)
                }
            }
        }
        _ = try await laws(db)
        try await readings.flush()
        let laws = try await laws(db)
        let source = try #require(laws.first { $0.stream == "readings" && $0.kind == "source" })
        #expect(taken + refused == Self.rows)
        #expect(source.rowsIn == taken && source.buffered == 0 && source.dropped == readings.dropped)
        #expect((source.dropped > 0) == (mode == .dropOldest) && (refused > 0) == (mode == .reject))
        for stream in ["high", "sums"] {
            let first = try #require(laws.first { $0.stream == stream })
            #expect(first.rowsIn == source.emitted, "\(first)")
        }
        let high = try #require(laws.last { $0.stream == "high" })
        #expect(heard.load(ordering: .relaxed) == high.rowsOut)
        #expect(laws.contains { $0.stream == "sums" && $0.late > 0 })
        listener.cancel()
        await db.shutdown()
    }
}
