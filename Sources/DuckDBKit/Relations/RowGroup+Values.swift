// Row groups from single values: for relations of a few thousand rows whose memory nobody else owns.
public import Base
public import Columnar

extension RowGroup {
    /// The rows as row groups in memory of their own. Throws `typeMismatch` for a value that its column's type cannot
    /// hold, `notSupported` for a type that is not made from values (UNION). O(values).
    public static func groups(of rows: [[Value]], types: [DataType]) throws(LeibrixError) -> [RowGroup] {
        var groups: [RowGroup] = []
        var start = 0
        while start < rows.count {
            let end = min(start + rowGroupRowsMax, rows.count)
            let memory = ValueMemory()
            var layouts: [ColumnLayout] = []
            for (index, type) in types.enumerated() {
                layouts.append(try memory.layout(of: rows[start..<end].map { $0[index] }, type))
            }
            groups.append(RowGroup(rows: end - start, columns: layouts, owner: memory))
            start = end
        }
        return groups
    }
}

/// Zeroed blocks, freed together.
@safe
private final class ValueMemory {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    private func block(_ bytes: Int) -> UnsafeMutableRawPointer {
        let size = max(bytes, 16)
        let made = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        unsafe made.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        unsafe blocks.append(made)
        return unsafe made
    }

    func layout(of values: [Value], _ type: DataType) throws(LeibrixError) -> ColumnLayout {
        let nulls = values.count { $0.isNull }
        let statistics = ColumnStatistics(nullCount: UInt64(nulls))
        guard nulls < values.count else { return unsafe ColumnLayout(encoding: .allNull, statistics: statistics) }
        var layout = try valuesLayout(values, type.base, statistics)
        if nulls > 0 { unsafe layout.validity = unsafe validity(of: values) }
        return layout
    }

    private func valuesLayout(
        _ values: [Value], _ type: DataType, _ statistics: ColumnStatistics
    ) throws(LeibrixError) -> ColumnLayout {
        switch type {
        case .varchar, .blob: return try stringsLayout(values, type, statistics)
        case .list(let element): return try listLayout(try values.map(elements), element, statistics)
        case .map(let key, let value): return try mapLayout(values, key, value, statistics)
        case .structure(let fields): return try structureLayout(values, fields, statistics)
        case .array(let element, let size): return try arrayLayout(values, element, size, statistics)
        default: return try plainLayout(values, type, statistics)
        }
    }

    private func validity(of values: [Value]) -> UnsafePointer<UInt64> {
        let words = unsafe block((values.count + 63) / 64 * 8).assumingMemoryBound(to: UInt64.self)
        for (row, value) in values.enumerated() where !value.isNull { unsafe words[row / 64] |= 1 << UInt64(row % 64) }
        return unsafe UnsafePointer(words)
    }

    private func plainLayout(
        _ values: [Value], _ type: DataType, _ statistics: ColumnStatistics
    ) throws(LeibrixError) -> ColumnLayout {
        let width = type.physicalWidth
        guard width > 0 else { throw LeibrixError(.notSupported, "rows of type \(type) cannot be made from values") }
        let data = unsafe block(values.count * width)
        for (row, value) in values.enumerated() where !value.isNull {
            guard var bits = value.physicalBits(type) else { throw mismatch(value, type) }
            unsafe withUnsafeBytes(of: &bits) { bytes in
                unsafe (data + row * width).copyMemory(from: bytes.baseAddress!, byteCount: width)
            }
        }
        return unsafe ColumnLayout(encoding: .plain, width: UInt8(width), data: UnsafeRawPointer(data), statistics: statistics)
    }

