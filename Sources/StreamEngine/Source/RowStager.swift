internal import Base
public import Columnar

/// Single rows written as `SourceHandle.pushRow` has them written, made into a batch: for who has to keep the rows before they are pushed.
/// One thread at a time.
public final class RowStager {
    private let types: [DataType]
    private let reader: ChunkReader
    private let scratch = TextScratch()

    public init(_ types: [DataType]) {
        self.types = types
        reader = ChunkReader(types)
    }

    /// One row; columns that `body` leaves alone are NULL.
    public func row(_ body: (borrowing RowWriter) -> Void) -> Batch {
        let page = RowPage(types, capacity: 1)
        scratch.reset()
        let writer = RowWriter(columns: reader.columns, count: types.count, scratch: scratch)
        writer.clear()
        body(writer)
        _ = page.append(StreamRows(chunk: Chunk(count: 1, columns: reader.columns), types: types), from: 0, epoch: 0)
        return page.batch(0..<1)
    }
}
