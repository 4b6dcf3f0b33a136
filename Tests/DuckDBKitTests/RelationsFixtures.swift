import Base
import Columnar
import DuckDBKit
import Platform

/// Zeroed, aligned blocks that live as long as the object.
@safe
final class TestMemory: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    func block(_ bytes: [UInt8]) -> UnsafeRawPointer {
        let size = max(bytes.count, 16)
        let made = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        unsafe made.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        unsafe bytes.withUnsafeBytes { source in
            if source.count > 0 { unsafe made.copyMemory(from: source.baseAddress!, byteCount: source.count) }
        }
        unsafe blocks.append(made)
        return UnsafeRawPointer(made)
    }

    func words(_ values: [UInt32]) -> UnsafePointer<UInt32> {
        unsafe block(values.flatMap { littleEndian(UInt128($0), 4) }).assumingMemoryBound(to: UInt32.self)
    }

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }
}

func littleEndian(_ value: UInt128, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt128(8 * $0)) }
}

/// Values of one column copied out of batches, and encoded as a row group's column in a way drawn by chance from those
/// that its values allow.
final class TestColumn {
    let type: DataType
    var valid: [Bool] = []
    /// Fixed widths: the bits of each value, zero where NULL.
    var bits: [UInt128] = []
    var strings: [[UInt8]] = []
    /// Lists and maps: elements of each value.
    var counts: [Int] = []
    var children: [TestColumn] = []

    init(_ type: DataType) {
        self.type = type.base
        switch type.base {
        case .list(let element): children = [TestColumn(element)]
        case .map(let key, let value): children = [TestColumn(.structure([.init("key", key), .init("value", value)]))]
        case .structure(let fields): children = fields.map { TestColumn($0.type) }
        case .union(let fields): children = [TestColumn(.unsignedTinyInt)] + fields.map { TestColumn($0.type) }
        case .array(let element, _): children = [TestColumn(element)]
        default: break
        }
    }

    func append(_ column: Column, _ row: Int) {
        let isValid = column.isValid(row)
        valid.append(isValid)
        switch type {
        case .varchar, .blob, .bit:
            strings.append(isValid ? Self.bytes(column, row) : [])
        case .list, .map:
            let range = isValid ? column.listRange(at: row) : 0..<0
            counts.append(range.count)
            for element in range { children[0].append(column.children[0], element) }
        case .structure, .union:
            for index in children.indices { children[index].append(column.children[index], row) }
        case .array(_, let size):
            for element in row * size..<(row + 1) * size { children[0].append(column.children[0], element) }
        default: bits.append(isValid ? Self.bits(column, row, type.physicalWidth) : 0)
        }
    }

    private static func bytes(_ column: Column, _ row: Int) -> [UInt8] {
        let bytes = column.bytes(at: row)
        return bytes.indices.map { bytes[$0] }
    }

    private static func bits(_ column: Column, _ row: Int, _ width: Int) -> UInt128 {
        switch width {
        case 1: UInt128(column.values(as: UInt8.self)[row])
        case 2: UInt128(column.values(as: UInt16.self)[row])
        case 4: UInt128(column.values(as: UInt32.self)[row])
        case 8: UInt128(column.values(as: UInt64.self)[row])
        default: column.values(as: UInt128.self)[row]
        }
    }
}

extension TestColumn {
    /// The column as a layout in `memory`; `used` notes which encodings were drawn.
    func layout(
        _ memory: TestMemory, _ random: inout SeededGenerator, statistics wanted: Bool, used: inout Set<ColumnEncoding>
    ) -> ColumnLayout {
        var statistics = ColumnStatistics(nullCount: UInt64(valid.count { !$0 }))
        if wanted { bounds(&statistics) }
        var layout = unsafe ColumnLayout(encoding: .allNull, statistics: statistics)
        if valid.contains(true) {
            encode(memory, &random, wanted, &layout, &used)
            // Mostly without validity where nothing is NULL, sometimes with all bits set.
            if valid.contains(false) || Bool.random(using: &random) && Bool.random(using: &random) {
                unsafe layout.validity = unsafe memory.block(validityBytes()).assumingMemoryBound(to: UInt64.self)
            }
        }
        used.insert(layout.encoding)
        return layout
    }