    private func stringsLayout(
        _ values: [Value], _ type: DataType, _ statistics: ColumnStatistics
    ) throws(LeibrixError) -> ColumnLayout {
        var heap: [UInt8] = []
        let offsets = unsafe block((values.count + 1) * 4).assumingMemoryBound(to: UInt32.self)
        for (row, value) in values.enumerated() {
            switch value {
            case .null: break
            case .string(let text): heap.append(contentsOf: text.utf8)
            case .blob(let bytes): heap.append(contentsOf: bytes)
            default: throw mismatch(value, type)
            }
            guard heap.count <= Int(UInt32.max) else {
                throw LeibrixError(.limitExceeded, "a column's strings take more than 4 GiB in one row group")
            }
            unsafe offsets[row + 1] = UInt32(heap.count)
        }
        let bytes = unsafe block(heap.count)
        unsafe heap.withUnsafeBytes { unsafe bytes.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(bytes), byteCount: $0.count) }
        return unsafe ColumnLayout(
            encoding: .strings, data: UnsafeRawPointer(offsets), heap: UnsafePointer(bytes.assumingMemoryBound(to: UInt8.self)),
            statistics: statistics)
    }

    private func elements(_ value: Value) throws(LeibrixError) -> [Value] {
        switch value {
        case .null: return []
        case .list(let items): return items
        default: throw mismatch(value, .list(.null))
        }
    }

    private func offsets(_ counts: [Int]) -> UnsafeRawPointer {
        let offsets = unsafe block((counts.count + 1) * 4).assumingMemoryBound(to: UInt32.self)
        for (row, count) in counts.enumerated() { unsafe offsets[row + 1] = unsafe offsets[row] + UInt32(count) }
        return UnsafeRawPointer(offsets)
    }

    private func listLayout(
        _ lists: [[Value]], _ element: DataType, _ statistics: ColumnStatistics
    ) throws(LeibrixError) -> ColumnLayout {
        let child = try layout(of: Array(lists.joined()), element)
        var layout = unsafe ColumnLayout(encoding: .list, children: [child], statistics: statistics)
        unsafe layout.data = unsafe offsets(lists.map(\.count))
        return layout
    }

    private func mapLayout(
        _ values: [Value], _ key: DataType, _ value: DataType, _ statistics: ColumnStatistics
    ) throws(LeibrixError) -> ColumnLayout {
        var entries: [[Value]] = []
        for value in values {
            switch value {
            case .null: entries.append([])
            case .map(let pairs): entries.append(pairs.map { .structure([.init("key", $0.key), .init("value", $0.value)]) })
            default: throw mismatch(value, .map(key: key, value: .null))
            }
        }
        return try listLayout(entries, .structure([.init("key", key), .init("value", value)]), statistics)
    }

    private func structureLayout(
        _ values: [Value], _ fields: [DataType.Field], _ statistics: ColumnStatistics
    ) throws(LeibrixError) -> ColumnLayout {
        var columns: [[Value]] = fields.map { _ in [] }
        for value in values {
            guard case .structure(let members) = value, members.count == fields.count else {
                guard value.isNull else { throw mismatch(value, .structure(fields)) }
                for index in fields.indices { columns[index].append(.null) }
                continue
            }
            for index in fields.indices { columns[index].append(members[index].value) }
        }
        var children: [ColumnLayout] = []
        for index in fields.indices { children.append(try layout(of: columns[index], fields[index].type)) }
        return unsafe ColumnLayout(encoding: .structure, children: children, statistics: statistics)
    }

    private func arrayLayout(
        _ values: [Value], _ element: DataType, _ size: Int, _ statistics: ColumnStatistics
    ) throws(LeibrixError) -> ColumnLayout {
        var items: [Value] = []
        for value in values {
            let elements = value.isNull ? Array(repeating: .null, count: size) : try elements(value)
            guard elements.count == size else { throw mismatch(value, .array(element, size: size)) }
            items += elements
        }
        let child = try layout(of: items, element)
        return unsafe ColumnLayout(encoding: .array, children: [child], statistics: statistics)
    }

    private func mismatch(_ value: Value, _ type: DataType) -> LeibrixError {
        LeibrixError(.typeMismatch, "a column of type \(type) cannot hold \(value.duckDBLiteral)")
    }
}
