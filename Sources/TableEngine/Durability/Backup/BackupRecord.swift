// What a backup consists of: the file BACKUP, JSON, written last.
internal import Base
internal import Platform
internal import WriteAheadLog

struct BackupRecord {
    struct Item: Hashable {
        var bytes: Int
        var checksum: UInt32
        /// The base that has it; nil is this backup.
        var directory: String?
    }

    var base: String?
    var position: LSN
    var end: LSN
    var lastMicros: Int64?
    /// By path inside the backup.
    var files: [String: Item]

    /// Where row groups' files of this backup and its bases lie, by name.
    func chain(_ directory: String, _ disk: any Disk) throws(LeibrixError) -> [String: String] {
        var found: [String: String] = [:]
        for (path, item) in files where path.hasPrefix("tables/") && GroupFile.isOne(path) {
            found[String(path.dropFirst(7))] = item.directory ?? directory
        }
        return found
    }

    /// Takes down every file of the backup.
    mutating func note(
        _ target: String, _ manifest: CheckpointManifest, _ inherited: [String: String], _ disk: any Disk
    ) throws(LeibrixError) {
        var paths = ["tables/" + CheckpointManifest.name] + manifest.files.map { "tables/" + $0 }
        paths += try LogArchive.segments(target + "/wal", from: manifest.position, disk).map { "wal/" + $0 }
        for path in paths {
            let directory = inherited[String(path.dropFirst(7))]
            let bytes = try DiskFiles.read((directory ?? target) + "/" + path, disk)
            files[path] = Item(bytes: bytes.count, checksum: LogChecksum.crc32c(bytes, from: 0), directory: directory)
        }
    }

    var encoded: [UInt8] {
        let items = files.sorted { $0.key < $1.key }.map { path, item -> JSON in
            [
                "path": .string(path), "bytes": .integer(Int64(item.bytes)), "crc32c": .integer(Int64(item.checksum)),
                "in": .optional(item.directory),
            ]
        }
        let json: JSON = [
            "version": 1, "base": .optional(base), "from": .string(position.description), "to": .string(end.description),
            "lastMicros": .optional(lastMicros), "files": .array(items),
        ]
        return Array(json.text(indent: true).utf8)
    }

    static func read(_ directory: String, _ disk: any Disk) throws(LeibrixError) -> BackupRecord {
        let path = directory + "/" + TableBackup.name
        guard try disk.files(in: directory).contains(TableBackup.name) else {
            throw LeibrixError(.undefinedObject, "\(directory) holds no complete backup", hint: "BACKUP is written last: make the backup again.")
        }
        let text = String(decoding: try DiskFiles.read(path, disk), as: UTF8.self)
        guard let json = try? JSON.parse(text), json["version"]?.integer == 1, let from = json["from"]?.string.flatMap({ LSN($0) }),
            let end = json["to"]?.string.flatMap({ LSN($0) }), let items = json["files"]?.array
        else { throw CheckpointManifest.damaged(path) }
        var record = BackupRecord(
            base: json["base"]?.string, position: from, end: end, lastMicros: json["lastMicros"]?.integer, files: [:])
        for item in items {
            guard let name = item["path"]?.string, let bytes = item["bytes"]?.integer,
                let checksum = item["crc32c"]?.integer.flatMap({ UInt32(exactly: $0) })
            else { throw CheckpointManifest.damaged(path) }
            record.files[name] = Item(bytes: Int(bytes), checksum: checksum, directory: item["in"]?.string)
        }
        return record
    }
}
