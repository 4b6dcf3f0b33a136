public import Base
public import Columnar
public import DuckDBKit

/// A thread's way into a `SegmentWriter`.
public final class SegmentLane: RowSinkLane {
    private let writer: SegmentWriter
    private let lane: LaneBuilder

    init(writer: SegmentWriter, builder: LaneBuilder) {
        self.writer = writer
        lane = builder
    }

    public func consume(_ batch: Batch) throws(LeibrixError) {
        var done = 0
        while done < batch.rowCount {
            done += try lane.builder.append(batch, from: done)
            if lane.builder.isFull { try writer.write(lane) }
        }
        writer.count(rows: batch.rowCount)
    }

    public func finish() throws(LeibrixError) { try writer.take(rest: lane) }

    /// The writer is what has files; it is abandoned by whoever made it.
    public func abandon() { lane.builder.reset() }
}

/// A builder with the memory its row groups are encoded into. One thread at a time uses it: a lane, then whoever holds the
/// writer's rest.
final class LaneBuilder: @unchecked Sendable {
    let builder: RowGroupBuilder
    private var memory = AlignedBuffer()

    init(_ types: [DataType]) throws(LeibrixError) { builder = try RowGroupBuilder(types: types) }

    func seal() -> RowGroupNode { builder.seal(into: &memory) }

    func write(_ node: RowGroupNode, to file: OpenSegment, at offset: Int) throws(LeibrixError) {
        try file.write(node, memory, at: offset, sketches: builder.sketches)
    }
}
