public import Columnar
internal import Synchronization

/// One row version, read where it lies. Valid inside the closure it was given to, while its transaction runs. Copyable only because
/// the optimiser of Swift 6.3 fails on closures over a borrowed value that is not.
@safe
public struct RowView {
    let cells: UnsafeMutablePointer<CellLayout>
    let slot: Int
    let types: [DataType]
    public let id: RowID

    public func type(_ column: Int) -> DataType { types[column] }

    public func isNull(_ column: Int) -> Bool { unsafe cells[column].isNull(slot) }

    /// Any value.
    public func value(_ column: Int) -> Value { unsafe cells[column].value(slot, types[column]) }

    public var values: [Value] {
        var values: [Value] = []
        values.reserveCapacity(types.count)
        for column in types.indices { values.append(value(column)) }
        return values
    }

    /// The stored bits of a fixed-width value of at most eight bytes, sign-extended for signed integers, dates and times. For NULL,
    /// whatever lies there.
    public func integer(_ column: Int) -> Int64 {
        let cell = unsafe cells[column]
        switch types[column].physicalWidth {
        case 1: return types[column].isStoredUnsigned ? Int64(cell.load(slot, as: UInt8.self)) : Int64(cell.load(slot, as: Int8.self))
        case 2: return types[column].isStoredUnsigned ? Int64(cell.load(slot, as: UInt16.self)) : Int64(cell.load(slot, as: Int16.self))
        case 4: return types[column].isStoredUnsigned ? Int64(cell.load(slot, as: UInt32.self)) : Int64(cell.load(slot, as: Int32.self))
        default: return cell.load(slot, as: Int64.self)
        }
    }

    public func double(_ column: Int) -> Double { Double(bitPattern: unsafe cells[column].load(slot, as: UInt64.self)) }

    /// The stored bits of a fixed-width value, zero-extended.
    public func bits(_ column: Int) -> UInt128 { unsafe cells[column].bits(slot, width: types[column].physicalWidth) }

    /// The same, for who knows the type's physical width.
    public func bits(_ column: Int, width: Int) -> UInt128 { unsafe cells[column].bits(slot, width: width) }

    /// The bytes of text, a blob or a bit string; none for NULL.
    @_lifetime(borrow self)
    public func bytes(_ column: Int) -> Span<UInt8> {
        let bytes = unsafe cells[column].bytes(slot)
        let span = unsafe Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}

extension DataType {
    var isStoredUnsigned: Bool {
        switch base {
        case .boolean, .unsignedTinyInt, .unsignedSmallInt, .unsignedInteger, .unsignedBigInt, .enumeration: true
        default: false
        }
    }
}

extension TableStore {
    /// Reads a version that the caller has found; nil when its group is gone.
    @inline(__always)
    func withRow<T, E: Error>(_ row: RowID, _ body: (borrowing RowView) throws(E) -> T) throws(E) -> T? {
        guard let reader = unsafe reader(row) else { return nil }
        return try body(unsafe RowView(cells: reader.pointee.columns, slot: row.slot, types: types, id: row))
    }
}
