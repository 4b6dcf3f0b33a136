/// Raw memory on a cache line's boundary that grows by doubling. Its contents are whatever was written.
///
/// Growing copies, so pointers into it are only valid until the next `reserve`.
@safe
struct AlignedBuffer: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int

    init(capacity: Int = 0) {
        self.capacity = Swift.max(capacity, ColumnStoreLimits.bufferAlignment)
        unsafe base = .allocate(byteCount: self.capacity, alignment: ColumnStoreLimits.bufferAlignment)
    }

    deinit { unsafe base.deallocate() }

    /// Makes room for `bytes` and some slack for whole-word stores past the end, keeping the first `used`.
    @inline(__always)
    mutating func reserve(_ bytes: Int, keeping used: Int) {
        if bytes &+ ColumnStoreLimits.bufferAlignment > capacity { grow(to: bytes, keeping: used) }
    }

    @inline(never)
    private mutating func grow(to bytes: Int, keeping used: Int) {
        let wanted = Swift.max(aligned(bytes) + ColumnStoreLimits.bufferAlignment, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(
            byteCount: wanted, alignment: ColumnStoreLimits.bufferAlignment)
        unsafe larger.copyMemory(from: base, byteCount: used)
        unsafe base.deallocate()
        unsafe base = unsafe larger
        capacity = wanted
    }

    /// Gives back all memory above `bytes`; the contents are lost when it does.
    mutating func trim(to bytes: Int) {
        guard capacity > bytes + ColumnStoreLimits.bufferAlignment else { return }
        self = AlignedBuffer(capacity: bytes)
    }

    @inline(__always)
    func words(_: UInt64.Type = UInt64.self) -> UnsafeMutablePointer<UInt64> {
        unsafe base.assumingMemoryBound(to: UInt64.self)
    }

    @inline(__always)
    func elements<T: BitwiseCopyable>(_: T.Type) -> UnsafeMutablePointer<T> {
        unsafe base.assumingMemoryBound(to: T.self)
    }
}
