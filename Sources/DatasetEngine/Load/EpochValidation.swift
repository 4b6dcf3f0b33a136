// Compares what was written with what the source says of the same snapshot and rows.
internal import Base
internal import Catalog
internal import Columnar
internal import ColumnStore

enum EpochValidation {
    /// nil when they agree, else why not.
    static func disagreement(_ planned: PlannedEpoch, _ files: [SegmentSummary], time: (index: Int, type: DataType)?) -> String? {
        let rows = files.reduce(Int64(0)) { $0 + Int64($1.rows) }
        guard rows == planned.expected.rows else {
            return "the source has \(planned.expected.rows) rows, \(rows) were loaded"
        }
        guard let time, planned.slot.range != nil, rows > 0, let found = bounds(files, time.index, time.type) else { return nil }
        if let expected = planned.expected.minMicros, found.min != expected {
            return "the smallest time at the source is \(spelled(expected)), of the rows loaded \(spelled(found.min))"
        }
        if let expected = planned.expected.maxMicros, found.max != expected {
            return "the largest time at the source is \(spelled(expected)), of the rows loaded \(spelled(found.max))"
        }
        return nil
    }

    /// Smallest and largest of a time column in microseconds, from the segments' own statistics; nil where they have none.
    static func bounds(_ files: [SegmentSummary], _ column: Int, _ type: DataType) -> (min: Int64, max: Int64)? {
        var result: (min: Int64, max: Int64)?
        for file in files where file.rows > 0 {
            let statistics = file.statistics[column]
            guard case .integer(let low)? = statistics.min, case .integer(let high)? = statistics.max,
                let min = micros(low, type), let max = micros(high, type)
            else { return nil }
            result = result.map { (Swift.min($0.min, min), Swift.max($0.max, max)) } ?? (min, max)
        }
        return result
    }

    private static func micros(_ value: Int128, _ type: DataType) -> Int64? {
        let scaled: Int128? =
            switch type.base {
            case .date: value * 86_400_000_000
            case .timestampSeconds: value * 1_000_000
            case .timestampMillis: value * 1_000
            case .timestamp, .timestampTZ: value
            default: nil
            }
        return scaled.flatMap { Int64(exactly: $0) }
    }

    private static func spelled(_ micros: Int64) -> String { Instant.spelled(micros.flooredDivision(by: 1_000).quotient) }
}
