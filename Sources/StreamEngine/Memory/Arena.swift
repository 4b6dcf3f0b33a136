/// Memory that is taken while a plan is built and given back with it. Never touched by the hot path.
@safe
final class Arena: @unchecked Sendable {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    /// Bytes taken so far.
    private(set) var byteCount = 0

    init() {}

    deinit { for unsafe block in unsafe blocks { unsafe block.deallocate() } }

    /// Zeroed, on 64 bytes.
    func take(bytes: Int) -> Memory {
        let size = max(bytes, 64)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        unsafe blocks.append(block)
        byteCount += size
        return unsafe Memory(block)
    }

    func lane<T: BitwiseCopyable>(_: T.Type, count: Int) -> Lane<T> {
        take(bytes: MemoryLayout<T>.stride * max(count, 1)).lane(T.self)
    }

    /// A vector of `count` values without NULLs.
    func vector(_ kind: LaneKind, count: Int) -> Vector {
        Vector(data: take(bytes: kind.width * count), nulls: lane(UInt8.self, count: count), hasNulls: false)
    }
}
