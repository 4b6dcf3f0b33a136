/// Up to a few thousand rows as columns, in DuckDB's flat layout, with the memory that holds them.
///
/// A batch is immutable. `owner` keeps every pointer in `columns` alive, so a batch may cross threads and outlive the
/// statement that made it.
public final class Batch: @unchecked Sendable {
    public let rowCount: Int
    public let columns: [Column]
    private let owner: AnyObject?

    /// The columns' pointers must stay valid and unchanged for as long as `owner` lives.
    public init(rowCount: Int, columns: [Column], owner: AnyObject?) {
        self.rowCount = rowCount
        self.columns = columns
        self.owner = owner
    }
}

/// One column of a batch: a view of flat memory, valid as long as its batch.
///
/// Layout by `type`: fixed-width values of `type.physicalWidth` bytes; strings, blobs and bits as 16-byte `StringEntry`;
/// lists and maps as 16-byte (offset, length) into `children[0]` (a map's child is a structure of key and value);
/// structures as one child a field, with the parent's validity; arrays as `size` values a row in `children[0]`;
/// unions as a tag child followed by one child a member.
@safe
public struct Column: @unchecked Sendable {
    public let type: DataType
    /// Values at hand, which for a list's child is the number of elements.
    public let count: Int
    /// One bit a value, 1 = valid, lowest bit first; nil when all are valid.
    @usableFromInline internal let validity: UnsafePointer<UInt64>?
    @usableFromInline internal let data: UnsafeRawPointer?
    public let children: [Column]

    public init(
        type: DataType, count: Int, validity: UnsafePointer<UInt64>?, data: UnsafeRawPointer?, children: [Column] = []
    ) {
        self.type = type
        self.count = count
        unsafe self.validity = unsafe validity
        unsafe self.data = unsafe data
        self.children = children
    }

    @inlinable
    public var hasNulls: Bool { unsafe validity != nil }

    @inlinable
    public func isValid(_ row: Int) -> Bool {
        guard let validity = unsafe validity else { return true }
        return unsafe (validity[row &>> 6] &>> UInt64(row & 63)) & 1 == 1
    }

    /// The fixed-width values. `T`'s size must be `type.physicalWidth`.
    @inlinable
    @_lifetime(borrow self)
    public func values<T: BitwiseCopyable>(as _: T.Type) -> Span<T> {
        precondition(MemoryLayout<T>.size == type.physicalWidth)
        let span = unsafe Span<T>(_unsafeStart: data!.assumingMemoryBound(to: T.self), count: count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// One fixed-width value, wherever it is aligned.
    @inlinable
    public func load<T: BitwiseCopyable>(_ row: Int, as _: T.Type) -> T {
        unsafe data!.loadUnaligned(fromByteOffset: row &* MemoryLayout<T>.stride, as: T.self)
    }

    /// The text of a VARCHAR value; invalid UTF-8 is repaired.
    public func text(at row: Int) -> String {
        let bytes = bytes(at: row)
        return unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a VARCHAR, BLOB or BIT value; empty where the value is NULL.
    @inlinable
    @_lifetime(borrow self)
    public func bytes(at row: Int) -> Span<UInt8> {
        let entry = unsafe data!.advanced(by: row &* 16)
        // Under a NULL the entry is whatever was there.
        let length = isValid(row) ? Int(unsafe entry.load(as: UInt32.self)) : 0
        let start =
            unsafe length <= 12
            ? entry.advanced(by: 4) : UnsafeRawPointer(bitPattern: entry.load(fromByteOffset: 8, as: UInt.self))!
        let span = unsafe Span<UInt8>(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: length)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Where a LIST's or MAP's value lies in `children[0]`.
    @inlinable
    public func listRange(at row: Int) -> Range<Int> {
        let entry = unsafe data!.advanced(by: row &* 16)
        let offset = Int(unsafe entry.load(as: UInt64.self))
        return unsafe offset..<(offset + Int(entry.load(fromByteOffset: 8, as: UInt64.self)))
    }
}
