// Appending to a hot column: from batches a column at a time, from single values, and taking rows back that nobody has seen.
internal import Base
internal import Columnar
internal import ColumnStore

extension HotColumn {
    /// Whether rows of `column` fit beside what is there.
    func fits(_ column: Column, _ range: Range<Int>) -> Bool {
        guard rows + range.count <= capacity else { return false }
        switch form {
        case .bytes:
            var bytes = heapUsed
            for row in range { bytes &+= column.bytes(at: row).count }
            return bytes <= heapBytesMax
        case .list:
            guard let child = column.children.first else { return false }
            return range.allSatisfy { row in
                !column.isValid(row) || children[0].fits(child, column.listRange(at: row))
            } && elementCount(column, range) + children[0].rows <= children[0].capacity
        case .structure: return zip(children, column.children).allSatisfy { $0.fits($1, range) }
        case .array(let size): return children[0].fits(column.children[0], range.lowerBound * size..<range.upperBound * size)
        default: return true
        }
    }

    private func elementCount(_ column: Column, _ range: Range<Int>) -> Int {
        range.reduce(0) { column.isValid($1) ? $0 + column.listRange(at: $1).count : $0 }
    }

    /// Appends rows of a column of the same physical layout that `fits`.
    func append(_ column: Column, _ range: Range<Int>) {
        let first = rows
        switch form {
        case .integer, .real, .double, .interval: appendFixed(column, range)
        case .bytes: appendText(column, range)
        case .list: appendLists(column, range)
        case .structure: for (child, source) in zip(children, column.children) { child.append(source, range) }
        case .array(let size): children[0].append(column.children[0], range.lowerBound * size..<range.upperBound * size)
        case .null: break
        }
        rows += range.count
        appendValidity(column, range, at: first)
        widen(first..<rows)
    }

    private func appendFixed(_ column: Column, _ range: Range<Int>) {
        let target = unsafe values + rows &* width
        guard let source = unsafe column.rawData else {
            unsafe target.initializeMemory(as: UInt8.self, repeating: 0, count: range.count &* width)
            return
        }
        unsafe target.copyMemory(from: source + range.lowerBound &* width, byteCount: range.count &* width)
    }

    private func appendText(_ column: Column, _ range: Range<Int>) {
        var end = Int(unsafe offsets[rows])
        for (index, row) in range.enumerated() {
            let bytes = column.bytes(at: row)
            unsafe bytes.withUnsafeBytes { source in
                if let start = source.baseAddress { unsafe UnsafeMutableRawPointer(heap! + end).copyMemory(from: start, byteCount: source.count) }
            }
            end &+= bytes.count
            unsafe offsets[rows &+ index &+ 1] = UInt32(truncatingIfNeeded: end)
        }
    }

    private func appendLists(_ column: Column, _ range: Range<Int>) {
        for (index, row) in range.enumerated() {
            if column.isValid(row) { children[0].append(column.children[0], column.listRange(at: row)) }
            unsafe offsets[rows &+ index &+ 1] = UInt32(truncatingIfNeeded: children[0].rows)
        }
    }

    private func appendValidity(_ column: Column, _ range: Range<Int>, at first: Int) {
        if form == .null {
            nulls += range.count
            return
        }
        guard column.hasNulls else {
            if hasValidity { for row in first..<rows { setValid(row) } }
            return
        }
        for (index, row) in range.enumerated() {
            if column.isValid(row) {
                if hasValidity { setValid(first &+ index) }
            } else {
                setNull(first &+ index)
            }
        }
    }

    @inline(__always)
    private func setValid(_ row: Int) { unsafe validityWords[row &>> 6] |= 1 &<< UInt64(row & 63) }

