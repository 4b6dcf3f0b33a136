public import Base
internal import Columnar

/// Where a catalog's tables lie. MySQL and StarRocks speak one protocol and share an adapter.
public enum CatalogType: String, Sendable, Hashable, CaseIterable {
    case iceberg, delta, parquet, postgres, mysql, starrocks
}

/// A named source of tables, as CREATE CATALOG made it.
public struct CatalogSpec: Sendable, Hashable {
    public var tenant: String
    public var name: String
    public var type: CatalogType
    /// What SHOW CATALOGS may print.
    public var options: [String: String]
    /// Keys, passwords and tokens: stored, never shown, never logged.
    public var secrets: [String: String]

    public init(
        tenant: String, name: String, type: CatalogType, options: [String: String], secrets: [String: String] = [:]
    ) {
        self.tenant = tenant
        self.name = name
        self.type = type
        self.options = options
        self.secrets = secrets
    }

    public var key: TenantName { TenantName(tenant, name) }
    public subscript(_ option: String) -> String? { options[option] ?? secrets[option] }
}

extension CatalogSpec {
    typealias KnownOption = (name: String, required: Bool, secret: Bool)

    /// Options of each type: name, whether it must be given, whether it is secret.
    static func known(_ type: CatalogType) -> [KnownOption] {
        let objectStore: [KnownOption] = [
            ("endpoint", false, false), ("region", false, false), ("url_style", false, false), ("use_ssl", false, false),
            ("key", false, true), ("secret", false, true), ("session_token", false, true),
        ]
        let server: [KnownOption] = [
            ("uri", false, true), ("host", false, false), ("port", false, false), ("user", false, false),
            ("database", false, false), ("password", false, true), ("sslmode", false, false),
        ]
        let rest: [KnownOption] = [
            ("warehouse", false, false), ("token", false, true), ("client_id", false, false), ("client_secret", false, true),
            ("oauth2_server_uri", false, false),
        ]
        switch type {
        case .iceberg: return [("uri", true, false)] + rest + objectStore
        case .delta, .parquet: return [("uri", true, false)] + objectStore
        case .postgres, .mysql, .starrocks: return server
        }
    }

    /// The spec that a CREATE CATALOG's options ask for. Throws `invalidOption` and `invalidName`.
    public static func make(
        tenant: String, name: String, options: [SpecOption]
    ) throws(LeibrixError) -> CatalogSpec {
        try ObjectName.check(name, kind: "catalog")
        var reader = try OptionReader(options, subject: "catalog")
        let type = try takeType(&reader)
        var spec = CatalogSpec(tenant: tenant, name: name, type: type, options: [:])
        for option in known(type) {
            guard let text = try reader.text(option.name) else {
                guard !option.required else { throw missing(option.name, type) }
                continue
            }
            if option.secret { spec.secrets[option.name] = text } else { spec.options[option.name] = text }
        }
        try reader.finish(allowed: known(type).map(\.name) + ["type"])
        try spec.check()
        return spec
    }

    private static func takeType(_ reader: inout OptionReader) throws(LeibrixError) -> CatalogType {
        let all = CatalogType.allCases.map(\.rawValue).joined(separator: ", ")
        guard let option = reader.take("type") else {
            throw LeibrixError(.invalidOption, "a catalog needs option \"type\"", hint: "It is one of: \(all).")
        }
        guard case .string(let text) = option.value, let type = CatalogType(rawValue: text.lowercased()) else {
            throw OptionReader.invalid(option, takes: "one of: \(all)")
        }
        return type
    }

    private static func missing(_ option: String, _ type: CatalogType) -> LeibrixError {
        LeibrixError(
            .invalidOption, "a catalog of type \(type.rawValue) needs option \"\(option)\"",
            hint: "For example: WITH (type = '\(type.rawValue)', uri = 'file:///path/to/the/tables').")
    }

    private func check() throws(LeibrixError) {
        if let port = options["port"], UInt16(port) == nil {
            throw LeibrixError(.invalidOption, "option \"port\" does not take '\(port)'", hint: "It takes 1 to 65535.")
        }
        if let style = options["url_style"], style != "path", style != "vhost" {
            throw LeibrixError(.invalidOption, "option \"url_style\" does not take '\(style)'", hint: "It takes 'path' or 'vhost'.")
        }
        if let flag = options["use_ssl"], flag != "true", flag != "false" {
            throw LeibrixError(.invalidOption, "option \"use_ssl\" does not take '\(flag)'", hint: "It takes true or false.")
        }
        guard let uri = options["uri"], secrets["uri"] == nil else { return }
        let schemes = ["file://", "s3://", "http://", "https://", "/", "gs://", "az://", "abfss://"]
        guard schemes.contains(where: uri.hasPrefix) else {
            throw LeibrixError(
                .invalidOption, "option \"uri\" does not take '\(uri)'",
                hint: "It takes an absolute path, file:///path, s3://bucket/path, or the http(s) address of a REST catalog.")
        }
    }
}
