// A file of records, a block at a time. What of a block is no whole record stays and gets the next block behind it.
internal import Base
internal import Columnar
internal import Platform

final class RecordFileReader: FileReading {
    let path: String
    private(set) var progress: FileProgress
    private let file: File
    private let decoder: RecordDecoder
    private let builder: BatchBuilder
    private let isFollowing: Bool
    private var block: [UInt8] = []
    /// Where in the file the block begins, and where in the block the next record does.
    private var start: Int
    private var next = 0
    private var isDrained = false

    init(
        _ path: String, from progress: FileProgress, _ format: RecordFormat, _ schema: [DataType.Field], _ builder: BatchBuilder, isFollowing: Bool
    ) throws(LeibrixError) {
        self.path = path
        self.progress = progress
        self.builder = builder
        self.isFollowing = isFollowing
        decoder = try RecordDecoder(format, schema)
        file = try File(path, .read)
        start = progress.bytes
        if case .csv(let style) = format, style.hasHeader, progress.bytes > 0 { try readHeader() }
        decoder.isSkipping = progress.isSkipping
    }

    /// The names that stand before what was read.
    private func readHeader() throws(LeibrixError) {
        let head = try file.read(ConnectorLimits.blockBytes, at: 0)
        let line = head.firstIndex(of: 10).map { Array(head[...$0]) } ?? head
        _ = try decoder.decode(line, from: 0, isLast: true, into: builder) { _, _, _ in }
    }

    func read(_ rowsMax: Int) throws(LeibrixError) -> (rows: SourceRows, isAtEnd: Bool) {
        var bad: [BadRecord] = []
        while !builder.isFull, builder.count < rowsMax, bad.count < ConnectorLimits.batchRows {
            let before = next
            let place = start
            next = try decoder.decode(block, from: next, isLast: isDrained && !isFollowing, rowsMax: rowsMax, into: builder) { index, reason, raw in
                bad.append(BadRecord(reason: reason, place: "\(path) byte \(place + index)", raw: Array(raw)))
            }
            if builder.isFull || builder.count >= rowsMax { break }
            if isDrained && (isFollowing || next == before || next == block.count) { break }
            try fill()
        }
        let isAtEnd = isDrained && !builder.isFull && builder.count < rowsMax && bad.count < ConnectorLimits.batchRows
        progress.bytes = start + next
        progress.isSkipping = decoder.isSkipping
        return (SourceRows(builder.take(), bad: bad), isAtEnd)
    }

    private func fill() throws(LeibrixError) {
        let left = block.count - next
        let more = try file.read(max(ConnectorLimits.blockBytes, left), at: start + block.count)
        if more.isEmpty {
            isDrained = true
            return
        }
        start += next
        block = Array(block[next...]) + more
        next = 0
    }
}

/// A file of a format that is read whole, by rows.
final class WholeFileReader: FileReading {
    let path: String
    private(set) var progress: FileProgress
    private let reader: any TableFileReader
    private let size: Int

    init(_ path: String, from progress: FileProgress, _ format: any TableFileFormat, _ schema: [DataType.Field]) throws(LeibrixError) {
        self.path = path
        self.progress = progress
        size = Files.status(path)?.size ?? 0
        reader = try format.open(path, columns: schema, skip: progress.rows)
    }

    func read(_ rowsMax: Int) throws(LeibrixError) -> (rows: SourceRows, isAtEnd: Bool) {
        guard let batch = try reader.next() else {
            progress.isWhole = true
            progress.bytes = size
            return (SourceRows(nil), true)
        }
        progress.rows += batch.rowCount
        return (SourceRows(batch), false)
    }
}
