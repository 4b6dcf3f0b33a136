// Checkpoints on disk: a directory each, written whole before its manifest, which is renamed into place last.
//
//     checkpoint-000000000012/
//         trades.0.1      state of operator 0 of stream trades on core 1, in segments; their checksums are in the manifest
//         MANIFEST        "leibrix-stream-checkpoint 2 CRC\n" and a JSON object
//
// A segment that did not change since an earlier checkpoint is not written again: the manifest names the directory that has it.
// The newest checkpoint whose manifest and segments all have their checksums is the one that counts; older ones are kept to
// fall back to. Format 1, in which a part is one segment, is read too.
public import Base
internal import CLinux
internal import Platform

public final class CheckpointStore: Sendable {
    static let version = 2
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

    /// An operator's state, or a source's.
    struct Part {
        var name: String
        var segments: [StateSegment]
    }

    struct Loaded: Sendable {
        var number: Int
        var parts: [String: [UInt8]]
        var body: JSON
        var contents: Contents
        var format: Int
    }

    /// A segment as a manifest names it: bytes of the file with its part's name in a checkpoint's folder.
    struct Entry: Sendable, Hashable {
        var part: String
        var key: String
        var checkpoint: Int
        var offset: Int
        var count: Int
        var checksum: UInt32
    }

    /// What a checkpoint consists of, in order, and how many bytes the folders that it needs were written with.
    struct Contents: Sendable {
        var entries: [Entry] = []
        var written: [Int: Int] = [:]
    }

