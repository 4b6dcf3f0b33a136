// A stored column as a later schema sees it. Frames widen for nothing: what they store does not depend on the type's width.
// Plain values and constants are copied into wider ones; structures match their fields by name, and a field that the file
// has not is NULL.
internal import Columnar

extension ColumnNode {
    /// The column that an older file does not have.
    static func missing(rows: Int) -> ColumnLayout {
        unsafe ColumnLayout(encoding: .allNull, statistics: ColumnStatistics(nullCount: UInt64(rows)))
    }

    /// This column, stored as `old` in the row group at `start`, as `new`; nil when the types do not go together.
    /// `memory` takes what has to be copied.
    func layout(at start: UnsafeRawPointer, from old: DataType, as new: DataType, _ memory: ViewMemory) -> ColumnLayout? {
        guard let widening = TypeWidening(from: old, to: new) else { return nil }
        var layout = unsafe layout(at: start)
        guard encoding != .allNull else { return layout }
        switch widening {
        case .same: return layout
        case .integer(let from, let to):
            guard encoding != .frame, let source = unsafe layout.data else { return layout }
            let target = unsafe memory.allocate(storedCount * to.width)
            unsafe from.widen(source, to: to, target, storedCount)
            unsafe layout.data = UnsafeRawPointer(target)
            layout.width = UInt8(to.width)
        case .realToDouble:
            guard let source = unsafe layout.data else { return layout }
            let target = unsafe memory.allocate(storedCount * 8).assumingMemoryBound(to: Double.self)
            let values = unsafe source.assumingMemoryBound(to: Float.self)
            for row in 0..<storedCount { unsafe target[row] = unsafe Double(values[row]) }
            unsafe layout.data = UnsafeRawPointer(target)
            layout.width = 8
        case .nested:
            guard let children = unsafe evolvedChildren(at: start, old, new, memory) else { return nil }
            layout.children = children
        }
        return layout
    }

    /// Bytes that `layout(at:from:as:)` copies.
    func widenedBytes(from old: DataType, as new: DataType) -> Int {
        guard encoding != .allNull else { return 0 }
        switch TypeWidening(from: old, to: new) {
        case .integer(_, let to): return encoding == .frame ? 0 : storedCount * to.width
        case .realToDouble: return storedCount * 8
        case .nested:
            return Self.pairs(old, new).reduce(0) { sum, pair in
                sum + (pair.old.map { children[$0].widenedBytes(from: old.childTypes[$0], as: pair.type) } ?? 0)
            }
        case .same, nil: return 0
        }
    }

    private var storedCount: Int { encoding == .constant ? 1 : rows }

    private func evolvedChildren(
        at start: UnsafeRawPointer, _ old: DataType, _ new: DataType, _ memory: ViewMemory
    ) -> [ColumnLayout]? {
        var result: [ColumnLayout] = []
        for pair in Self.pairs(old, new) {
            guard let index = pair.old else {
                result.append(Self.missing(rows: rows))
                continue
            }
            let oldType = old.childTypes[index]
            guard let child = unsafe children[index].layout(at: start, from: oldType, as: pair.type, memory) else { return nil }
            result.append(child)
        }
        return result
    }

    /// For each child of `new` its type, and which child of `old` it comes from.
    private static func pairs(_ old: DataType, _ new: DataType) -> [(type: DataType, old: Int?)] {
        guard case .structure(let oldFields) = old.base, case .structure(let newFields) = new.base else {
            return new.childTypes.enumerated().map { ($0.element, $0.offset) }
        }
        return newFields.map { field in
            let name = field.name.lowercased()
            return (field.type, oldFields.firstIndex { $0.name.lowercased() == name })
        }
    }
}

@inline(__always)
private func widenAll<T: FixedWidthInteger & BitwiseCopyable, U: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, _: U.Type, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int
) {
    let values = unsafe source.assumingMemoryBound(to: T.self)
    let widened = unsafe target.assumingMemoryBound(to: U.self)
    for index in 0..<count { unsafe widened[index] = U(truncatingIfNeeded: values[index]) }
}

@inline(__always)
private func widenAll<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, width: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, _ count: Int
) {
    // Truncating a signed value extends its sign, an unsigned one extends with zeroes: the target's signedness does not matter.
    switch width {
    case 2: unsafe widenAll(type, UInt16.self, source, target, count)
    case 4: unsafe widenAll(type, UInt32.self, source, target, count)
    case 8: unsafe widenAll(type, UInt64.self, source, target, count)
    default: unsafe widenAll(type, UInt128.self, source, target, count)
    }
}

extension IntegerKind {
    fileprivate func widen(
        _ source: UnsafeRawPointer, to wider: IntegerKind, _ target: UnsafeMutableRawPointer, _ count: Int
    ) {
        switch self {
        case .int8: unsafe widenAll(Int8.self, width: wider.width, source, target, count)
        case .int16: unsafe widenAll(Int16.self, width: wider.width, source, target, count)
        case .int32: unsafe widenAll(Int32.self, width: wider.width, source, target, count)
        case .int64: unsafe widenAll(Int64.self, width: wider.width, source, target, count)
        case .uint8: unsafe widenAll(UInt8.self, width: wider.width, source, target, count)
        case .uint16: unsafe widenAll(UInt16.self, width: wider.width, source, target, count)
        case .uint32: unsafe widenAll(UInt32.self, width: wider.width, source, target, count)
        case .uint64: unsafe widenAll(UInt64.self, width: wider.width, source, target, count)
        case .int128, .uint128: break  // nothing is wider
        }
    }
}
