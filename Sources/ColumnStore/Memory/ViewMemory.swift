/// Memory that a batch's columns point into, freed with the batch.
final class ViewMemory: @unchecked Sendable {
    private var blocks: [Block] = []
    /// What else has to live as long as the columns do.
    var kept: [AnyObject] = []

    private final class Block {
        let buffer: AlignedBuffer
        init(_ bytes: Int) { buffer = AlignedBuffer(capacity: bytes) }
    }

    /// `bytes` of memory that nobody else has, with some slack behind.
    func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        let block = Block(bytes + ColumnStoreLimits.bufferAlignment)
        blocks.append(block)
        return unsafe block.buffer.base
    }
}

/// Writes DuckDB's 16-byte entry of a string whose bytes stay where they are. `bytes` must have 16 readable bytes.
@inline(__always)
func storeStringEntry(_ entry: UnsafeMutableRawPointer, _ bytes: UnsafeRawPointer, length: UInt32) {
    if length <= shortStringMax {
        let short = unsafe ShortString(heap: bytes, length: length)
        unsafe entry.storeBytes(of: short.first, as: UInt64.self)
        unsafe entry.storeBytes(of: short.second, toByteOffset: 8, as: UInt64.self)
    } else {
        let prefix = unsafe UInt64(bytes.loadUnaligned(as: UInt32.self))
        unsafe entry.storeBytes(of: UInt64(length) | (prefix &<< 32), as: UInt64.self)
        unsafe entry.storeBytes(of: bytes, toByteOffset: 8, as: UnsafeRawPointer.self)
    }
}