    private func validityBytes() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (valid.count + 63) / 64 * 8)
        for (row, isValid) in valid.enumerated() where isValid { bytes[row / 8] |= 1 << UInt8(row % 8) }
        return bytes
    }

    private func encode(
        _ memory: TestMemory, _ random: inout SeededGenerator, _ wanted: Bool, _ layout: inout ColumnLayout,
        _ used: inout Set<ColumnEncoding>
    ) {
        switch type {
        case .varchar, .blob, .bit: encodeStrings(memory, &random, &layout)
        case .list, .map:
            layout.encoding = .list
            unsafe layout.data = UnsafeRawPointer(memory.words(Self.offsets(counts)))
            layout.children = children.map { $0.layout(memory, &random, statistics: wanted, used: &used) }
        case .structure, .union:
            layout.encoding = .structure
            layout.children = children.map { $0.layout(memory, &random, statistics: wanted, used: &used) }
        case .array:
            layout.encoding = .array
            layout.children = children.map { $0.layout(memory, &random, statistics: wanted, used: &used) }
        default: encodeFixed(memory, &random, &layout)
        }
    }

    private static func offsets(_ counts: [Int]) -> [UInt32] {
        counts.reduce(into: [0]) { $0.append($0.last! + UInt32($1)) }
    }

    private func encodeFixed(_ memory: TestMemory, _ random: inout SeededGenerator, _ layout: inout ColumnLayout) {
        let width = type.physicalWidth
        let present = zip(bits, valid).filter(\.1).map(\.0)
        if Set(present).count == 1, Bool.random(using: &random) {
            layout.encoding = .constant
            layout.width = UInt8(width)
            unsafe layout.data = memory.block(littleEndian(present[0], width))
            return
        }
        if let frame = frame(), Int.random(in: 0..<4, using: &random) > 0 {
            layout.encoding = .frame
            layout.width = UInt8(frame.width)
            layout.base = frame.base
            unsafe layout.data = memory.block(
                zip(bits, valid).flatMap { bits, isValid in
                    littleEndian(isValid ? UInt128(truncatingIfNeeded: signed(bits) - Int128(frame.base)) : 0, frame.width)
                })
            return
        }
        layout.encoding = .plain
        layout.width = UInt8(width)
        unsafe layout.data = memory.block(bits.flatMap { littleEndian($0, width) })
    }

    private func frame() -> (width: Int, base: Int64)? {
        guard isInteger, let range = integerBounds, let base = Int64(exactly: range.lowerBound) else { return nil }
        let span = UInt128(bitPattern: range.upperBound &- range.lowerBound)
        let width = [1, 2, 4].first { span < UInt128(1) << UInt128(8 * $0) }
        return width.flatMap { $0 < type.physicalWidth ? ($0, base) : nil }
    }

    private func encodeStrings(_ memory: TestMemory, _ random: inout SeededGenerator, _ layout: inout ColumnLayout) {
        let distinct = Array(Set(zip(strings, valid).filter(\.1).map(\.0))).shuffled(using: &random)
        if distinct.count == 1, Bool.random(using: &random) {
            layout.encoding = .constant
            unsafe layout.data = UnsafeRawPointer(memory.words([0, UInt32(distinct[0].count)]))
            unsafe layout.heap = unsafe memory.block(distinct[0]).assumingMemoryBound(to: UInt8.self)
            return
        }
        guard Int.random(in: 0..<3, using: &random) > 0 else {
            layout.encoding = .strings
            unsafe layout.data = UnsafeRawPointer(memory.words(Self.offsets(strings.map(\.count))))
            unsafe layout.heap = unsafe memory.block(Array(strings.joined())).assumingMemoryBound(to: UInt8.self)
            return
        }
        let codes = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
        layout.encoding = .dictionary
        layout.width = [1, 2, 4].filter { distinct.count <= 1 << (8 * $0) }.randomElement(using: &random)!
        layout.dictionaryCount = UInt32(distinct.count)
        unsafe layout.dictionaryOffsets = memory.words(Self.offsets(distinct.map(\.count)))
        unsafe layout.heap = unsafe memory.block(Array(distinct.joined())).assumingMemoryBound(to: UInt8.self)
        unsafe layout.data = memory.block(
            zip(strings, valid).flatMap { littleEndian($1 ? UInt128(codes[$0]!) : 0, Int(layout.width)) })
    }

    // Bounds

    private var isInteger: Bool {
        switch type {
        case .boolean, .real, .double, .interval, .varchar, .blob, .bit, .null: false
        default: type.physicalWidth > 0
        }
    }

    private var isUnsigned: Bool {
        switch type {
        case .boolean, .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger, .unsignedBigInt, .timeTZ, .enumeration: true
        default: false
        }
    }

    private func signed(_ bits: UInt128) -> Int128 {
        if isUnsigned { return Int128(bitPattern: bits) }
        switch type.physicalWidth {
        case 1: return Int128(Int8(truncatingIfNeeded: bits))
        case 2: return Int128(Int16(truncatingIfNeeded: bits))
        case 4: return Int128(Int32(truncatingIfNeeded: bits))
        case 8: return Int128(Int64(truncatingIfNeeded: bits))
        default: return Int128(bitPattern: bits)
        }
    }

    private var integerBounds: ClosedRange<Int128>? {
        let values = zip(bits, valid).filter(\.1).map { signed($0.0) }
        guard type != .unsignedHugeInt, let low = values.min(), let high = values.max() else { return nil }
        return low...high
    }

    private func bounds(_ statistics: inout ColumnStatistics) {
        if isInteger, let range = integerBounds {
            statistics.min = .integer(range.lowerBound)
            statistics.max = .integer(range.upperBound)
            statistics.distinct = UInt64(Set(bits).count)
        } else if type == .double || type == .real {
            let values = zip(bits, valid).filter(\.1).map { pair in
                type == .double ? Double(bitPattern: UInt64(pair.0)) : Double(Float(bitPattern: UInt32(pair.0)))
            }
            guard !values.contains(where: \.isNaN), let low = values.min(), let high = values.max() else { return }
            (statistics.min, statistics.max) = (.double(low), .double(high))
        } else if type == .varchar {
            let present = zip(strings, valid).filter(\.1).map(\.0)
            guard let low = present.min(by: { $0.lexicographicallyPrecedes($1) }),
                let high = present.max(by: { $0.lexicographicallyPrecedes($1) })
            else { return }
            (statistics.min, statistics.max) = (.string(Array(low.prefix(8))), .string(high))
            statistics.lengthMax = present.map { UInt32($0.count) }.max()
            statistics.distinct = UInt64(Set(present).count)
        }
    }
}

