// One column of a row group on its way to be encoded: the values as DuckDB's vectors hold them, copied batch by batch into
// one run per column. What is dear (bounds, sketch, the choice of an encoding) happens once, when the row group is full.
//
// A null's slot holds whatever the batch had there until the row group is sealed; then it repeats a valid value, so that
// bounds and frames need not look at validity.
internal import Base
internal import Columnar

final class ColumnBuilder {
    let type: DataType
    let form: PhysicalForm
    /// Of a fixed-width value; 0 for the other forms.
    let width: Int
    let children: [ColumnBuilder]

    private(set) var rows = 0
    private(set) var nulls = 0
    /// Whether `validity` has a bit for every row; until a null comes, it has none.
    private(set) var hasValidity = false
    private(set) var validity = AlignedBuffer()
    /// Fixed-width values, or a list's ends: the element count after each row, as 32 bits.
    var values = AlignedBuffer()
    var strings: StringStaging
    /// The distinct values of the row group at hand, known once it is planned.
    var sketch = DistinctSketch()

    init(type: DataType, depth: Int = 0) throws(LeibrixError) {
        guard depth < ColumnStoreLimits.typeDepthMax else {
            throw LeibrixError(.notSupported, "a type is nested more than \(ColumnStoreLimits.typeDepthMax) deep")
        }
        self.type = type
        form = try type.requiredForm()
        width = form.width
        var children: [ColumnBuilder] = []
        for child in type.childTypes { children.append(try ColumnBuilder(type: child, depth: depth + 1)) }
        self.children = children
        strings = StringStaging()
    }

    /// Empty again, memory kept for the next row group.
    func reset() {
        rows = 0
        nulls = 0
        hasValidity = false
        if form == .bytes { strings.reset() }
        for child in children { child.reset() }
    }

    /// Bytes staged: what a row group in progress costs, capacity aside.
    var stagedBytes: Int {
        var bytes = rows &* width &+ (hasValidity ? rows / 8 : 0)
        switch form {
        case .bytes: bytes += strings.heapBytes + strings.count * 4 + (strings.isDictionary ? rows * 4 : 0)
        case .list: bytes += rows * 4
        default: break
        }
        return children.reduce(bytes) { $0 + $1.stagedBytes }
    }

    // MARK: Appending

    /// Copies rows of `column`, whose physical layout must be this builder's (`accepts`).
    func append(_ column: Column, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        switch form {
        case .integer, .real, .double, .interval: appendFixed(column, range)
        case .bytes: appendBytes(column, range)
        case .list: appendLists(column, range)
        case .structure:
            for (child, builder) in zip(column.children, children) { builder.append(child, range) }
        case .array(let size):
            children[0].append(column.children[0], range.lowerBound * size..<range.upperBound * size)
        case .null: break
        }
        let before = nulls
        appendValidity(column, range)
        rows += range.count
        if nulls > before, form == .structure || isArray { maskChildren(from: rows - range.count) }
    }

    private var isArray: Bool {
        if case .array = form { return true }
        return false
    }

    private func appendFixed(_ column: Column, _ range: Range<Int>) {
        let used = rows &* width
        let bytes = range.count &* width
        values.reserve(used &+ bytes, keeping: used)
        let target = unsafe values.base + used
        if let source = unsafe column.rawData {
            unsafe target.copyMemory(from: source + range.lowerBound &* width, byteCount: bytes)
        } else {
            unsafe target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        }
    }

    private func appendBytes(_ column: Column, _ range: Range<Int>) {
        guard let source = unsafe column.rawData else { return strings.appendNulls(range.count, at: rows) }
        unsafe strings.append(
            source + range.lowerBound &* 16, validity: column.rawValidity, firstBit: range.lowerBound, count: range.count,
            at: rows)
    }

    private func appendLists(_ column: Column, _ range: Range<Int>) {
        values.reserve((rows &+ range.count) &* 4, keeping: rows &* 4)
        let ends = unsafe values.elements(UInt32.self)
        var pending = 0..<0
        var end = children[0].rows
        for row in range {
            if column.isValid(row) {
                let elements = column.listRange(at: row)
                end &+= elements.count
                // Neighbouring lists usually have neighbouring elements: those go over in one piece.
                if elements.lowerBound == pending.upperBound {
                    pending = pending.lowerBound..<elements.upperBound
                } else if !elements.isEmpty {
                    children[0].append(column.children[0], pending)
                    pending = elements
                }
            }
            unsafe ends[rows &+ row &- range.lowerBound] = UInt32(truncatingIfNeeded: end)
        }
        if !pending.isEmpty { children[0].append(column.children[0], pending) }
    }

    // MARK: Validity

    private func appendValidity(_ column: Column, _ range: Range<Int>) {
        if form == .null {
            nulls += range.count
            return
        }
        guard let source = unsafe column.rawValidity,
            unsafe hasValidity || countNulls(source, from: range.lowerBound, count: range.count) > 0
        else {
            if hasValidity {
                reserveValidity(rows + range.count)
                unsafe setValid(validity.words(), at: rows, count: range.count)
            }
            return
        }
        materialiseValidity(upTo: rows + range.count)
        nulls += unsafe copyValidity(
            to: validity.words(), at: rows, from: source, at: range.lowerBound, count: range.count)
    }

    private func reserveValidity(_ bits: Int) {
        validity.reserve(validityWords(bits) &* 8, keeping: validityWords(rows) &* 8)
    }

    private func materialiseValidity(upTo bits: Int) {
        reserveValidity(bits)
        guard !hasValidity else { return }
        hasValidity = true
        unsafe setValid(validity.words(), at: 0, count: rows)
    }

    @inline(__always)
    func isNull(_ row: Int) -> Bool {
        hasValidity && (unsafe validity.words()[row &>> 6] &>> UInt64(row & 63)) & 1 == 0
    }

    /// The fields of a null structure and the elements of a null array are null, too, whatever the batch said.
    private func maskChildren(from first: Int) {
        for row in first..<rows where isNull(row) {
            if case .array(let size) = form {
                for element in row * size..<(row + 1) * size { children[0].setNull(element) }
            } else {
                for child in children { child.setNull(row) }
            }
        }
    }

    private func setNull(_ row: Int) {
        guard form != .null, !isNull(row) else { return }
        materialiseValidity(upTo: rows)
        unsafe validity.words()[row &>> 6] &= ~(1 &<< UInt64(row & 63))
        nulls += 1
        switch form {
        case .bytes: strings.setNull(row)
        case .structure: for child in children { child.setNull(row) }
        case .array(let size): for element in row * size..<(row + 1) * size { children[0].setNull(element) }
        default: break
        }
    }
}
