// Bytes between a socket and a protocol. Memory exists only while there are bytes: `release` gives it back, so that an
// idle connection owns none.
//
//   base        head            tail         capacity
//   | consumed  | bytes to read | free space |

@safe
public final class ByteBuffer {
    @usableFromInline var base: UnsafeMutableRawPointer?
    @usableFromInline var capacity = 0
    @usableFromInline var head = 0
    @usableFromInline var tail = 0

    public init() {}

    deinit { unsafe base?.deallocate() }

    /// Bytes to read.
    @inlinable public var count: Int { tail &- head }
    @inlinable public var isEmpty: Bool { tail == head }
    /// Memory held.
    public var capacityBytes: Int { capacity }

    /// Whether `count` bytes fit behind the tail as it is.
    func hasRoom(_ count: Int) -> Bool { capacity &- tail >= count && capacity > 0 }

    /// Makes room for `count` bytes behind the tail: moves the bytes to the front, or doubles.
    @inlinable
    public func reserve(_ count: Int) {
        if capacity &- tail < count || capacity == 0 { makeRoom(count) }
    }

    @usableFromInline @inline(never)
    func makeRoom(_ wanted: Int) {
        let used = tail - head
        if let base = unsafe base, capacity - used >= wanted, head >= used {
            unsafe base.copyMemory(from: base + head, byteCount: used)
        } else {
            let size = max(capacity * 2, used + wanted, 512)
            let grown = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            if let base = unsafe base { unsafe grown.copyMemory(from: base + head, byteCount: used) }
            unsafe base?.deallocate()
            unsafe base = grown
            capacity = size
        }
        head = 0
        tail = used
    }

    /// Forgets the first bytes.
    @inlinable
    public func consume(_ count: Int) {
        precondition(count >= 0 && count <= tail &- head)
        head &+= count
        if head == tail {
            head = 0
            tail = 0
        }
    }

    /// Forgets the last bytes, back to a former `count`.
    @inlinable
    public func truncate(to count: Int) {
        precondition(count >= 0 && count <= tail &- head)
        tail = head &+ count
    }

    /// Gives the memory back if nothing is in it and it is more than `kept` bytes.
    public func release(keeping kept: Int = 0) {
        guard isEmpty, capacity > kept, let memory = unsafe base else { return }
        unsafe memory.deallocate()
        unsafe base = nil
        capacity = 0
        head = 0
        tail = 0
    }

    /// Forgets everything and gives the memory back.
    public func discard() {
        head = 0
        tail = 0
        release()
    }

    // MARK: - Reading

    /// The bytes to read.
    @inlinable
    public func withBytes<R, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        guard let base = unsafe base else { return try body(RawSpan()) }
        return try body(unsafe RawSpan(_unsafeStart: base + head, byteCount: count))
    }

    @inlinable
    public subscript(_ offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < count)
        return unsafe base.unsafelyUnwrapped.load(fromByteOffset: head &+ offset, as: UInt8.self)
    }

    /// A big-endian integer at an offset from the first byte.
    @inlinable
    public func integer<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as _: T.Type) -> T {
        precondition(offset >= 0 && offset &+ MemoryLayout<T>.size <= count)
        return unsafe T(bigEndian: base.unsafelyUnwrapped.loadUnaligned(fromByteOffset: head &+ offset, as: T.self))
    }

    public func bytes(at offset: Int, count: Int) -> [UInt8] {
        precondition(offset >= 0 && count >= 0 && offset + count <= self.count)
        guard count > 0 else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: base! + head + offset, count: count))
    }

    // MARK: - Writing

    @inlinable
    public func append(_ byte: UInt8) {
        reserve(1)
        unsafe base.unsafelyUnwrapped.storeBytes(of: byte, toByteOffset: tail, as: UInt8.self)
        tail &+= 1
    }

    /// Network order.
    @inlinable
    public func append<T: FixedWidthInteger & BitwiseCopyable>(integer value: T) {
        reserve(MemoryLayout<T>.size)
        unsafe base.unsafelyUnwrapped.storeBytes(of: value.bigEndian, toByteOffset: tail, as: T.self)
        tail &+= MemoryLayout<T>.size
    }

    /// Overwrites an integer at an offset from the first byte: for lengths known afterwards.
    @inlinable
    public func put<T: FixedWidthInteger & BitwiseCopyable>(integer value: T, at offset: Int) {
        precondition(offset >= 0 && offset &+ MemoryLayout<T>.size <= count)
        unsafe base.unsafelyUnwrapped.storeBytes(of: value.bigEndian, toByteOffset: head &+ offset, as: T.self)
    }

    @inlinable
    public func append(bytes: Span<UInt8>) {
        reserve(bytes.count)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe (base.unsafelyUnwrapped + tail).copyMemory(from: start, byteCount: source.count)
            }
        }
        tail &+= bytes.count
    }

    /// Takes all bytes of another buffer.
    func take(from other: ByteBuffer) {
        guard !other.isEmpty, let source = unsafe other.base else { return }
        reserve(other.count)
        unsafe (base.unsafelyUnwrapped + tail).copyMemory(from: source + other.head, byteCount: other.count)
        tail &+= other.count
        other.consume(other.count)
    }

    @inlinable
    public func append(bytes: [UInt8]) { append(bytes: bytes.span) }

    @inlinable
    public func append(_ text: String) {
        var text = text
        text.withUTF8 { source in
            reserve(source.count)
            if let start = source.baseAddress {
                unsafe (base.unsafelyUnwrapped + tail).copyMemory(from: start, byteCount: source.count)
            }
            tail &+= source.count
        }
    }

    /// Room for `count` bytes to be filled by `body`, which returns how many it wrote.
    @inlinable
    public func withFreeSpace<E: Error>(_ count: Int, _ body: (UnsafeMutableRawPointer) throws(E) -> Int) throws(E) {
        reserve(count)
        let written = try unsafe body(base.unsafelyUnwrapped + tail)
        precondition(written >= 0 && written <= count)
        tail &+= written
    }
}
