// A backup of a whole data directory: the control store (users, roles, tenants, catalogs, datasets' definitions) and every tenant's
// tables, in the layout of a data directory. Datasets' rows are not in it: they are loaded again from their sources.
//
//   TARGET/control.db            the control store at one moment
//   TARGET/tables, wal, BACKUP   the default tenant's tables (TableBackup)
//   TARGET/tenants/T/…           another tenant's, likewise
//   TARGET/CONTENTS              what belongs to the backup, JSON, written last
//
// The control store is copied first: a tenant that comes later is not in the backup, and one that goes meanwhile comes back empty.
public import Base
internal import Catalog
internal import ControlStore
internal import Platform
public import TableEngine
internal import WriteAheadLog

public enum ServerBackup {
    /// A tenant's part: its folder in the backup, empty for the default tenant's.
    public typealias Part = (folder: String, tables: TableBackup.Summary)

    static let contents = "CONTENTS"

    /// Backs the data directory up into `target`, which must not hold a backup, while its server runs or not. `base`, an earlier
    /// backup of the same directory, makes it incremental: what the base has is not copied. Blocks.
    public static func make(data: String, to target: String, base: String? = nil, fault: String? = nil) throws(LeibrixError) -> [Part] {
        guard !Files.exists(target + "/" + contents) else {
            throw LeibrixError(.duplicateObject, "\(target) holds a backup already", hint: "Give a directory of its own to each backup.")
        }
        let inherited = try base.map { (base) throws(LeibrixError) in try folders(base) } ?? []
        try ControlStoreCopy.make(of: data, in: target)
        var parts: [Part] = []
        for folder in try tenants(data) {
            let from = inherited.contains(folder) ? base.map { join($0, folder) } : nil
            parts.append((folder, try TableBackup.make(data: join(data, folder), to: join(target, folder), base: from, fault: fault)))
        }
        let json: JSON = ["version": 1, "tenants": .array(parts.map { .string($0.folder) })]
        try Files.replace(target + "/" + contents, with: Array(json.text(indent: true).utf8))
        return parts
    }

    /// Reads a whole backup, its bases included, and changes nothing. Throws for whatever is not what was backed up. Blocks.
    public static func verify(_ directory: String) throws(LeibrixError) -> [Part] {
        let folders = try folders(directory)
        try ControlStoreCopy.check(directory)
        var parts: [Part] = []
        for folder in folders { parts.append((folder, try TableBackup.verify(join(directory, folder)))) }
        return parts
    }

    /// Makes a data directory of a backup that passes `verify`. With a `tenant` the goal is that one's, and the others get everything that
    /// the backup has; a position is one of a tenant's log, so that with tables of several in the backup it needs one. Blocks.
    public static func restore(
        _ directory: String, to goal: TableBackup.Goal, tenant: String? = nil, data: String
    ) throws(LeibrixError) -> [(folder: String, end: String)] {
        let folders = try folders(directory)
        let chosen = tenant.map { $0 == TenantRecord.defaultName ? "" : TenantParts.folder(of: $0) }
        if let tenant, let chosen, !folders.contains(chosen) {
            throw LeibrixError(.undefinedObject, "the backup holds no tables of tenant \(tenant)", hint: "leibrix verify lists what it holds.")
        }
        if case .position = goal, folders.count > 1, chosen == nil {
            throw LeibrixError(
                .configuration, "the backup holds tables of \(folders.count) tenants, whose logs have positions of their own",
                hint: "Name the position's with --tenant, or restore to a time.")
        }
        try ControlStoreCopy.check(directory)
        try ControlStoreCopy.make(of: directory, in: data)
        var ends: [(folder: String, end: String)] = []
        for folder in folders {
            let extent = try TableBackup.restore(
                join(directory, folder), to: chosen.map { $0 == folder } ?? true ? goal : .everything, data: join(data, folder))
            ends.append((folder, extent.end.description))
        }
        return ends
    }

    private static func join(_ directory: String, _ folder: String) -> String { folder.isEmpty ? directory : directory + "/" + folder }

    /// Folders of a data directory that hold a tenant's tables.
    private static func tenants(_ data: String) throws(LeibrixError) -> [String] {
        var found = [""]
        guard Files.exists(data + "/tenants") else { return found }
        for entry in try Files.list(data + "/tenants") where entry.isDirectory && Files.exists("\(data)/tenants/\(entry.name)/tables/CHECKPOINT") {
            found.append("tenants/" + entry.name)
        }
        return found.sorted()
    }

    private static func folders(_ backup: String) throws(LeibrixError) -> [String] {
        guard Files.exists(backup + "/" + contents) else {
            throw LeibrixError(.undefinedObject, "\(backup) holds no complete backup", hint: "CONTENTS is written last: make the backup again.")
        }
        guard let json = try? JSON.parse(String(decoding: Files.read(backup + "/" + contents), as: UTF8.self)), json["version"]?.integer == 1,
            let folders = json["tenants"]?.array?.compactMap(\.string), folders.allSatisfy({ !$0.contains("..") })
        else { throw LeibrixError(.corruptSegment, "\(backup)/CONTENTS is damaged", hint: "Use another backup.") }
        return folders
    }
}
