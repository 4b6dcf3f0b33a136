// Checkpoints on disk: a directory each, written whole before its manifest, which is renamed into place last.
//
//     checkpoint-000000000012/
//         trades.0.1      state of operator 0 of stream trades on core 1; its checksum is in the manifest
//         MANIFEST        "leibrix-stream-checkpoint 1 CRC\n" and a JSON object
//
// A part that did not change since an earlier checkpoint is not written again: the manifest names the directory that has it.
// The newest checkpoint whose manifest and parts all have their checksums is the one that counts; older ones are kept to
// fall back to.
public import Base
internal import CLinux
internal import Platform

public final class CheckpointStore: Sendable {
    static let version = 1
    public let directory: String
    /// Checkpoints kept beside the newest.
    public let keep: Int
    /// Called before each step with its name; a test throws here to crash.
    let fault: @Sendable (String) throws(LeibrixError) -> Void

    /// Opens, and makes where it is not, a directory of checkpoints.
    public convenience init(directory: String, keep: Int = 2) throws(LeibrixError) {
        try self.init(directory: directory, keep: keep) { (_: String) throws(LeibrixError) in }
    }

    package init(directory: String, keep: Int, fault: @escaping @Sendable (String) throws(LeibrixError) -> Void) throws(LeibrixError) {
        self.directory = directory
        self.keep = max(keep, 0)
        self.fault = fault
        try Files.createDirectory(directory)
    }

    struct Part: Sendable {
        var name: String
        var bytes: [UInt8]
        var checksum: UInt32 { CheckpointStore.checksum(bytes) }
    }

    struct Loaded: Sendable {
        var number: Int
        var parts: [String: [UInt8]]
        var body: JSON
        var entries: [String: Entry]
    }

    /// A part as a manifest names it.
    struct Entry: Sendable, Hashable {
        var checkpoint: Int
        var count: Int
        var checksum: UInt32
    }

    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe lbx_crc32c(0, $0.baseAddress, $0.count) }
    }

    private func folder(_ number: Int) -> String {
        let digits = String(number)
        return directory + "/checkpoint-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// Numbers of the checkpoints there are, complete or not, newest first.
    func numbers() throws(LeibrixError) -> [Int] {
        try Files.list(directory).compactMap { entry in
            entry.isDirectory && entry.name.hasPrefix("checkpoint-") ? Int(entry.name.dropFirst(11)) : nil
        }.sorted(by: >)
    }

    // MARK: writing

    /// Writes a checkpoint; when it returns the checkpoint is durable. `previous` are the parts of the last one.
    func write(_ number: Int, _ parts: [Part], body: JSON, previous: [String: Entry]) throws(LeibrixError) -> [String: Entry] {
        let folder = folder(number)
        try Files.removeTree(folder)
        try Files.createDirectory(folder)
        var entries: [String: Entry] = [:]
        for part in parts {
            try fault("part")
            let checksum = part.checksum
            if let known = previous[part.name], known.count == part.bytes.count, known.checksum == checksum {
                entries[part.name] = known
                continue
            }
            let file = try File(folder + "/" + part.name, .create)
            try unsafe file.write(part.bytes.span.bytes, at: 0)
            try file.sync()
            entries[part.name] = Entry(checkpoint: number, count: part.bytes.count, checksum: checksum)
        }
        try fault("manifest")
        try Files.syncDirectory(of: folder + "/MANIFEST")
        try Files.replace(folder + "/MANIFEST", with: Self.manifest(number, entries, body))
        try Files.syncDirectory(of: folder)
        return entries
    }

    private static func manifest(_ number: Int, _ entries: [String: Entry], _ body: JSON) -> [UInt8] {
        let parts = entries.sorted { $0.key < $1.key }.map { name, entry in
            JSON.object([
                "name": .string(name), "checkpoint": .integer(Int64(entry.checkpoint)), "bytes": .integer(Int64(entry.count)),
                "crc32c": .integer(Int64(entry.checksum)),
            ])
        }
        let text = Array(JSON.object(["number": .integer(Int64(number)), "parts": .array(parts), "body": body]).text(indent: true).utf8)
        return Array("leibrix-stream-checkpoint \(version) \(checksum(text))\n".utf8) + text
    }

    /// Deletes what neither `entries`, those of the newest, nor the checkpoints kept need.
    func prune(_ newest: Int, _ entries: [String: Entry]) throws(LeibrixError) {
        let numbers = try numbers()
        var needed = Set(numbers.prefix(keep + 1))
        needed.insert(newest)
        needed.formUnion(entries.values.map(\.checkpoint))
        for number in numbers.prefix(keep + 1) where number != newest {
            if let manifest = try? readManifest(number) { needed.formUnion(manifest.entries.values.map(\.checkpoint)) }
        }
        for number in numbers where !needed.contains(number) { try Files.removeTree(folder(number)) }
    }

    // MARK: reading

    /// The newest checkpoint that is whole; nil when there is none. Damaged ones are passed over.
    func latest() throws(LeibrixError) -> Loaded? {
        for number in try numbers() {
            if let loaded = try? load(number) { return loaded }
        }
        return nil
    }

    func load(_ number: Int) throws(LeibrixError) -> Loaded {
        let (entries, body) = try readManifest(number)
        var parts: [String: [UInt8]] = [:]
        for (name, entry) in entries {
            let bytes = try Files.read(folder(entry.checkpoint) + "/" + name)
            guard bytes.count == entry.count, Self.checksum(bytes) == entry.checksum else { throw Self.damaged(number, "part \(name)") }
            parts[name] = bytes
        }
        return Loaded(number: number, parts: parts, body: body, entries: entries)
    }

    private static func damaged(_ number: Int, _ what: String) -> LeibrixError {
        LeibrixError(.streamCheckpointCorrupt, "checkpoint \(number) is damaged", detail: what, hint: "Restore an older one, and look after the disk.")
    }

    private func readManifest(_ number: Int) throws(LeibrixError) -> (entries: [String: Entry], body: JSON) {
        let path = folder(number) + "/MANIFEST"
        guard Files.exists(path) else { throw LeibrixError(.streamNoCheckpoint, "there is no checkpoint \(number)") }
        let bytes = try Files.read(path)
        guard let end = bytes.firstIndex(of: 10) else { throw Self.damaged(number, "manifest") }
        let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        let rest = Array(bytes[(end + 1)...])
        guard head.count == 3, head[0] == "leibrix-stream-checkpoint", UInt32(head[2]) == Self.checksum(rest) else { throw Self.damaged(number, "manifest") }
        guard head[1] == "\(Self.version)" else {
            throw LeibrixError(.streamCheckpointCorrupt, "checkpoint \(number) has format \(head[1])", hint: "This version reads format \(Self.version).")
        }
        let document = try JSON.parse(utf8: rest)
        var entries: [String: Entry] = [:]
        for part in document["parts"]?.array ?? [] {
            guard let name = part["name"]?.string, let checkpoint = part["checkpoint"]?.integer, let count = part["bytes"]?.integer,
                let checksum = part["crc32c"]?.integer
            else { throw Self.damaged(number, "manifest") }
            entries[name] = Entry(checkpoint: Int(checkpoint), count: Int(count), checksum: UInt32(truncatingIfNeeded: checksum))
        }
        return (entries, document["body"] ?? .null)
    }
}
