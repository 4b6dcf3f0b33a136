// New versions of rows: some columns new, the others as they were.
internal import Base
internal import Columnar
internal import Synchronization

extension RowGroupStore {
    /// Appends a version of the row that `old` reads, unpublished; false when it does not fit.
    func append(
        replacing columns: [Int], with rows: RowSource, _ row: Int, of old: RowGroupReader, _ slot: Int, stamp: Stamp
    ) throws(LeibrixError) -> Bool {
        guard room > 0 else { return false }
        let cells = unsafe old.pointee.columns
        var fits = true
        do throws(LeibrixError) {
            var next = 0
            for (place, column) in self.columns.enumerated() where fits {
                if next < columns.count, columns[next] == place {
                    switch rows {
                    case .batch(let batch): fits = column.appendOne(batch.columns[next], row)
                    case .values(let values): fits = try column.append(values[row][next])
                    }
                    next += 1
                } else {
                    fits = try unsafe column.append(copying: cells[place], slot)
                }
            }
        } catch {
            takeBackColumns()
            throw error
        }
        guard fits else {
            takeBackColumns()
            return false
        }
        unsafe access.pointee.inserted[self.rows].store(stamp, ordering: .relaxed)
        countRow()
        return true
    }
}