    private func setNull(_ row: Int) {
        if !hasValidity {
            // All bits first, then the pointer: a reader of an earlier row finds no bitmap, or one that says valid.
            unsafe validityWords.update(repeating: .max, count: (capacity + 63) / 64)
            hasValidity = true
            unsafe layout.pointee.validity = UnsafePointer(validityWords)
        }
        unsafe validityWords[row &>> 6] &= ~(1 &<< UInt64(row & 63))
        nulls += 1
    }
}

extension HotColumn {
    /// Takes back the rows from `count` on. Nobody may have been told of them. Bounds stay as wide as they are.
    func truncate(to count: Int) {
        for row in count..<max(rows, count) where form == .null || isNull(row) { nulls -= 1 }
        rows = min(rows, count)
        // Below too where this column has nothing to take back: a row may have failed between two of its parts.
        switch form {
        case .list: children[0].truncate(to: Int(unsafe offsets[count]))
        case .structure: for child in children { child.truncate(to: count) }
        case .array(let size): children[0].truncate(to: count * size)
        default: break
        }
    }
}

// MARK: Single values

extension HotColumn {
    /// Appends one value. Throws `typeMismatch` for what the type cannot hold and `limitExceeded` for what is too large for a
    /// row group at all; returns false, with nothing changed, when there is no room here.
    func append(_ value: Value) throws(LeibrixError) -> Bool {
        guard rows < capacity else { return false }
        let row = rows
        if value.isNull {
            guard try appendEmpty() else { return false }
            rows += 1
            if form == .null { nulls += 1 } else { setNull(row) }
            return true
        }
        guard try place(value) else { return false }
        rows += 1
        if hasValidity { setValid(row) }
        widen(row..<row + 1)
        return true
    }

    /// What lies under a NULL.
    private func appendEmpty() throws(LeibrixError) -> Bool {
        switch form {
        case .integer, .real, .double, .interval:
            unsafe (values + rows &* width).initializeMemory(as: UInt8.self, repeating: 0, count: width)
        case .bytes, .list: unsafe offsets[rows &+ 1] = unsafe offsets[rows]
        case .structure: for child in children where try !child.append(.null) { return false }
        case .array(let size): for _ in 0..<size where try !children[0].append(.null) { return false }
        case .null: break
        }
        return true
    }

    private func place(_ value: Value) throws(LeibrixError) -> Bool {
        switch form {
        case .bytes: return try placeText(value)
        case .list: return try placeList(value)
        case .structure, .array: return try placeParts(value)
        case .null: throw mismatch(value)
        default:
            guard var bits = value.physicalBits(type) else { throw mismatch(value) }
            unsafe withUnsafeBytes(of: &bits) { unsafe (values + rows &* width).copyMemory(from: $0.baseAddress!, byteCount: width) }
            return true
        }
    }

    private func placeText(_ value: Value) throws(LeibrixError) -> Bool {
        switch value {
        case .string(let text) where type == .bit: return try placeBytes(Self.bitBytes(text))
        case .string(var text):
            return try result(text.withUTF8 { bytes in unsafe attempt(UnsafeRawBufferPointer(bytes)) })
        case .blob(let bytes): return try placeBytes(bytes)
        default: throw mismatch(value)
        }
    }

    private func placeBytes(_ bytes: [UInt8]) throws(LeibrixError) -> Bool {
        try unsafe result(bytes.withUnsafeBytes { bytes in unsafe attempt(bytes) })
    }

    private func attempt(_ bytes: UnsafeRawBufferPointer) -> Result<Bool, LeibrixError> {
        do throws(LeibrixError) { return .success(try unsafe placeBytes(bytes)) } catch { return .failure(error) }
    }

    private func result(_ result: Result<Bool, LeibrixError>) throws(LeibrixError) -> Bool { try result.get() }

    private func placeBytes(_ bytes: UnsafeRawBufferPointer) throws(LeibrixError) -> Bool {
        let end = heapUsed
        guard end + bytes.count <= heapBytesMax else {
            if bytes.count > heapBytesMax { throw tooLarge("\(bytes.count) bytes", "\(heapBytesMax) bytes") }
            return false
        }
        if let start = bytes.baseAddress { unsafe UnsafeMutableRawPointer(heap! + end).copyMemory(from: start, byteCount: bytes.count) }
        unsafe offsets[rows &+ 1] = UInt32(end + bytes.count)
        return true
    }

