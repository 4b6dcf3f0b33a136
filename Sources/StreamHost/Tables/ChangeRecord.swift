// What one commit did to followed tables, as a record of the host's log (kind 4); a piece of a snapshot looks the same.
//
//   i64 micros · u64 object that it is for, 0: all that follow · u64 commit · u64 position of the feed behind it
//   then each run of rows, in their order:
//   u32 table · u8 1 came, 0 went · u32 rows · u16 columns, each: u16 place · u32 bytes · the column as in BatchCoding
//
// And who follows from then on (kind 5), when a stream has caught up with the others:
//
//   i64 micros · u64 object · u64 commit · u64 position · text reader · u8 1: those who followed before do so no more
//   u32 tables, each: u32 id
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import TableEngine

/// Rows of one table that came, or that went.
struct ChangedRows: Sendable {
    var table: UInt32
    var isAdded: Bool
    var rowCount: Int
    /// By place in the table.
    var columns: [Int: Column]
    /// Keeps the columns' memory.
    var owner: any AnyObject & Sendable

    init(_ table: TableID, isAdded: Bool, _ batch: Batch) {
        self.init(table.rawValue, isAdded: isAdded, batch, Array(batch.columns.indices))
    }

    init(_ table: UInt32, isAdded: Bool, _ batch: Batch, _ places: [Int]) {
        self.table = table
        self.isAdded = isAdded
        rowCount = batch.rowCount
        columns = Dictionary(uniqueKeysWithValues: zip(places, batch.columns))
        owner = batch
    }

    /// The columns that a stream wants; nil where one is not there.
    func batch(_ input: TableInput) -> Batch? {
        let wanted = input.places.compactMap { columns[$0] }
        return wanted.count == input.places.count ? Batch(rowCount: rowCount, columns: wanted, owner: owner) : nil
    }
}

extension ChangedRows {
    /// What a stream sees of one table's changes, in their order. An update of columns that it does not want is none: rows that went
    /// and came alike are left out. In the columns wanted by nobody they may differ, so a commit of many rows is left as it is.
    static func effective(_ runs: [ChangedRows], _ input: TableInput) -> [(batch: Batch, isAdded: Bool)] {
        let batches = runs.compactMap { run in run.batch(input).map { (batch: $0, isAdded: run.isAdded) } }
        let rows = batches.reduce(0) { $0 + $1.batch.rowCount }
        guard rows <= StreamHostLimits.comparedRowsMax, batches.contains(where: \.isAdded), batches.contains(where: { !$0.isAdded }) else { return batches }
        let values = batches.map { made in (0..<made.batch.rowCount).map { row in made.batch.columns.map { $0.value(at: row) } } }
        var gone: [[Value]: Int] = [:]
        for (place, made) in batches.enumerated() where !made.isAdded { for row in values[place] { gone[row, default: 0] += 1 } }
        var alike: [[Value]: Int] = [:]
        for (place, made) in batches.enumerated() where made.isAdded {
            for row in values[place] where gone[row, default: 0] > alike[row, default: 0] { alike[row, default: 0] += 1 }
        }
        if alike.isEmpty { return batches }
        var left = [false: alike, true: alike]
        return batches.indices.compactMap { place in
            let kept = values[place].filter { row in
                guard let count = left[batches[place].isAdded]?[row], count > 0 else { return true }
                left[batches[place].isAdded]?[row] = count - 1
                return false
            }
            return kept.isEmpty ? nil : (Batch.rows(kept, input.columns), batches[place].isAdded)
        }
    }
}

struct ChangeRecord {
    var object: Int64
    var commit: UInt64
    var position: UInt64
    var rows: [ChangedRows]

