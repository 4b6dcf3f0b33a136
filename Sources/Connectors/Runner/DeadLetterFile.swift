// Bad records as JSON lines: what is behind the length that the source's position remembers is of a life that ended before its
// checkpoint, and is cut off.
internal import Base
internal import Platform

final class DeadLetterFile {
    let path: String
    private let file: File
    private(set) var length: Int
    private let bytesMax: Int64

    init(path: String, bytesMax: Int64) throws(LeibrixError) {
        self.path = path
        self.bytesMax = bytesMax
        if !Files.exists(path) {
            if let slash = path.lastIndex(of: "/") { try Files.createDirectory(String(path[..<slash])) }
            _ = try File(path, .createNew)
            try Files.syncDirectory(of: path)
        }
        file = try File(path, .write)
        length = try file.size()
    }

    /// Goes back to a length of an earlier life.
    func restore(_ wanted: Int) throws(LeibrixError) {
        guard try file.size() >= wanted else {
            throw LeibrixError(
                .streamSourceFailed, "\(path) is shorter than the bad records that were counted", detail: "\(try file.size()) bytes of \(wanted)",
                hint: "Bring the file back, or make the source again with another dead_letter.")
        }
        try file.truncate(to: wanted)
        length = wanted
    }

    /// Durable when it returns.
    func write(_ records: [BadRecord], source: String) throws(LeibrixError) {
        var bytes: [UInt8] = []
        for record in records {
            let line = JSON.object([
                "source": .string(source), "reason": .string(record.reason), "place": .string(record.place),
                "raw": .string(String(decoding: record.raw, as: UTF8.self)),
            ])
            bytes += Array(line.text().utf8)
            bytes.append(10)
        }
        guard Int64(length + bytes.count) <= bytesMax else {
            throw LeibrixError(
                .streamSourceFailed, "source \"\(source)\" has more bad records than \(path) may hold",
                detail: "\(length) bytes are there, dead_letter_max is \(bytesMax).", hint: "Look at the records, move the file away, or raise dead_letter_max.")
        }
        try unsafe file.write(bytes.span.bytes, at: length)
        try file.dataSync()
        length += bytes.count
    }
}
