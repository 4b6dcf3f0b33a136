// Backups of a table engine's directory, made by reading its files, whether a server has it or not.
//
// A checkpoint's files never change while it counts, and its log only grows. So a backup is: the manifest, the files that it names, the
// log's segments from its position on; and then the manifest again. When that is another one, a checkpoint was made meanwhile and may have
// deleted what was being copied: then once more, and only what the new manifest names and is not there yet is copied. The copy's log is
// settled as after a crash: it ends with the last commit that was whole when it was read.
//
// An incremental backup leaves out the row groups that its base has. It needs its base to be restored, and the base's bases.
public import Base
public import Platform
public import WriteAheadLog

public enum TableBackup {
    /// What a backup holds.
    public struct Summary: Sendable, Hashable {
        /// Commits from the first position on can be restored one by one, up to the second.
        public var from: LSN
        public var to: LSN
        /// When the last commit was made, microseconds since 1970; nil when the log part is empty.
        public var lastMicros: Int64?
        public var files: Int
        public var bytesCopied: Int
        /// Files that are in bases.
        public var inherited: Int
    }

    static let name = "BACKUP"
    private static let attemptsMax = 20

    /// Backs the tables of the data directory `data` up into `target`, which must not hold a backup. `base` makes it incremental.
    /// Blocks. O(bytes that are not in the base).
    public static func make(
        data: String, to target: String, base: String? = nil, disk: any Disk = LinuxDisk(), fault: String? = nil
    ) throws(LeibrixError) -> Summary {
        let tables = Durability.tables(data)
        guard Files.exists(tables) || !(disk is LinuxDisk) else {
            throw LeibrixError(.configuration, "\(data) holds no tables", hint: "Give the directory that serve was given with --data.")
        }
        for part in [target, Durability.tables(target), Durability.wal(target)] { try disk.createDirectory(part) }
        guard try !disk.files(in: target).contains(name) else {
            throw LeibrixError(.duplicateObject, "\(target) holds a backup already", hint: "Give a directory of its own to each backup.")
        }
        let inherited = try base.map { (base) throws(LeibrixError) in try BackupRecord.read(base, disk).chain(base, disk) } ?? [:]
        for number in 1...attemptsMax {
            do throws(LeibrixError) {
                if let summary = try attempt(data, target, base, inherited, disk, TableFaults(named: fault)) { return summary }
            } catch where error.code == .corruptLog && number < attemptsMax {
                // A segment was read while the server wrote to it, later bytes before earlier ones.
                continue
            }
        }
        throw LeibrixError(.objectInUse, "checkpoints are made faster than they can be copied", hint: "Back up to a faster disk, or at a quieter time.")
    }

    /// nil when a checkpoint came between.
    private static func attempt(
        _ data: String, _ target: String, _ base: String?, _ inherited: [String: String], _ disk: any Disk, _ faults: TableFaults
    ) throws(LeibrixError) -> Summary? {
        let manifestPath = Durability.tables(data) + "/" + CheckpointManifest.name
        guard try disk.files(in: Durability.tables(data)).contains(CheckpointManifest.name) else {
            throw LeibrixError(.notReady, "\(data) has no checkpoint yet", hint: "A server makes one when it starts: start it once.")
        }
        let before = try DiskFiles.read(manifestPath, disk)
        let manifest = try CheckpointManifest(decoding: before, path: manifestPath)
        var record = BackupRecord(base: base, position: manifest.position, end: manifest.position, lastMicros: nil, files: [:])
        var copied = 0
        do throws(LeibrixError) {
            for file in manifest.files.sorted() {
                faults.reach(.backupCopying)
                if inherited[file] != nil { continue }
                copied += try copy("tables/" + file, data, target, disk)
            }
            let segments = try LogArchive.segments(Durability.wal(data), from: manifest.position, disk)
            for segment in segments.reversed() { copied += try copy("wal/" + segment, data, target, disk) }
        } catch where error.code == .io {
            // Deleted while it was copied, or the disk fails: the next attempt tells.
            guard try DiskFiles.read(manifestPath, disk) != before else { throw error }
        }
        guard try DiskFiles.read(manifestPath, disk) == before else { return nil }
        try DiskFiles.write(before, Durability.tables(target) + "/" + CheckpointManifest.name, disk)
        let extent = try LogArchive.settle(Durability.wal(target), from: manifest.position, disk)
        record.end = extent.end
        record.lastMicros = extent.lastMicros
        try record.note(target, manifest, inherited, disk)
        try DiskFiles.write(record.encoded, target + "/" + name, disk)
        for part in [Durability.tables(target), Durability.wal(target), target] { try disk.syncDirectory(part) }
        return Summary(
            from: record.position, to: record.end, lastMicros: record.lastMicros, files: record.files.count, bytesCopied: copied,
            inherited: record.files.values.count { $0.directory != nil })
    }

