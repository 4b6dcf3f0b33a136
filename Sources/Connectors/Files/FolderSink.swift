// A folder with a file an epoch: prepared under a hidden name, shown by a rename.
//
//     rows of the open epoch      .open.EXT
//     prepared                    .part-000000000012.EXT
//     shown                       part-000000000012.EXT
internal import Base
internal import Columnar
internal import Platform

final class FolderSink: SinkConnector, @unchecked Sendable {
    private let folder: String
    private let encoder: RecordEncoder
    private let suffix: String
    /// For formats that are written whole.
    private let table: (any TableFileFormat)?
    private var pending: PendingFile?
    private var batches: [Batch] = []

    init(folder: String, suffix: String, encoder: RecordEncoder, table: (any TableFileFormat)?) {
        self.folder = folder
        self.encoder = encoder
        self.suffix = suffix
        self.table = table
    }

    func open() throws(LeibrixError) {
        try Files.createDirectory(folder)
        try Files.syncDirectory(of: folder)
    }

    func begin() throws(LeibrixError) { if table == nil, pending == nil { pending = try PendingFile(folder + "/.open." + suffix) } }

    func write(_ batch: Batch, weights: [Int8]) throws(LeibrixError) {
        if table != nil { return batches.append(batch) }
        try pending?.append(batch, weights, encoder, header: true)
    }

    private func name(_ epoch: Int) -> String { "part-\(padded(epoch, 12)).\(suffix)" }

    func preCommit(_ epoch: Int) throws(LeibrixError) -> String {
        let hidden = folder + "/." + name(epoch)
        if let table {
            if batches.isEmpty { return "0" }
            try table.write(hidden, columns: encoder.fields, batches)
            batches = []
            try Files.syncDirectory(of: hidden)
            return "1"
        }
        guard let file = pending.take() else { return "0" }
        if file.isEmpty {
            pending = consume file
            return "0"
        }
        _ = try file.finish(as: hidden)
        try Files.syncDirectory(of: hidden)
        return "1"
    }

    func commit(_ epoch: Int, _ token: String) throws(LeibrixError) {
        // Epochs before this one whose showing failed are shown first: a checkpoint that is durable covers them.
        for entry in try Files.list(folder) {
            guard let number = Self.epoch(entry.name), entry.name.hasPrefix("."), number <= epoch else { continue }
            try Files.move(folder + "/" + entry.name, to: folder + "/" + entry.name.dropFirst())
        }
        try Files.syncDirectory(of: folder + "/x")
        guard token == "0" || Files.exists(folder + "/" + name(epoch)) else {
            throw LeibrixError(.streamCheckpointCorrupt, "\(folder) lacks the rows of checkpoint \(epoch)", hint: "Bring the files back, or restore an older checkpoint.")
        }
    }

    /// The epoch of a part's name, hidden or not.
    private static func epoch(_ name: String) -> Int? {
        let plain = name.hasPrefix(".") ? name.dropFirst() : name[...]
        guard plain.hasPrefix("part-") else { return nil }
        return Int(plain.dropFirst(5).prefix { $0 != "." })
    }

    func rollback(to epoch: Int, _ token: String?) throws(LeibrixError) {
        pending = nil
        batches = []
        for entry in try Files.list(folder) {
            guard let number = Self.epoch(entry.name) else { continue }
            if number > epoch || token == nil { try Files.remove(folder + "/" + entry.name) }
        }
        try Files.syncDirectory(of: folder + "/x")
    }

    func close() { pending = nil }
}
