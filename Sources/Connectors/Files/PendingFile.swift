// Rows of the epoch that is being written, in a file that nobody looks at: it is renamed when the epoch is prepared.
internal import Base
internal import Columnar
internal import Platform

struct PendingFile: ~Copyable {
    let path: String
    private let file: File
    private(set) var length = 0
    private var buffer: [UInt8] = []

    /// Begins anew, over what a life before left.
    init(_ path: String) throws(LeibrixError) {
        self.path = path
        file = try File(path, .create)
    }

    var isEmpty: Bool { length + buffer.count == 0 }

    /// Rows behind what is there; `header` first where it is the beginning.
    mutating func append(_ batch: Batch, _ weights: [Int8], _ encoder: RecordEncoder, header: Bool) throws(LeibrixError) {
        if header, isEmpty { buffer.append(contentsOf: encoder.header) }
        encoder.append(batch, weights: weights, to: &buffer)
        if buffer.count >= ConnectorLimits.sinkBufferBytes { try flush() }
    }

    private mutating func flush() throws(LeibrixError) {
        if buffer.isEmpty { return }
        let bytes = buffer
        try unsafe file.write(bytes.span.bytes, at: length)
        length += bytes.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Durable under another name when it returns; the number of bytes.
    consuming func finish(as name: String) throws(LeibrixError) -> Int {
        try flush()
        try file.sync()
        try Files.move(path, to: name)
        return length
    }
}
