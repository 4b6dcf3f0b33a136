internal import Base
internal import Catalog
internal import Columnar
internal import ControlStore
internal import DuckDBKit
internal import Platform

/// Finds tables and their current metadata file in a warehouse.
struct IcebergWarehouse {
    let catalog: CatalogSpec

    /// The folder that tables lie in; of a catalog given by its database file, that file's folder.
    private var root: String {
        let path = SourceAdapters.path(catalog["warehouse"] ?? catalog["uri"] ?? "")
        guard catalog["warehouse"] == nil, Self.isDatabaseName(path) else { return path }
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? path
    }

    private static func isDatabaseName(_ path: String) -> Bool {
        [".db", ".sqlite", ".sqlite3"].contains(where: path.hasSuffix) && Files.status(path)?.isDirectory == false
    }

    func metadataLocation(_ table: [String], _ connection: Connection) throws(LeibrixError) -> String {
        guard table.count >= 2 else {
            throw LeibrixError(
                .undefinedSourceTable, "\"\(table.joined(separator: "."))\" names no table of an iceberg catalog",
                hint: "Write \(catalog.name).namespace.table.")
        }
        if let location = try locationByDatabase(table) { return SourceAdapters.path(location) }
        for folder in folders(of: table) {
            if let location = try locationByFolder(folder + "/metadata", connection) { return location }
        }
        throw try SourceAdapters.noTable(table, catalog, tables(connection))
    }

    func tables(_ connection: Connection) throws(LeibrixError) -> [[String]] {
        var names: Set<[String]> = []
        for path in try databases() {
            for row in try SQLiteDatabase(path, .readOnly).run("SELECT table_namespace, table_name FROM iceberg_tables") {
                guard let namespace = row[0].text, let name = row[1].text else { continue }
                names.insert(namespace.split(separator: ".").map(String.init) + [name])
            }
        }
        if SourceAdapters.isLocal(root) {
            guard Files.status(root)?.isDirectory == true else { throw SourceAdapters.unavailable(catalog, "there is no folder \(root)") }
            names.formUnion(try Self.tableFolders(root, [], depth: 0))
        } else {
            let found = try connection.rows("SELECT file FROM glob(\(SQLText.literal(root + "/**/metadata/*.metadata.json")))")
            for row in found {
                guard let path = row[0].text?.dropFirst(root.count + 1) else { continue }
                names.insert(path.split(separator: "/").dropLast(2).map { Self.namespace(String($0)) })
            }
        }
        return names.sorted { $0.joined(separator: ".") < $1.joined(separator: ".") }
    }

    private static func namespace(_ folder: String) -> String { folder.hasSuffix(".db") ? String(folder.dropLast(3)) : folder }

    private static func tableFolders(_ folder: String, _ path: [String], depth: Int) throws(LeibrixError) -> [[String]] {
        guard depth < 8 else { return [] }
        if depth > 1, Files.status(folder + "/metadata")?.isDirectory == true { return [path] }
        var found: [[String]] = []
        for entry in try Files.list(folder) where entry.isDirectory && entry.name != "data" && !entry.name.hasPrefix(".") {
            found += try tableFolders(folder + "/" + entry.name, path + [namespace(entry.name)], depth: depth + 1)
        }
        return found
    }

    /// SQLite files that hold a table of Iceberg tables.
    private func databases() throws(LeibrixError) -> [String] {
        let path = SourceAdapters.path(catalog["uri"] ?? "")
        if SourceAdapters.isLocal(path), Self.isDatabaseName(path) { return [path] }
        guard SourceAdapters.isLocal(root), Files.status(root)?.isDirectory == true else { return [] }
        var found: [String] = []
        for entry in try Files.list(root) where !entry.isDirectory {
            let path = root + "/" + entry.name
            guard Self.isDatabaseName(path), let head = try? File(path, .read).read(15, at: 0), head.elementsEqual("SQLite format 3".utf8)
            else { continue }
            let tables = try SQLiteDatabase(path, .readOnly).run("SELECT 1 FROM sqlite_master WHERE name = 'iceberg_tables'")
            if !tables.isEmpty { found.append(path) }
        }
        return found
    }

    private func locationByDatabase(_ table: [String]) throws(LeibrixError) -> String? {
        for path in try databases() {
            let rows = try SQLiteDatabase(path, .readOnly).run(
                "SELECT metadata_location FROM iceberg_tables WHERE table_namespace = ?1 AND table_name = ?2",
                [.text(table.dropLast().joined(separator: ".")), .text(table[table.count - 1])])
            if let location = rows.first?.first?.text { return location }
        }
        return nil
    }

    private func folders(of table: [String]) -> [String] {
        let namespace = table.dropLast().joined(separator: "/")
        return ["\(root)/\(namespace)/\(table[table.count - 1])", "\(root)/\(namespace).db/\(table[table.count - 1])"]
    }

    /// By version-hint.text, else the metadata file of the highest version; of equal versions the last by name.
    private func locationByFolder(_ folder: String, _ connection: Connection) throws(LeibrixError) -> String? {
        let names = try SourceFiles.names(in: folder, suffix: ".metadata.json", connection)
        guard !names.isEmpty else { return nil }
        let hint = folder + "/version-hint.text"
        if try SourceFiles.exists(hint, connection) {
            let version = try SourceFiles.read(hint, connection).filter { !$0.isWhitespace }
            if let named = names.first(where: { $0 == "v\(version).metadata.json" || $0 == "\(version).metadata.json" || $0 == version }) {
                return folder + "/" + named
            }
        }
        let newest = names.max { (Self.version($0), $0) < (Self.version($1), $1) }
        return newest.map { folder + "/" + $0 }
    }

    /// "00005-uuid.metadata.json" and "v5.metadata.json" are version 5.
    private static func version(_ name: String) -> Int {
        Int(name.drop { $0 == "v" }.prefix { $0.isASCII && $0.isNumber }) ?? -1
    }
}
