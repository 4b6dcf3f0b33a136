internal import Base
internal import Columnar
internal import Platform
internal import StreamEngine
internal import Testing

@Suite struct WindowTests {
    private static let tumble =
        "SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n, sum(v) AS total, min(v) AS low, max(v) AS high FROM numbers GROUP BY k, w"

    @Test(arguments: [1, 3, 100]) func closesTumblingWindows(_ batch: Int) throws {
        let harness = try Harness()
        try harness.stream(Self.tumble)
        try harness.push("numbers", [[1, 5, at(1)], [1, 7, at(9)], [2, 1, at(3)], [1, 2, at(10)]], batch: batch)
        #expect(harness.values() == [[1, time(0), 2, .hugeInt(12), 5, 7], [2, time(0), 1, .hugeInt(1), 1, 1]])
        let window = try #require(harness.engine.operators.first)
        #expect(window.buffered == 1 && window.emitted == 3 && window.isConserved)
        harness.engine.finish()
        #expect(harness.values().last == [1, time(10), 1, .hugeInt(2), 2, 2])
    }

    @Test(arguments: [1, 100]) func countsLateRows(_ batch: Int) throws {
        let harness = try Harness(delaySeconds: 2)
        try harness.stream(Self.tumble)
        // The third row meets a watermark of 9: not late; the fifth one of 10: its window has closed.
        try harness.push("numbers", [[1, 1, at(1)], [1, 1, at(11)], [1, 1, at(2)], [1, 1, at(12)], [1, 1, at(9)]], batch: batch)
        harness.engine.finish()
        #expect(harness.values() == [[1, time(0), 2, .hugeInt(2), 1, 1], [1, time(10), 2, .hugeInt(2), 1, 1]])
        let window = try #require(harness.engine.operators.first)
        #expect(window.late == 1 && window.emitted == 4 && window.isConserved)
    }