    static func checksum(_ bytes: some Collection<UInt8>) -> UInt32 {
        bytes.withContiguousStorageIfAvailable { unsafe lbx_crc32c(0, UnsafeRawPointer($0.baseAddress), $0.count) } ?? checksum(Array(bytes))
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

    /// Writes a checkpoint; when it returns the checkpoint is durable. `previous` is what the last one consists of: a segment that did not
    /// change since is not written again, unless less than half of the folder that has it is needed.
    func write(_ number: Int, _ parts: [Part], body: JSON, previous: Contents?) throws(LeibrixError) -> Contents {
        let folder = folder(number)
        try Files.removeTree(folder)
        try Files.createDirectory(folder)
        let known = Known(previous ?? Contents())
        var contents = Contents()
        var written = 0
        var writer = StateWriter()
        for part in parts {
            try fault("part")
            written += try write(part, number, known, &contents, &writer)
        }
        contents.written[number] = written
        for checkpoint in Set(contents.entries.map(\.checkpoint)) where checkpoint != number { contents.written[checkpoint] = previous?.written[checkpoint] }
        try fault("manifest")
        try Files.syncDirectory(of: folder + "/MANIFEST")
        try Files.replace(folder + "/MANIFEST", with: Self.manifest(number, contents, body))
        try Files.syncDirectory(of: folder)
        return contents
    }

    /// The segments of the checkpoint before, those that are worth keeping where they are.
    private struct Known {
        private var entries: [String: Entry] = [:]

        init(_ contents: Contents) {
            var needed: [Int: Int] = [:]
            for entry in contents.entries { needed[entry.checkpoint, default: 0] += entry.count }
            for entry in contents.entries where needed[entry.checkpoint, default: 0] * 2 >= contents.written[entry.checkpoint, default: 0] {
                entries[entry.part + "/" + entry.key] = entry
            }
        }

        subscript(_ part: Part, _ segment: StateSegment) -> Entry? { entries[part.name + "/" + segment.key] }
    }

    /// Returns the bytes it has written.
    private func write(
        _ part: Part, _ number: Int, _ known: Known, _ contents: inout Contents, _ writer: inout StateWriter
    ) throws(LeibrixError) -> Int {
        var file: File?
        var offset = 0
        for segment in part.segments {
            let old = known[part, segment]
            if let pass = segment.pass, let old {
                pass()
                contents.entries.append(old)
                continue
            }
            writer.reset()
            segment.write(&writer)
            if writer.bytes.isEmpty { continue }
            let checksum = Self.checksum(writer.bytes)
            if let old, old.count == writer.bytes.count, old.checksum == checksum {
                contents.entries.append(old)
                continue
            }
            if file == nil { file = try File(folder(number) + "/" + part.name, .create) }
            try unsafe file?.write(writer.bytes.span.bytes, at: offset)
            contents.entries.append(
                Entry(part: part.name, key: segment.key, checkpoint: number, offset: offset, count: writer.bytes.count, checksum: checksum))
            offset += writer.bytes.count
        }
        try file?.sync()
        return offset
    }

    private static func manifest(_ number: Int, _ contents: Contents, _ body: JSON) -> [UInt8] {
        let parts = contents.entries.map { entry in
            JSON.object([
                "name": .string(entry.part), "segment": .string(entry.key), "checkpoint": .integer(Int64(entry.checkpoint)), "offset": .integer(Int64(entry.offset)),
                "bytes": .integer(Int64(entry.count)), "crc32c": .integer(Int64(entry.checksum)),
            ])
        }
        let folders = contents.written.sorted { $0.key < $1.key }.map { JSON.object(["checkpoint": .integer(Int64($0.key)), "bytes": .integer(Int64($0.value))]) }
        let document = JSON.object(["number": .integer(Int64(number)), "parts": .array(parts), "folders": .array(folders), "body": body])
        let text = Array(document.text(indent: true).utf8)
        return Array("leibrix-stream-checkpoint \(version) \(checksum(text))\n".utf8) + text
    }

    /// Deletes what neither the newest nor the checkpoints kept need.
    func prune(_ newest: Int, _ contents: Contents) throws(LeibrixError) {
        let numbers = try numbers()
        var needed = Set(numbers.prefix(keep + 1))
        needed.insert(newest)
        needed.formUnion(contents.entries.map(\.checkpoint))
        for number in numbers.prefix(keep + 1) where number != newest {
            if let manifest = try? readManifest(number) { needed.formUnion(manifest.contents.entries.map(\.checkpoint)) }
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
        let (format, contents, body) = try readManifest(number)
        var parts: [String: [UInt8]] = [:]
        var files: [String: [UInt8]] = [:]
        for entry in contents.entries {
            let path = folder(entry.checkpoint) + "/" + entry.part
            if files[path] == nil { files[path] = try Files.read(path) }
            let bytes = files[path] ?? []
            guard entry.offset >= 0, entry.count >= 0, entry.offset + entry.count <= bytes.count else { throw Self.damaged(number, "part \(entry.part)") }
            let segment = bytes[entry.offset..<entry.offset + entry.count]
            guard Self.checksum(segment) == entry.checksum else { throw Self.damaged(number, "part \(entry.part)") }
            parts[entry.part, default: []] += segment
        }
        return Loaded(number: number, parts: parts, body: body, contents: contents, format: format)
    }

    private static func damaged(_ number: Int, _ what: String) -> LeibrixError {
        LeibrixError(.streamCheckpointCorrupt, "checkpoint \(number) is damaged", detail: what, hint: "Restore an older one, and look after the disk.")
    }

    private func readManifest(_ number: Int) throws(LeibrixError) -> (format: Int, contents: Contents, body: JSON) {
        let path = folder(number) + "/MANIFEST"
        guard Files.exists(path) else { throw LeibrixError(.streamNoCheckpoint, "there is no checkpoint \(number)") }
        let bytes = try Files.read(path)
        guard let end = bytes.firstIndex(of: 10) else { throw Self.damaged(number, "manifest") }
        let head = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ")
        let rest = Array(bytes[(end + 1)...])
        guard head.count == 3, head[0] == "leibrix-stream-checkpoint", UInt32(head[2]) == Self.checksum(rest) else { throw Self.damaged(number, "manifest") }
        guard let format = Int(head[1]), (1...Self.version).contains(format) else {
            throw LeibrixError(.streamCheckpointCorrupt, "checkpoint \(number) has format \(head[1])", hint: "This version reads formats 1 to \(Self.version).")
        }
        let document = try JSON.parse(utf8: rest)
        var contents = Contents()
        for part in document["parts"]?.array ?? [] {
            guard let name = part["name"]?.string, let checkpoint = part["checkpoint"]?.integer, let count = part["bytes"]?.integer,
                let checksum = part["crc32c"]?.integer
            else { throw Self.damaged(number, "manifest") }
            // Format 1 has one segment a part.
            contents.entries.append(
                Entry(
                    part: name, key: part["segment"]?.string ?? "", checkpoint: Int(checkpoint), offset: Int(part["offset"]?.integer ?? 0), count: Int(count),
                    checksum: UInt32(truncatingIfNeeded: checksum)))
        }
        for folder in document["folders"]?.array ?? [] {
            if let checkpoint = folder["checkpoint"]?.integer, let bytes = folder["bytes"]?.integer { contents.written[Int(checkpoint)] = Int(bytes) }
        }
        return (format, contents, document["body"] ?? .null)
    }
}
