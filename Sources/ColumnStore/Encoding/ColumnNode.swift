// What a stored column is made of, as offsets: the same whether the row group lies in a file or in memory of its own.
internal import Columnar

/// A run of bytes relative to the start of its row group; offsets are multiples of 64.
struct BufferRef: Sendable, Hashable {
    var offset = 0
    var length = 0
    /// Where the next buffer may begin.
    var end: Int { offset + aligned(length) }
}

/// One column, or a child of one, of a row group: see docs/formats/segment.md.
struct ColumnNode: Sendable, Hashable {
    var encoding: ColumnEncoding
    /// Values at hand: the row group's rows, or a child's elements.
    var rows: Int
    /// Bytes of a stored value or code; 0 where there is none.
    var width: UInt8 = 0
    var base: Int64 = 0
    var dictionaryCount: UInt32 = 0
    var validity: BufferRef?
    var data: BufferRef?
    var dictionaryOffsets: BufferRef?
    var heap: BufferRef?
    var statistics = ColumnStatistics()
    var children: [ColumnNode] = []
}

/// A column of a row group with all its buffers, which lie in one run.
struct ColumnChunk: Sendable, Hashable {
    var root: ColumnNode
    var span: BufferRef
    /// XXH3 of the run, padding included.
    var checksum: UInt64 = 0
}

/// A row group: its columns in the relation's order, one chunk after the other.
struct RowGroupNode: Sendable, Hashable {
    var rows: Int
    var columns: [ColumnChunk]
    /// Bytes of all chunks, a multiple of 64.
    var length: Int
}

/// Hands out places in a row group.
struct BufferCursor {
    private(set) var offset = 0

    mutating func place(_ length: Int) -> BufferRef {
        let place = BufferRef(offset: offset, length: length)
        offset = place.end
        return place
    }
}

extension ColumnNode {
    /// The column as pointers into the row group that begins at `start`.
    func layout(at start: UnsafeRawPointer) -> ColumnLayout {
        func pointer(_ place: BufferRef?) -> UnsafeRawPointer? { unsafe place.map { unsafe start + $0.offset } }
        return unsafe ColumnLayout(
            encoding: encoding, width: width, base: base,
            validity: pointer(validity)?.assumingMemoryBound(to: UInt64.self), data: pointer(data),
            dictionaryCount: dictionaryCount,
            dictionaryOffsets: pointer(dictionaryOffsets)?.assumingMemoryBound(to: UInt32.self),
            heap: pointer(heap)?.assumingMemoryBound(to: UInt8.self),
            children: children.map { unsafe $0.layout(at: start) }, statistics: statistics)
    }
}
