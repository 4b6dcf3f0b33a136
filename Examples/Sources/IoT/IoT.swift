// Readings of sensors that come late and out of order: the mean of each sensor over the last minute, every twenty seconds;
// what came too late is not lost but counted. The database lies in a directory, and goes on where it was.
import Leibrix

struct Reading: Codable, Sendable {
    var sensor: Int
    var celsius: Double?
    var ts: Timestamp
}

struct Mean: Codable, Sendable {
    var sensor: Int
    var until: Timestamp
    var readings: Int
    var celsius: Double?
}

@main
struct IoT {
    static func main() async throws {
        let folder = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : nil
        var db = try await Leibrix.open(folder)
        var readings = try await db.createSource("readings", of: Reading.self, eventTime: "ts", delay: .seconds(10))
        try await db.execute(
            """
            CREATE STREAM means AS
              SELECT sensor, window_end AS until, count(celsius) AS readings, avg(celsius) AS celsius
              FROM readings GROUP BY sensor, hop(ts, INTERVAL '20 seconds', INTERVAL '60 seconds')
              EMIT ON WINDOW CLOSE
            """)
        var means = try db.subscribe("means", as: Mean.self)
        var closed = 0
        for second in 0..<300 {
            // Up to nine seconds late, and one sensor that fails now and then.
            let rows = (1...4).map { sensor in
                Reading(
                    sensor: sensor, celsius: sensor == 3 && second % 50 == 0 ? nil : 20 + Double(sensor) + Double(second % 10) / 10,
                    ts: Timestamp(seconds: Int64(max(0, second - second * sensor % 10))))
            }
            try await readings.push(rows)
            if second == 150, folder != nil {
                // The middle of it all: the program ends and begins again.
                while try means.poll() != nil { closed += 1 }
                await db.shutdown()
                db = try await Leibrix.open(folder)
                readings = try db.source("readings", of: Reading.self)
                means = try db.subscribe("means", as: Mean.self)
            }
        }
        while let change = try means.poll() {
            closed += 1
            let mean = change.record
            if mean.sensor == 1 { print("sensor 1 up to second \(mean.until.micros / 1_000_000): \(mean.readings) readings, \(mean.celsius ?? .nan) °C") }
        }
        print("\(closed) windows closed")
        struct Operator: Decodable { var `operator`: String, rows_in: Int, emitted: Int, filtered: Int, late: Int, buffered: Int }
        for made in try await db.query("SELECT * FROM leibrix.operators WHERE stream = 'means'", as: Operator.self) {
            print("\(made.operator): \(made.rows_in) rows in = \(made.emitted) emitted + \(made.filtered) filtered + \(made.late) late + \(made.buffered) buffered")
            precondition(made.rows_in == made.emitted + made.filtered + made.late + made.buffered)
        }
        await db.shutdown()
        precondition(closed > 50)
    }
}