    @Test(arguments: [1, 100]) func correctsWithinTheLateness(_ batch: Int) throws {
        let harness = try Harness()
        let options = StreamOptions(emit: .onWatermark, latenessMicros: 5_000_000)
        try harness.stream("SELECT k, tumble(ts, INTERVAL 10 SECOND) AS w, count(*) AS n FROM numbers GROUP BY 1, 2 HAVING count(*) > 1", "out", options)
        try harness.push("numbers", [[1, 1, at(1)], [1, 1, at(2)], [1, 1, at(11)], [1, 1, at(3)], [1, 1, at(15)], [1, 1, at(4)]], batch: batch)
        #expect(harness.out == [
            .init(weight: 1, values: [1, time(0), 2]), .init(weight: -1, values: [1, time(0), 2]), .init(weight: 1, values: [1, time(0), 3]),
        ])
        #expect(harness.engine.operators[0].late == 1)
    }

    @Test func hops() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, window_start AS w, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, hop(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')")
        try harness.push("numbers", [[1, 1, at(7)], [1, 10, at(12)]], batch: 2)
        harness.engine.finish()
        #expect(harness.values() == [
            [1, time(-5), 1, .hugeInt(1)], [1, time(0), 2, .hugeInt(11)], [1, time(5), 2, .hugeInt(11)], [1, time(10), 1, .hugeInt(10)],
        ])
        #expect(harness.engine.operators[0].isConserved)
    }

    @Test func hopsOfOddSize() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, window_start AS w, count(*) AS n FROM numbers GROUP BY k, hop(ts, INTERVAL '4 seconds', INTERVAL '10 seconds')")
        // 9 seconds belong to the windows from 0, 4 and 8; 11 to those from 4 and 8.
        try harness.push("numbers", [[1, 1, at(9)], [1, 1, at(11)]], batch: 2)
        harness.engine.finish()
        #expect(harness.values() == [[1, time(0), 1], [1, time(4), 2], [1, time(8), 2]])
    }

    @Test func cumulates() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, window_start AS w, window_end AS e, count(*) AS n FROM numbers GROUP BY k, cumulate(ts, INTERVAL '5 seconds', INTERVAL '15 seconds')")
        try harness.push("numbers", [[1, 1, at(2)], [1, 1, at(7)], [1, 1, at(14)]], batch: 2)
        harness.engine.finish()
        #expect(harness.values() == [[1, time(0), time(5), 1], [1, time(0), time(10), 2], [1, time(0), time(15), 3]])
    }

    @Test(arguments: [1, 100]) func followsSessions(_ batch: Int) throws {
        let harness = try Harness(delaySeconds: 10)
        try harness.stream("SELECT k, window_start AS w, window_end AS e, count(*) AS n, sum(v) AS total FROM numbers GROUP BY k, session(ts, INTERVAL '5 seconds')")
        // 1 and 9 are joined by 5; key 2 has two sessions; 31 closes all; 3 is late then.
        try harness.push("numbers", [
            [1, 1, at(1)], [1, 2, at(9)], [2, 1, at(1)], [2, 1, at(6)], [1, 4, at(5)], [1, 8, at(31)], [1, 16, at(3)],
        ], batch: batch)
        #expect(harness.values().sortedRows == [
            [1, time(1), time(14), 3, .hugeInt(7)], [2, time(1), time(6), 1, .hugeInt(1)], [2, time(6), time(11), 1, .hugeInt(1)],
        ].sortedRows)
        #expect(harness.engine.operators[0].late == 1 && harness.engine.operators[0].isConserved)
        harness.engine.finish()
        #expect(harness.values().last == [1, time(31), time(36), 1, .hugeInt(8)])
        #expect(harness.engine.operators[0].stateKeys == 0 && harness.engine.operators[0].isConserved)
    }

    @Test func cascades() throws {
        let harness = try Harness()
        try harness.stream("SELECT k, window_end AS e, count(*) AS n FROM numbers GROUP BY k, tumble(ts, INTERVAL '10 seconds')", "counts")
        try harness.stream("SELECT tumble(e, INTERVAL '60 seconds') AS m, sum(n) AS n FROM counts GROUP BY tumble(e, INTERVAL '60 seconds')")
        try harness.push("numbers", (0..<130).map { [.integer($0 % 3), 1, at($0)] }, batch: 7)
        harness.engine.finish()
        // Ends of 60 and 120 seconds belong to the minute that begins there.
        #expect(harness.values() == [[time(0), .hugeInt(50)], [time(60), .hugeInt(60)], [time(120), .hugeInt(20)]])
    }

    @Test func goesOnWhileIdle() throws {
        let harness = try Harness(idleSeconds: 5)
        try harness.stream(Self.tumble)
        harness.advance(seconds: 1)
        try harness.push("numbers", [[1, 1, at(8)]])
        harness.advance(seconds: 4)
        #expect(harness.out.isEmpty)
        harness.advance(seconds: 2)
        #expect(harness.values() == [[1, time(0), 1, .hugeInt(1), 1, 1]])
    }

    @Test func takesTheProducersWatermark() throws {
        let harness = try Harness()
        try harness.stream(Self.tumble)
        try harness.push("numbers", [[1, 1, at(8)]])
        try harness.engine.source("numbers").watermark(10_000_000)
        #expect(harness.out.count == 1)
    }

    /// The watermark follows the slowest partition, whichever way the column is typed, and goes on without those that are silent.
    @Test(arguments: [false, true]) func followsTheSlowestPartition(_ isText: Bool) throws {
        let harness = try Harness()
        let fields: [DataType.Field] = [.init("p", isText ? .varchar : .bigInt), .init("ts", .timestamp)]
        try harness.engine.createSource(SourceDefinition("parts", fields, eventTime: .init("ts", delayMicros: 2_000_000, idleMicros: 60_000_000, partition: "p")))
        var generator = SeededGenerator(seed: isText ? 5 : 6)
        var greatest: [Int64: Int64] = [:]
        var expected = Int64.min
        for step in 0..<500 {
            let number = Int64(generator.next() % 7)
            let time = Int64(step) + Int64(generator.next() % 20) - number * 3
            try harness.push("parts", [[isText ? .string("a partition with a long name \(number)") : .integer(number), at(time)]])
            greatest[number] = max(greatest[number] ?? time, time)
            if let least = greatest.values.min() { expected = max(expected, (least - 2) * 1_000_000) }
            let watermark = harness.engine.sourceStatistics.first { $0.name == "parts" }?.watermark
            #expect(watermark == expected, "step \(step)")
        }
        // All but one fall silent.
        harness.advance(seconds: 59)
        try harness.push("parts", [[isText ? .string("fresh") : 99, at(10_000)]])
        harness.advance(seconds: 2)
        let watermark = harness.engine.sourceStatistics.first { $0.name == "parts" }?.watermark
        #expect(watermark == 9_998_000_000)
    }

    @Test func refusesOtherPartitions() throws {
        let harness = try Harness()
        let fields: [DataType.Field] = [.init("p", .double), .init("ts", .timestamp)]
        let error = #expect(throws: LeibrixError.self) { try harness.engine.createSource(SourceDefinition("parts", fields, eventTime: .init("ts", partition: "p"))) }
        #expect(error?.code == .streamConfiguration && error?.hint != nil)
    }

    private static let shifted = [
        "SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY tumble(moment, INTERVAL '10 seconds', INTERVAL '3 seconds')",
        "SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY hop(moment, INTERVAL '4 seconds', INTERVAL '10 seconds', INTERVAL '1 second')",
        "SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY slide(moment, INTERVAL '10 seconds', INTERVAL '5 seconds', INTERVAL '2 seconds')",
        "SELECT window_start AS w, window_end AS e, count(*) AS n FROM ticks GROUP BY cumulate(moment, INTERVAL '5 seconds', INTERVAL '20 seconds', INTERVAL '7 seconds')",
    ]
    /// Distance of starts (of ends, where windows grow), size, offset, in seconds.
    private static let shapes: [(step: Int64, size: Int64, offset: Int64)] = [(10, 10, 3), (4, 10, 1), (5, 10, 2), (5, 20, 7)]

    /// Windows that do not begin at 1970, over BIGINT milliseconds and over TIMESTAMP, before 1970 too.
    @Test(arguments: shifted.indices, [false, true]) func windowsBeginAtTheirOffset(_ number: Int, _ isMillis: Bool) throws {
        let unit: Int64 = isMillis ? 1_000 : 1_000_000
        let (step, size, offset) = Self.shapes[number]
        let harness = try Harness()
        try harness.engine.createSource(SourceDefinition("ticks", [.init("moment", isMillis ? .bigInt : .timestamp)], eventTime: .init("moment", delayMicros: 30_000_000)))
        try harness.stream(Self.shifted[number], "out", StreamOptions(emit: .final))
        var generator = SeededGenerator(seed: UInt64(number))
        let seconds = (0..<200).map { Int64($0) - 60 + Int64(generator.next() % 20) }
        try harness.push("ticks", seconds.map { [.integer($0 * unit + 1)] }, batch: 9)
        harness.engine.finish()
        var expected: [[Int64]: Int64] = [:]
        for start in stride(from: -200 * step + offset, to: 400, by: Int(number == 3 ? size : step)) {
            let lengths = number == 3 ? Array(stride(from: step, through: size, by: Int(step))) : [size]
            for length in lengths {
                let count = seconds.count { $0 >= start && $0 < start + length }
                if count > 0 { expected[[start, start + length]] = Int64(count) }
            }
        }
        let value = { (seconds: Int64) -> Value in isMillis ? .integer(seconds * 1_000) : time(seconds) }
        let rows = expected.map { [value($0.key[0]), value($0.key[1]), .integer($0.value)] }
        #expect(harness.values().sortedRows == rows.sortedRows)
    }

    /// One huge window leaves in chunks, whoever reads it: no more than a chunk's rows at once, and all of them.
    @Test func hugeWindowsLeaveInChunks() throws {
        let harness = try Harness()
        try harness.engine.createStream("out", try Queries.tree(Self.tumble))
        final class Sizes { var all: [Int] = [] }
        let sizes = Sizes()
        _ = try harness.engine.subscribe("out") { sizes.all.append($0.count) }
        for start in stride(from: 0, to: 20_000, by: 1_000) { try harness.push("numbers", (start..<start + 1_000).map { [.integer(Int64($0)), 1, at(1)] }, batch: 1_000) }
        harness.engine.finish()
        #expect(sizes.all.reduce(0, +) == 20_000 && (sizes.all.max() ?? 0) <= StreamLimits.chunkRowsMax)
    }
}