    private func placeList(_ value: Value) throws(LeibrixError) -> Bool {
        let items: [Value]
        switch value {
        case .list(let values): items = values
        case .map(let entries): items = entries.map { .structure([.init("key", $0.key), .init("value", $0.value)]) }
        default: throw mismatch(value)
        }
        guard items.count <= children[0].capacity else { throw tooLarge("\(items.count) elements", "\(children[0].capacity)") }
        let before = children[0].rows
        for item in items where try !children[0].append(item) {
            children[0].truncate(to: before)
            return false
        }
        unsafe offsets[rows &+ 1] = UInt32(children[0].rows)
        return true
    }

    private func placeParts(_ value: Value) throws(LeibrixError) -> Bool {
        switch (form, value) {
        case (.structure, .structure(let fields)) where fields.count == children.count:
            for (child, field) in zip(children, fields) where try !child.append(field.value) { return false }
        case (.array(let size), .list(let items)) where items.count == size:
            for item in items where try !children[0].append(item) { return false }
        default: throw mismatch(value)
        }
        return true
    }

    private func mismatch(_ value: Value) -> LeibrixError {
        LeibrixError(.typeMismatch, "a column of type \(type) cannot hold \(value)")
    }

    private func tooLarge(_ size: String, _ limit: String) -> LeibrixError {
        LeibrixError(.limitExceeded, "a value of \(size) is larger than a row of a table can hold", detail: "The limit is \(limit).")
    }

    /// BIT as it is stored: the count of padding bits, then the bits, padding (ones) in front.
    private static func bitBytes(_ text: String) -> [UInt8] {
        let bits = text.utf8.map { $0 == 49 ? UInt8(1) : 0 }
        let padding = (8 - bits.count % 8) % 8
        var bytes: [UInt8] = [UInt8(padding)]
        var current: UInt8 = 0
        for (index, bit) in (Array(repeating: 1, count: padding) + bits).enumerated() {
            current = current << 1 | bit
            if index % 8 == 7 {
                bytes.append(current)
                current = 0
            }
        }
        return bytes
    }
}

// MARK: Other rows' cells

extension HotColumn {
    /// Appends the value of a cell of the same type; false, with nothing changed, when there is no room.
    func append(copying cell: CellLayout, _ slot: Int) throws(LeibrixError) -> Bool {
        guard rows < capacity else { return false }
        guard !cell.isNull(slot) else { return try append(.null) }
        switch form {
        case .integer, .real, .double, .interval:
            let target = unsafe values + rows &* width
            switch width {
            case 1: unsafe target.storeBytes(of: cell.load(slot, as: UInt8.self), as: UInt8.self)
            case 2: unsafe target.storeBytes(of: cell.load(slot, as: UInt16.self), as: UInt16.self)
            case 4: unsafe target.storeBytes(of: cell.load(slot, as: UInt32.self), as: UInt32.self)
            case 8: unsafe target.storeBytes(of: cell.load(slot, as: UInt64.self), as: UInt64.self)
            default: unsafe target.storeBytes(of: cell.load(slot, as: UInt128.self), as: UInt128.self)
            }
        case .bytes: guard unsafe try placeBytes(cell.bytes(slot)) else { return false }
        default: return try append(cell.value(slot, type))
        }
        let row = rows
        rows += 1
        if hasValidity { setValid(row) }
        widen(row..<row + 1)
        return true
    }

    /// Appends one row of a batch's column.
    func appendOne(_ column: Column, _ row: Int) -> Bool {
        guard fits(column, row..<row + 1) else { return false }
        append(column, row..<row + 1)
        return true
    }
}
