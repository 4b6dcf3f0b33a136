internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit

enum SourceAdapters {
    static func make(_ catalog: CatalogSpec) -> any SourceAdapter {
        switch catalog.type {
        case .parquet: ParquetAdapter(catalog: catalog)
        case .iceberg: (catalog["uri"] ?? "").hasPrefix("http") ? RESTAdapter(catalog: catalog) : IcebergAdapter(catalog: catalog)
        case .delta: DeltaAdapter(catalog: catalog)
        case .postgres: ServerAdapter(catalog: catalog, dialect: .postgres)
        case .mysql, .starrocks: ServerAdapter(catalog: catalog, dialect: .mysql)
        }
    }

    /// "file:///a/b" and "/a/b" as "/a/b", without a trailing slash; other schemes as they are.
    static func path(_ uri: String) -> String {
        var path = uri
        if path.hasPrefix("file://") { path = String(path.dropFirst(7)) } else if path.hasPrefix("file:/") { path = String(path.dropFirst(5)) }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    static func isLocal(_ path: String) -> Bool { path.hasPrefix("/") }

    /// The columns that a relation has, in its order.
    static func columns(of relation: String, _ connection: Connection) throws(LeibrixError) -> [ColumnDefinition] {
        let fields = try connection.prepare("SELECT * FROM \(relation)").columns ?? []
        return fields.map { ColumnDefinition($0.name, $0.type) }
    }

    static func noTable(_ table: [String], _ catalog: CatalogSpec, _ known: [[String]]) -> LeibrixError {
        let names = known.prefix(20).map { $0.joined(separator: ".") }.joined(separator: ", ")
        return LeibrixError(
            .undefinedSourceTable, "catalog \"\(catalog.name)\" has no table \"\(table.joined(separator: "."))\"",
            hint: known.isEmpty ? "The catalog has no tables." : "It has: \(names)\(known.count > 20 ? ", ..." : "").")
    }

    static func unavailable(_ catalog: CatalogSpec, _ what: String) -> LeibrixError {
        LeibrixError(
            .sourceUnavailable, "the source of catalog \"\(catalog.name)\" does not answer: \(what)",
            hint: "Epochs that are READY keep serving; the source is asked again by itself.")
    }
}

/// Access to an object store, as a secret of the loader's instance.
enum ObjectStore {
    static func extensions(_ uri: String) -> [String] { SourceAdapters.isLocal(SourceAdapters.path(uri)) ? [] : ["httpfs"] }

    static func setup(_ catalog: CatalogSpec) -> [String] {
        let uri = catalog["uri"] ?? ""
        let place = uri.hasPrefix("s3://") ? uri : (catalog["warehouse"] ?? "").hasPrefix("s3://") ? catalog["warehouse"]! : ""
        guard !place.isEmpty else { return [] }
        let bucket = place.dropFirst(5).prefix { $0 != "/" }
        let parameters: [(String, String)] = [
            ("KEY_ID", "key"), ("SECRET", "secret"), ("SESSION_TOKEN", "session_token"), ("REGION", "region"),
            ("ENDPOINT", "endpoint"), ("URL_STYLE", "url_style"), ("USE_SSL", "use_ssl"),
        ]
        var parts = ["TYPE s3"]
        for (name, option) in parameters {
            guard var text = catalog[option] else { continue }
            if option == "endpoint", let scheme = text.firstRange(of: "://") { text = String(text[scheme.upperBound...]) }
            parts.append("\(name) \(option == "use_ssl" ? text : SQLText.literal(text))")
        }
        if catalog["use_ssl"] == nil, catalog["endpoint"]?.hasPrefix("http://") == true { parts.append("USE_SSL false") }
        // The longest scope wins: two catalogs of one bucket each have their own keys below their own folders.
        return zip(secrets(catalog), [folder(place), "s3://" + bucket]).map { name, scope in
            let options = (parts + ["SCOPE \(SQLText.literal(scope))"]).joined(separator: ", ")
            return "CREATE OR REPLACE TEMPORARY SECRET \(SQLText.name(name)) (\(options))"
        }
    }

    /// Names of what `setup` makes.
    static func secrets(_ catalog: CatalogSpec) -> [String] { ["lbx_folder_\(catalog.name)", "lbx_place_\(catalog.name)"] }

    /// What stands before the first wildcard, up to its last slash.
    private static func folder(_ place: String) -> String {
        guard let wild = place.firstIndex(where: { "*?[{".contains($0) }) else { return place }
        return String(place[..<wild].prefix(through: place[..<wild].lastIndex(of: "/") ?? place.startIndex))
    }
}
