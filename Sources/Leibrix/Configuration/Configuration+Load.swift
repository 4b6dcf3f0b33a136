// Flags over environment over file over defaults. Every layer is read whole before the next one, so that a mistake in any
// of them is found.
public import Base
internal import Platform
internal import SQLSyntax

/// Where a setting's value came from.
public enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    case standard
    case file(String, line: Int)
    case environment(String)
    case flag(String)

    public var description: String {
        switch self {
        case .standard: "default"
        case .file(let path, let line): "\(path), line \(line)"
        case .environment(let name): name
        case .flag(let flag): flag
        }
    }
}

extension Configuration {
    public struct Loaded: Sendable {
        public var configuration: Configuration
        /// By setting name; those not here have their default.
        public var origins: [String: SettingOrigin]
    }

    /// - Parameters:
    ///   - flags: setting names with their text, already taken from the command line.
    ///   - file: a YAML file; nil for none.
    public static func load(
        flags: [(name: String, value: String)], environment: [String: String], file: String?
    ) throws(LeibrixError) -> Loaded {
        var loaded = Loaded(configuration: Configuration(), origins: [:])
        if let file { try loaded.read(file) }
        try loaded.read(environment)
        for (name, value) in flags {
            guard let setting = Setting.named(name) else { throw unknown(name, "the command line") }
            try loaded.set(setting, value, .flag(setting.flag))
        }
        try loaded.configuration.validate()
        return loaded
    }

    fileprivate static func unknown(_ name: String, _ place: String) -> LeibrixError {
        LeibrixError(
            .configuration, "there is no setting \(name)", detail: place,
            hint: later[name] ?? suggestion(for: name, among: Setting.table.map(\.name), what: "settings"))
    }

    /// Settings of parts that are not in this version, so that nobody looks for a typing mistake.
    static let later = [
        "flight": "Arrow Flight SQL is not served yet.", "mysql": "The MySQL protocol is not served yet.",
        "rpc": "There is no control plane yet: serve runs all roles in one process.",
    ]

    private func validate() throws(LeibrixError) {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            let missing = tlsCertificate == nil ? "tls.cert" : "tls.key"
            throw LeibrixError(.configuration, "\(missing) is not set", hint: "tls.cert and tls.key are given together.")
        }
    }
}

extension Configuration.Loaded {
    fileprivate mutating func read(_ file: String) throws(LeibrixError) {
        let text = try Files.read(file)
        for entry in try YAMLDocument.entries(of: text, file: file) {
            let place = "\(file), line \(entry.line)"
            guard let setting = Setting.named(entry.path) else { throw Configuration.unknown(entry.path, place) }
            if case .file(_, let first)? = origins[setting.name] {
                throw LeibrixError(.configuration, "\(setting.name) stands twice", detail: "\(file), lines \(first) and \(entry.line)")
            }
            try set(setting, entry.value, .file(file, line: entry.line))
        }
    }

    /// Variables that begin with LEIBRIX_. An unknown one is an error: it would be a setting that does nothing.
    fileprivate mutating func read(_ environment: [String: String]) throws(LeibrixError) {
        let byVariable = Dictionary(uniqueKeysWithValues: Setting.table.map { ($0.variable, $0) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("LEIBRIX_") {
            if Configuration.otherVariables.contains(name) { continue }
            if name.hasPrefix(Configuration.variablePrefix) {
                configuration.variables[String(name.dropFirst(Configuration.variablePrefix.count))] = value
                continue
            }
            guard let setting = byVariable[name] else {
                let meant = suggestion(for: name, among: Array(byVariable.keys), what: "variables")
                throw LeibrixError(.configuration, "there is no setting for variable \(name)", hint: meant)
            }
            try set(setting, value, .environment(name))
        }
    }

    fileprivate mutating func set(_ setting: Setting, _ text: String, _ origin: SettingOrigin) throws(LeibrixError) {
        do throws(LeibrixError) {
            try setting.apply(&configuration, text)
        } catch {
            var placed = error
            placed.detail = origin.description
            throw placed
        }
        origins[setting.name] = origin
    }
}

extension Configuration {
    /// What stands in front of names that options of sources and sinks may use as `${NAME}`.
    static let variablePrefix = "LEIBRIX_VAR_"

    /// Variables with our prefix that are no settings of the server: the file's own, the build's and the shell's.
    static let otherVariables: Set<String> = [
        "LEIBRIX_CONFIG", "LEIBRIX_ONLY", "LEIBRIX_HISTORY", "LEIBRIX_EXECUTABLE", "LEIBRIX_QUERIES", "LEIBRIX_SEED", "LEIBRIX_SLT",
        "LEIBRIX_SLT_UPDATE", "LEIBRIX_FAULT", "LEIBRIX_SOAK",
    ]
}