extension RelationSnapshot {
    /// A query's rows, in its order, as a snapshot whose row groups have sizes drawn by chance up to `groupRowsMax`.
    static func encoding(
        _ sql: String, _ connection: Connection, seed: UInt64, groupRowsMax: Int = 6_000, statistics: Bool = true
    ) throws -> (snapshot: RelationSnapshot, encodings: Set<ColumnEncoding>) {
        var random = SeededGenerator(seed: seed)
        var used: Set<ColumnEncoding> = []
        var groups: [RowGroup] = []
        var result = try connection.query(sql)
        let fields = result.columns
        var columns = fields.map { TestColumn($0.type) }
        var target = Int.random(in: 1...groupRowsMax, using: &random)
        func close() {
            let rows = columns.first?.valid.count ?? 0
            guard rows > 0 else { return }
            let memory = TestMemory()
            let layouts = columns.map { $0.layout(memory, &random, statistics: statistics, used: &used) }
            groups.append(RowGroup(rows: rows, columns: layouts, owner: memory))
            columns = fields.map { TestColumn($0.type) }
            target = Int.random(in: 1...groupRowsMax, using: &random)
        }
        while let batch = try result.next() {
            for row in 0..<batch.rowCount {
                for (index, column) in columns.enumerated() { column.append(batch.columns[index], row) }
                if columns[0].valid.count == target { close() }
            }
        }
        close()
        let made = try RelationSnapshot(columns: fields.map { .init($0.name, $0.type) }, rowGroups: groups)
        return (made, used)
    }
}
