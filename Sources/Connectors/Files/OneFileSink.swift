// One file that grows by an epoch's rows at a time, all or none of them.
//
//     rows of the open epoch          PATH.open
//     prepared, not yet shown         PATH.epoch-N             its place in PATH is in the token
//     shown                           PATH
//
// The token lists what was prepared and not known to be shown: where in PATH it belongs, and its length. Showing cuts PATH
// at that place and appends, so it may be done any number of times.
internal import Base
internal import Columnar
internal import Platform
internal import Synchronization

final class OneFileSink: SinkConnector, @unchecked Sendable {
    private struct Prepared: Sendable, Hashable {
        var epoch: Int
        var at: Int
        var bytes: Int
        var end: Int { at + bytes }
    }

    private struct Shared {
        /// Prepared and not shown, in order.
        var waiting: [Prepared] = []
        /// Where the next epoch's rows belong.
        var end = 0
    }

    private let path: String
    private let encoder: RecordEncoder
    private var pending: PendingFile?
    private let shared = Mutex(Shared())

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
        let size = Files.status(path)?.size ?? 0
        shared.withLock { $0.end = size }
    }

    func begin() throws(LeibrixError) { if pending == nil { pending = try PendingFile(path + ".open") } }

    func write(_ batch: Batch, weights: [Int8]) throws(LeibrixError) {
        let first = shared.withLock { $0.end } == 0
        try pending?.append(batch, weights, encoder, header: first)
    }

    private func epochPath(_ epoch: Int) -> String { path + ".epoch-\(epoch)" }

    func preCommit(_ epoch: Int) throws(LeibrixError) -> String {
        if let file = pending.take() {
            if file.isEmpty {
                pending = consume file
            } else {
                let bytes = try file.finish(as: epochPath(epoch))
                try Files.syncDirectory(of: path)
                shared.withLock { shared in
                    shared.waiting.append(Prepared(epoch: epoch, at: shared.end, bytes: bytes))
                    shared.end += bytes
                }
            }
        }
        return shared.withLock { Self.token($0.waiting, $0.end) }
    }

    private static func token(_ waiting: [Prepared], _ end: Int) -> String {
        let parts = waiting.map { JSON.array([.integer(Int64($0.epoch)), .integer(Int64($0.at)), .integer(Int64($0.bytes))]) }
        return JSON.object(["end": .integer(Int64(end)), "waiting": .array(parts)]).text()
    }

    private static func read(_ token: String) throws(LeibrixError) -> (waiting: [Prepared], end: Int) {
        let body = try JSON.parse(token)
        let waiting = (body["waiting"]?.array ?? []).compactMap { part -> Prepared? in
            let numbers = (part.array ?? []).compactMap(\.integer)
            return numbers.count == 3 ? Prepared(epoch: Int(numbers[0]), at: Int(numbers[1]), bytes: Int(numbers[2])) : nil
        }
        guard let end = body["end"]?.integer else {
            throw LeibrixError(.streamCheckpointCorrupt, "a file sink's token does not read", detail: String(token.prefix(200)))
        }
        return (waiting, Int(end))
    }

    func commit(_ epoch: Int, _ token: String) throws(LeibrixError) {
        for part in try Self.read(token).waiting {
            try show(part)
            shared.withLock { shared in shared.waiting.removeAll { $0.epoch == part.epoch } }
        }
    }

    private func show(_ part: Prepared) throws(LeibrixError) {
        let pending = epochPath(part.epoch)
        guard Files.exists(pending) else {
            if let size = Files.status(path)?.size, size >= part.end { return }
            throw LeibrixError(
                .streamCheckpointCorrupt, "\(path) lacks the rows of checkpoint \(part.epoch), and \(pending) is not there",
                hint: "Bring the files back, or restore an older checkpoint.")
        }
        let bytes = try Files.read(pending)
        let file = try File(path, .write)
        guard bytes.count == part.bytes, try file.size() >= part.at else {
            throw LeibrixError(.streamCheckpointCorrupt, "\(path) or \(pending) is shorter than it was at checkpoint \(part.epoch)")
        }
        try file.truncate(to: part.at)
        try unsafe file.write(bytes.span.bytes, at: part.at)
        try file.sync()
        try Files.remove(pending)
    }

    func rollback(to epoch: Int, _ token: String?) throws(LeibrixError) {
        pending = nil
        let end = try token.map { (text) throws(LeibrixError) in try Self.read(text).end } ?? 0
        try removePending()
        let file = try File(path, .write)
        guard try file.size() >= end else {
            throw LeibrixError(.streamCheckpointCorrupt, "\(path) is shorter than it was at checkpoint \(epoch)", hint: "Bring the file back, or restore an older checkpoint.")
        }
        try file.truncate(to: end)
        try file.sync()
        shared.withLock { $0 = Shared(waiting: [], end: end) }
    }

    /// Epochs that were prepared after the checkpoint that counts.
    private func removePending() throws(LeibrixError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[..<$0]) } ?? "."
        let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
        for entry in try Files.list(folder.isEmpty ? "/" : folder) where entry.name.hasPrefix(name + ".epoch-") {
            try Files.remove(folder + "/" + entry.name)
        }
    }

    func close() { pending = nil }
}