    /// Copies a file unless it is there, which row groups' files may be from an earlier attempt. Returns the bytes.
    private static func copy(_ path: String, _ from: String, _ to: String, _ disk: any Disk) throws(LeibrixError) -> Int {
        let bytes = try DiskFiles.read(from + "/" + path, disk)
        try DiskFiles.write(bytes, to + "/" + path, disk)
        return bytes.count
    }

    /// Reads a whole backup, bases included: every file's length and checksum, every commit of the log. Changes nothing. Blocks.
    public static func verify(_ directory: String, disk: any Disk = LinuxDisk()) throws(LeibrixError) -> Summary {
        let record = try BackupRecord.read(directory, disk)
        for (path, file) in record.files.sorted(by: { $0.key < $1.key }) {
            let whole = (file.directory ?? directory) + "/" + path
            let bytes = try DiskFiles.read(whole, disk)
            guard bytes.count == file.bytes, LogChecksum.crc32c(bytes, from: 0) == file.checksum else {
                throw LeibrixError(.corruptSegment, "\(whole) is not what was backed up", hint: "Use another backup.")
            }
        }
        let extent = try LogArchive.look(Durability.wal(directory), from: record.position, disk)
        guard extent.end == record.end else {
            throw LeibrixError(.corruptLog, "the backup's log ends at \(extent.end), not at \(record.end)", hint: "Use another backup.")
        }
        return Summary(
            from: record.position, to: record.end, lastMicros: record.lastMicros, files: record.files.count, bytesCopied: 0,
            inherited: record.files.values.count { $0.directory != nil })
    }

    /// How far a restore goes.
    public enum Goal: Sendable, Hashable {
        case everything
        /// Commits whose records end at or before this position.
        case position(LSN)
        /// Commits made up to this time, microseconds since 1970.
        case time(Int64)
    }

    /// Makes a data directory of a backup that passes `verify`; `data` must not hold tables. Blocks.
    public static func restore(
        _ directory: String, to goal: Goal, data: String, disk: any Disk = LinuxDisk()
    ) throws(LeibrixError) -> LogArchive.Extent {
        let summary = try verify(directory, disk: disk)
        if case .position(let position) = goal, position < summary.from || position > summary.to {
            throw LeibrixError(.outOfRange, "the backup reaches from \(summary.from) to \(summary.to), not to \(position)", hint: "Use another backup.")
        }
        for part in [data, Durability.tables(data), Durability.wal(data)] { try disk.createDirectory(part) }
        guard try disk.files(in: Durability.tables(data)).isEmpty, try disk.files(in: Durability.wal(data)).isEmpty else {
            throw LeibrixError(.duplicateObject, "\(data) holds tables already", hint: "Restore into a new directory.")
        }
        let record = try BackupRecord.read(directory, disk)
        for (path, file) in record.files.sorted(by: { $0.key < $1.key }) { _ = try copy(path, file.directory ?? directory, data, disk) }
        let extent = try LogArchive.cut(Durability.wal(data), from: record.position, disk) { record in
            switch goal {
            case .everything: true
            case .position(let position): record.end <= position
            case .time(let micros): record.micros <= micros
            }
        }
        for part in [Durability.tables(data), Durability.wal(data), data] { try disk.syncDirectory(part) }
        return extent
    }
}
