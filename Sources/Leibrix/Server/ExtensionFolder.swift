public import Base
internal import Platform

/// Where DuckDB's extensions lie: as configured, else `extensions` beside the folder of the DuckDB library, found from the
/// executable's own path upwards (`.deps/duckdb` of a checkout, `../lib/leibrix` of an installation).
public enum ExtensionFolder {
    public static func find(_ configured: String?) -> String? {
        if let configured { return configured }
        guard let executable = Files.executablePath else { return nil }
        var folder = executable[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            for candidate in ["\(folder)/.deps/duckdb/extensions", "\(folder)/lib/leibrix/extensions"] where Files.exists(candidate) {
                return candidate
            }
        }
        return nil
    }

    public static func require(_ configured: String?) throws(LeibrixError) -> String {
        guard let folder = find(configured), Files.exists(folder) else {
            throw LeibrixError(
                .configuration, "DuckDB's extensions are not found\(configured.map { " in \($0)" } ?? "")",
                hint: "Name their directory with --extensions; scripts/setup puts them into .deps/duckdb/extensions.")
        }
        return folder
    }
}
