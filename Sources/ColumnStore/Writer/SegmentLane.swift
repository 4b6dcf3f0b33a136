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

/// A builder that one thread at a time uses: a lane, then whoever holds the writer's rest.
final class LaneBuilder: @unchecked Sendable {
    let builder: RowGroupBuilder

    init(_ types: [DataType]) throws(LeibrixError) { builder = try RowGroupBuilder(types: types) }
}
