internal import Columnar

extension ColumnBuilder {
    /// Whether a batch's column lies in memory as this builder expects, children included.
    func accepts(_ column: Column) -> Bool {
        guard column.type.physicalForm == form, column.children.count >= children.count || form == .null else { return false }
        return zip(children, column.children).allSatisfy { $0.accepts($1) }
    }

    /// Bytes that appending these rows stages in heaps and children; fixed-width values at the top count, too.
    func footprint(of column: Column, _ range: Range<Int>) -> Int {
        switch form {
        case .integer, .real, .double, .interval: return range.count &* width
        case .null: return 0
        case .bytes: return stringBytes(column, range)
        case .structure:
            return zip(children, column.children).reduce(0) { $0 &+ $1.0.footprint(of: $1.1, range) }
        case .array(let size):
            let elements = range.lowerBound &* size..<range.upperBound &* size
            return children[0].footprint(of: column.children[0], elements)
        case .list: return listBytes(column, range)
        }
    }

    private func stringBytes(_ column: Column, _ range: Range<Int>) -> Int {
        guard let entries = unsafe column.rawData else { return range.count &* 4 }
        var bytes = range.count &* 4
        if column.hasNulls {
            for row in range where column.isValid(row) { bytes &+= unsafe Int(entries.load(fromByteOffset: row &* 16, as: UInt32.self)) }
        } else {
            for row in range { bytes &+= unsafe Int(entries.load(fromByteOffset: row &* 16, as: UInt32.self)) }
        }
        return bytes
    }

    private func listBytes(_ column: Column, _ range: Range<Int>) -> Int {
        var bytes = range.count &* 4
        var pending = 0..<0
        for row in range where column.isValid(row) {
            let elements = column.listRange(at: row)
            if elements.lowerBound == pending.upperBound {
                pending = pending.lowerBound..<elements.upperBound
            } else if !elements.isEmpty {
                bytes &+= children[0].footprint(of: column.children[0], pending)
                pending = elements
            }
        }
        return bytes &+ children[0].footprint(of: column.children[0], pending)
    }
}
