internal import Base

// Event time of a source: a row may come up to `delay` after a later one (bounded out-of-orderness). The watermark is the
// greatest time seen less the delay; with partitions, the least of theirs, silent ones left out.
//
// While every input is silent for longer than the idle timeout, event time is taken to go on with the clock, so that
// windows whose rows are all there do not wait for the next row. A row that comes late after that is counted as late.

struct WatermarkTracker {
    /// Units of event time.
    let delay: Int64
    /// Microseconds in a unit.
    let microsPerUnit: Int64
    /// nil: never idle.
    let idleMicros: Int64?

    private(set) var watermark = Int64.min
    private var greatest = Int64.min
    private var lastRow = Int64.min
    /// By partition, where the source has them.
    private var partitions: [Int64: Partition] = [:]
    /// How far the slowest partition has come.
    private var slowest: Int64?

    private struct Partition {
        var greatest: Int64
        var lastRow: Int64
    }

    init(delay: Int64, microsPerUnit: Int64, idleMicros: Int64?) {
        self.delay = delay
        self.microsPerUnit = microsPerUnit
        self.idleMicros = idleMicros
    }

    /// Has another's state, and keeps its own delay and timeout.
    mutating func goOn(from other: WatermarkTracker) {
        (watermark, greatest, lastRow) = (other.watermark, other.greatest, other.lastRow)
        (partitions, slowest) = (other.partitions, other.slowest)
    }

    /// Takes the times of a chunk and writes the watermark that each row met. Returns whether rows met different ones.
    @inline(__always)
    mutating func observe(_ times: Vector, _ count: Int, marks: Lane<Int64>, now: Int64) -> Bool {
        let before = watermark
        var mark = watermark
        var most = greatest
        let ints = times.ints
        if times.hasNulls {
            for row in 0..<count {
                marks[row] = mark
                if times.nulls[row] == 0 && ints[row] > most {
                    most = ints[row]
                    mark = max(mark, most &- delay)
                }
            }
        } else {
            for row in 0..<count {
                marks[row] = mark
                if ints[row] > most {
                    most = ints[row]
                    mark = max(mark, most &- delay)
                }
            }
        }
        greatest = most
        watermark = mark
        lastRow = now
        return before != mark
    }

    /// The same where rows belong to partitions: the watermark follows the slowest that is not silent.
    mutating func observe(_ times: Vector, _ keys: Vector, isText: Bool = false, _ count: Int, marks: Lane<Int64>, now: Int64) -> Bool {
        let before = watermark
        for row in 0..<count {
            marks[row] = watermark
            if times.isNull(row) { continue }
            var key = keys.isNull(row) ? Int64.min : isText ? Int64(bitPattern: keys.texts[row].hash(0)) : keys.ints[row]
            let time = times.ints[row]
            var old = partitions[key]?.greatest
            if old == nil && partitions.count >= StreamLimits.partitionsMax {
                // No room: all further ones are one together.
                key = .max
                old = partitions[key]?.greatest
            }
            partitions[key] = Partition(greatest: max(old ?? time, time), lastRow: now)
            if old != nil && time <= old! { continue }
            greatest = max(greatest, time)
            // Only the slowest moves the watermark; one that is new only holds it up.
            if old == nil { slowest = min(slowest ?? time, time) }
            if old == nil && partitions.count > 1 || old != nil && old! > slowest ?? .min { continue }
            follow()
        }
        lastRow = now
        return before != watermark
    }

    private mutating func follow() {
        slowest = partitions.values.lazy.map(\.greatest).min()
        guard let least = slowest else { return }
        watermark = max(watermark, least &- delay)
    }

    /// A watermark the producer says itself. It never goes back.
    mutating func set(_ value: Int64) { watermark = max(watermark, value) }

    /// Processing time has come to `now`: partitions that are silent no longer hold the others up.
    mutating func tick(_ now: Int64) {
        guard let idleMicros, lastRow != .min, greatest != .min else { return }
        if !partitions.isEmpty {
            let silent = partitions.filter { now - $0.value.lastRow >= idleMicros }.map(\.key)
            if silent.count < partitions.count {
                for key in silent { partitions[key] = nil }
                follow()
                return
            }
        }
        let silence = now - lastRow
        if silence < idleMicros { return }
        watermark = max(watermark, greatest &- delay &+ silence / microsPerUnit)
    }

    func save(_ writer: inout StateWriter) {
        writer.add(watermark)
        writer.add(greatest)
        writer.add(partitions.count)
        for (key, partition) in partitions.sorted(by: { $0.key < $1.key }) {
            writer.add(key)
            writer.add(partition.greatest)
        }
    }

    mutating func load(_ reader: inout StateReader) throws(LeibrixError) {
        watermark = try reader.word()
        greatest = try reader.word()
        for _ in 0..<(try reader.integer()) {
            let key = try reader.word()
            partitions[key] = Partition(greatest: try reader.word(), lastRow: 0)
        }
        slowest = partitions.values.lazy.map(\.greatest).min()
    }
}
