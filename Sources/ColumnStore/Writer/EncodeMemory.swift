internal import Base
internal import Synchronization

/// Memory that a row group is encoded into on its way to a file. Threads borrow it from one pool, so that a load into many
/// epochs at once holds as many of these as threads encode, not as many as there are lanes.
final class EncodeMemory: @unchecked Sendable {
    private static let idle = Mutex<[EncodeMemory]>([])
    private static let idleMax = 4
    private static let idleBytesMax = 32 << 20

    private(set) var buffer = AlignedBuffer()

    static func borrow<R>(_ body: (EncodeMemory) throws(LeibrixError) -> R) throws(LeibrixError) -> R {
        let memory = idle.withLock { $0.popLast() } ?? EncodeMemory()
        defer { memory.giveBack() }
        return try body(memory)
    }

    func seal(_ builder: RowGroupBuilder) -> RowGroupNode { builder.seal(into: &buffer) }

    private func giveBack() {
        guard buffer.capacity <= Self.idleBytesMax else { return }
        Self.idle.withLock { if $0.count < Self.idleMax { $0.append(self) } }
    }
}
