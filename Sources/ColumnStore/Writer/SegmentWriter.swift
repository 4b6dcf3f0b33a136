// Rows from several threads to segment files. Each thread has a builder of its own; a full row group is encoded on its thread
// and written at a place that was reserved under a lock, so that memory is bounded by the row groups in flight: the
// staged bytes of every lane, and one encoded row group a thread. What threads have left at the end goes together into the last row groups.
public import Base
internal import Columnar
public import DuckDBKit
internal import Platform
internal import Synchronization

public struct SegmentWriterOptions: Sendable {
    /// Bytes of row groups above which the load is refused with `memoryBudget`: what would be mapped must fit. nil: no bound.
    public var bytesMax: Int?
    /// Asked before each row group is written, with its bytes; throwing refuses the load. Called from several threads.
    public var reserve: (@Sendable (_ bytes: Int) throws(LeibrixError) -> Void)?
    /// Bytes after which the next file is begun.
    public var fileBytesMax: Int
    /// Stored in each file, for whoever maps it.
    public var metadata: [String: String]

    public init(
        bytesMax: Int? = nil, fileBytesMax: Int = SegmentWriterOptions.defaultFileBytes, metadata: [String: String] = [:],
        reserve: (@Sendable (_ bytes: Int) throws(LeibrixError) -> Void)? = nil
    ) {
        self.bytesMax = bytesMax
        self.fileBytesMax = fileBytesMax
        self.metadata = metadata
        self.reserve = reserve
    }

    public static let defaultFileBytes = ColumnStoreLimits.segmentBytesMax
}

/// Writes the rows it is given to segment files in one directory. A writer that goes without `finish` leaves nothing behind.
public final class SegmentWriter: RowSink {
    public let directory: String
    public let name: String
    public let columns: [RelationColumn]
    private let options: SegmentWriterOptions
    private let state: Mutex<State>
    private let rowsTaken = Atomic<Int>(0)
    private let bytesWritten = Atomic<Int>(0)

    private struct State: ~Copyable {
        var open: OpenSegment
        var full: [OpenSegment] = []
        var reserved = 0
        /// What lanes left, on its way to the last row groups.
        var rest: LaneBuilder?
        var isClosed = false

        mutating func takeRest() -> LaneBuilder? {
            defer { rest = nil }
            return rest
        }

        /// The rest that was there, taken out; or nil, with `lane` put there.
        mutating func exchangeRest(_ lane: LaneBuilder) -> LaneBuilder? {
            if let other = takeRest() { return other }
            rest = lane
            return nil
        }
    }

    /// Files are called NAME-0.segment, NAME-1.segment .. and have their names only after `finish`. The directory must exist.
    /// Throws `notSupported` for a type that cannot be stored.
    public init(
        directory: String, name: String, columns: [RelationColumn], options: SegmentWriterOptions = SegmentWriterOptions()
    ) throws(LeibrixError) {
        _ = try RowGroupBuilder(types: columns.map(\.type))
        self.directory = directory
        self.name = name
        self.columns = columns
        self.options = options
        let first = try OpenSegment(path: Self.path(directory, name, 0), columnCount: columns.count)
        state = Mutex(State(open: first))
    }

    deinit { abandon() }

    private static func path(_ directory: String, _ name: String, _ index: Int) -> String {
        "\(directory)/\(name)-\(index).segment"
    }

    public var progress: WriteProgress {
        WriteProgress(rows: rowsTaken.load(ordering: .relaxed), bytes: bytesWritten.load(ordering: .relaxed))
    }

    /// One thread's builder.
    public func makeLane() throws(LeibrixError) -> SegmentLane {
        SegmentLane(writer: self, builder: try LaneBuilder(columns.map(\.type)))
    }

    /// Writes what is left, completes the files, and gives them their names; the order of rows is that of the lanes' batches
    /// only when there was one lane. On failure nothing is left behind. Called once, after every lane has finished.
    public func finish() throws(LeibrixError) -> [SegmentSummary] {
        do throws(LeibrixError) {
            if let rest = state.withLock({ $0.takeRest() }) { try write(rest) }
            let files = state.withLock { state in
                state.isClosed ? [] : state.full + [state.open]
            }
            guard !files.isEmpty else { throw LeibrixError(.internal, "segment writer \(name) was finished or abandoned before") }
            var summaries: [SegmentSummary] = []
            for file in files { summaries.append(try file.complete(columns: columns, metadata: options.metadata)) }
            for file in files { try file.publish() }
            state.withLock { $0.isClosed = true }
            return summaries
        } catch {
            abandon()
            throw error
        }
    }

    /// Deletes what was written. Harmless after `finish`.
    public func abandon() {
        let files = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed ? [] : state.full + [state.open]
        }
        for file in files { file.discard() }
    }

    // MARK: For lanes

    func count(rows: Int) { rowsTaken.add(rows, ordering: .relaxed) }

    /// Seals the builder's row group and writes it.
    func write(_ lane: LaneBuilder) throws(LeibrixError) {
        guard lane.builder.rows > 0 else { return }
        try EncodeMemory.borrow { memory throws(LeibrixError) in
            let node = memory.seal(lane.builder)
            try options.reserve?(node.length)
            let (file, offset) = try reserve(node.length)
            try file.write(node, memory.buffer, at: offset, sketches: lane.builder.sketches)
            bytesWritten.add(node.length, ordering: .relaxed)
        }
    }

    private func reserve(_ bytes: Int) throws(LeibrixError) -> (OpenSegment, Int) {
        try state.withLock { state throws(LeibrixError) in
            guard !state.isClosed else { throw LeibrixError(.cancelled, "segment writer \(name) was abandoned") }
            state.reserved += bytes
            if let limit = options.bytesMax, state.reserved > limit {
                throw LeibrixError(
                    .memoryBudget, "\(name) needs more than the \(limit) bytes it may take",
                    detail: "\(state.reserved) bytes after \(rowsTaken.load(ordering: .relaxed)) rows",
                    hint: "Raise the memory limit, or load fewer rows or columns.")
            }
            if state.open.end > SegmentLayout.firstRowGroup, state.open.end + bytes > options.fileBytesMax {
                let index = state.full.count + 1
                let next = try OpenSegment(path: Self.path(directory, name, index), columnCount: columns.count)
                state.full.append(state.open)
                state.open = next
            }
            return (state.open, state.open.reserve(bytes))
        }
    }

    /// Takes over what a lane has left: half a row group and more is written as it is, less is joined with other lanes' rest.
    func take(rest lane: LaneBuilder) throws(LeibrixError) {
        if lane.builder.rows * 2 >= rowGroupRowsMax { return try write(lane) }
        guard let other = state.withLock({ $0.exchangeRest(lane) }) else { return }
        let batch = other.builder.stagedBatch()
        var done = 0
        while done < batch.rowCount {
            done += try lane.builder.append(batch, from: done)
            if lane.builder.isFull { try write(lane) }
        }
        // Lanes finish one at a time, so nobody has put another rest there.
        state.withLock { $0.rest = lane }
    }
}