    /// With the columns at `places` of each table; none of a table that is not in there.
    func encoded(_ places: [UInt32: [Int]]) -> [UInt8] {
        var bytes = InputRecord.tick(micros: 0)
        bytes.append(integer: UInt64(bitPattern: object))
        bytes.append(integer: commit)
        bytes.append(integer: position)
        for run in rows {
            guard let wanted = places[run.table] else { continue }
            bytes.append(integer: run.table)
            bytes.append(run.isAdded ? 1 : 0)
            bytes.append(integer: UInt32(run.rowCount))
            let there = wanted.compactMap { place in run.columns[place].map { (place, $0) } }
            bytes.append(integer: UInt16(there.count))
            for (place, column) in there {
                bytes.append(integer: UInt16(place))
                let start = bytes.count
                bytes.append(integer: UInt32(0))
                BatchCoding.append(column, rows: run.rowCount, to: &bytes)
                let size = UInt32(bytes.count - start - 4)
                for byte in 0..<4 { bytes[start + byte] = UInt8(truncatingIfNeeded: size >> UInt32(byte * 8)) }
            }
        }
        return bytes
    }

    /// `types` are the columns that somebody still wants, by table and place; the others are passed over.
    init(_ payload: [UInt8], types: [UInt32: [Int: DataType]]) throws(LeibrixError) {
        var offset = 8
        object = Int64(bitPattern: try payload.integer(UInt64.self, at: &offset))
        commit = try payload.integer(UInt64.self, at: &offset)
        position = try payload.integer(UInt64.self, at: &offset)
        rows = []
        while offset < payload.count {
            let table = try payload.integer(UInt32.self, at: &offset)
            guard offset < payload.count else { throw .damagedRows }
            let isAdded = payload[offset] == 1
            offset += 1
            let count = Int(try payload.integer(UInt32.self, at: &offset))
            var places: [Int] = []
            var columns = ColumnReader(rows: count)
            for _ in 0..<Int(try payload.integer(UInt16.self, at: &offset)) {
                let place = Int(try payload.integer(UInt16.self, at: &offset))
                let end = Int(try payload.integer(UInt32.self, at: &offset)) + offset
                guard end <= payload.count else { throw .damagedRows }
                if let type = types[table]?[place] {
                    try columns.read(payload, offset, type)
                    places.append(place)
                }
                offset = end
            }
            if !places.isEmpty { rows.append(ChangedRows(table, isAdded: isAdded, columns.batch, places)) }
        }
    }

    init(object: Int64, commit: UInt64, position: UInt64, rows: [ChangedRows]) {
        (self.object, self.commit, self.position, self.rows) = (object, commit, position, rows)
    }
}

/// A stream has caught up: from here on it follows with the others, all from one feed.
struct FollowRecord {
    var object: Int64
    var commit: UInt64
    var position: UInt64
    var reader: String
    var tables: [UInt32]
    var isAlone: Bool

    var encoded: [UInt8] {
        var bytes = InputRecord.tick(micros: 0)
        bytes.append(integer: UInt64(bitPattern: object))
        bytes.append(integer: commit)
        bytes.append(integer: position)
        bytes.append(text: reader)
        bytes.append(isAlone ? 1 : 0)
        bytes.append(integer: UInt32(tables.count))
        for table in tables { bytes.append(integer: table) }
        return bytes
    }

    init(object: Int64, commit: UInt64, position: UInt64, reader: String, tables: [UInt32], isAlone: Bool) {
        (self.object, self.commit, self.position, self.reader, self.tables, self.isAlone) = (object, commit, position, reader, tables, isAlone)
    }

    init(_ payload: [UInt8]) throws(LeibrixError) {
        var offset = 8
        object = Int64(bitPattern: try payload.integer(UInt64.self, at: &offset))
        commit = try payload.integer(UInt64.self, at: &offset)
        position = try payload.integer(UInt64.self, at: &offset)
        reader = try payload.text(at: &offset)
        guard offset < payload.count else { throw .damagedRows }
        isAlone = payload[offset] == 1
        offset += 1
        tables = []
        for _ in 0..<Int(try payload.integer(UInt32.self, at: &offset)) { tables.append(try payload.integer(UInt32.self, at: &offset)) }
    }
}
