// One file whose rows are there as soon as they are made. After a crash what no checkpoint covers is cut off and comes again:
// exactly once for who reads the file at rest, at least once for who reads it as it grows.
internal import Base
internal import Columnar
internal import Platform

final class LiveFileSink: SinkConnector, @unchecked Sendable {
    private let path: String
    private let encoder: RecordEncoder
    private var file: OpenFile?
    private var length = 0
    private var buffer: [UInt8] = []

    private final class OpenFile {
        let file: File
        init(_ path: String) throws(LeibrixError) { file = try File(path, .write) }
    }

    init(path: String, encoder: RecordEncoder) {
        self.path = path
        self.encoder = encoder
    }

    func open() throws(LeibrixError) {
        if !Files.exists(path) {
            if let slash = path.lastIndex(of: "/") { try Files.createDirectory(String(path[..<slash])) }
            _ = try File(path, .createNew)
            try Files.syncDirectory(of: path)
        }
        let opened = try OpenFile(path)
        length = try opened.file.size()
        file = opened
    }

    func begin() throws(LeibrixError) {}

    func write(_ batch: Batch, weights: [Int8]) throws(LeibrixError) {
        if length == 0 { buffer.append(contentsOf: encoder.header) }
        encoder.append(batch, weights: weights, to: &buffer)
        let bytes = buffer
        try unsafe file?.file.write(bytes.span.bytes, at: length)
        length += bytes.count
        buffer.removeAll(keepingCapacity: true)
    }

    func preCommit(_ epoch: Int) throws(LeibrixError) -> String {
        try file?.file.sync()
        return String(length)
    }

    func commit(_ epoch: Int, _ token: String) throws(LeibrixError) {}

    func rollback(to epoch: Int, _ token: String?) throws(LeibrixError) {
        let wanted = token.flatMap { Int($0) } ?? 0
        guard let file, try file.file.size() >= wanted else {
            throw LeibrixError(.streamCheckpointCorrupt, "\(path) is shorter than it was at checkpoint \(epoch)", hint: "Bring the file back, or restore an older checkpoint.")
        }
        try file.file.truncate(to: wanted)
        try file.file.sync()
        length = wanted
        buffer.removeAll()
    }

    func close() { file = nil }
}
