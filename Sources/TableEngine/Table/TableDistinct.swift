// How many distinct values the columns have: sketches of the row groups that were encoded. Values that have gone stay counted.
internal import Columnar
internal import ColumnStore

struct TableDistinct {
    private var sketches: [DistinctSketch]
    private var estimates: [UInt64]
    private var rows = 0

    init(columns: Int) {
        sketches = Array(repeating: DistinctSketch(), count: columns)
        estimates = Array(repeating: 0, count: columns)
    }

    mutating func add(_ frozen: FrozenRows) {
        guard frozen.sketches.count == sketches.count else { return }
        rows += frozen.rows
        for (place, sketch) in frozen.sketches.enumerated() {
            sketches[place].merge(sketch)
            estimates[place] = sketches[place].estimate()
        }
    }

    /// For a table of so many rows; 0 is unknown. What was seen to be nearly unique grows with the rows.
    func estimate(_ place: Int, rows all: Int) -> UInt64 {
        let known = estimates[place]
        guard known > 0, all > 0 else { return 0 }
        if known * 10 >= UInt64(rows) * 9, all > rows { return UInt64(Double(known) * Double(all) / Double(rows)) }
        return min(known, UInt64(all))
    }
}
