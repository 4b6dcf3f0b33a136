// A session's settings in three layers: what it started with, what SET changed, and what SET LOCAL changed until the end
// of the transaction. Only differences from the server's defaults are kept, so that an idle session costs little.
//
// A transaction remembers the layer of SET as it was; rolling back, also to a savepoint, puts it back. Committing drops
// the local layer only.
internal import Base
internal import SQLSyntax

struct SessionSettings: Sendable {
    private let defaults: SettingsDefaults
    /// From the startup message: what RESET goes back to.
    private var started: [String: String] = [:] { didSet { derived = nil } }
    private(set) var layers = Layers() { didSet { derived = nil } }
    private var derived: DerivedSettings?
    /// The layers when the transaction began.
    private var atBegin: Layers?
    /// Names of reported settings whose value may have changed.
    private var touched: Set<String> = []

    struct Layers: Sendable, Equatable {
        var session: [String: String] = [:]
        var local: [String: String] = [:]
        var count: Int { session.count + local.count }
    }

    init(_ defaults: SettingsDefaults, fixed: [String: String]) {
        self.defaults = defaults
        started = fixed
        touched = Set(SettingDefinition.all.filter(\.isReported).map(\.name))
    }

    /// The value of a known or made-up setting; nil if there is none of this name.
    func value(_ name: String) -> String? {
        layers.local[name] ?? layers.session[name] ?? started[name] ?? defaults.values[name]
    }

    func integer(_ name: String) -> Int { value(name).flatMap { Int($0) } ?? 0 }

    /// What statements ask at every turn. Kept until a setting or the definitions of tables change.
    mutating func derive(catalog: String?, user: String, version: PlanVersion, temporary: String?, tableSchemas: () -> [String]) -> DerivedSettings {
        if let derived, derived.version == version { return derived }
        let made = DerivedSettings(self, catalog: catalog, user: user, version: version, tableSchemas: tableSchemas(), temporary: temporary)
        derived = made
        return made
    }

    func isOn(_ name: String) -> Bool { value(name) == "on" }

    /// The value, or `undefinedObject` with the nearest name.
    func required(_ name: String, position: Int? = nil) throws(LeibrixError) -> String {
        guard let value = value(name) else { throw unknown(name, position) }
        return value
    }

    private func unknown(_ name: String, _ position: Int?) -> LeibrixError {
        LeibrixError(
            .undefinedObject, "unrecognized configuration parameter \"\(name)\"",
            hint: nearestName(to: name, among: SettingDefinition.all.map(\.name)).map { "Did you mean \"\($0)\"?" }
                ?? "SHOW ALL lists the settings.", position: position)
    }

    mutating func set(_ name: String, _ values: [String], _ scope: SettingScope, position: Int? = nil) throws(LeibrixError) {
        let value = try checked(name, values, position)
        if layers.local[name] == nil, layers.session[name] == nil { try checkCount(name) }
        if scope == .local {
            layers.local[name] = value
        } else {
            layers.session[name] = value
            layers.local[name] = nil
        }
        touched.insert(name)
    }

    /// A setting that the startup message gives: it is the session's own default.
    mutating func start(_ name: String, _ value: String) throws(LeibrixError) {
        started[name] = try checked(name, SettingDefinition.table[name]?.isList == true ? Self.listElements(value) : [value], nil)
        touched.insert(name)
    }

    private func checked(_ name: String, _ values: [String], _ position: Int?) throws(LeibrixError) -> String {
        guard let definition = SettingDefinition.table[name] else {
            guard name.contains("."), !name.hasPrefix("leibrix.") else { throw unknown(name, position) }
            return values.joined(separator: ", ")
        }
        do throws(LeibrixError) {
            // PostgreSQL compares encodings by their letters and digits alone; asyncpg sends the name with its quotes.
            let isEncoding = name == "client_encoding"
            let plain = isEncoding ? values.map { $0.filter { $0.isLetter || $0.isNumber } } : values
            let value = try definition.canonical(plain, zones: defaults.zones)
            return isEncoding ? "UTF8" : value
        } catch {
            var error = error
            error.position = position
            throw error
        }
    }

    private func checkCount(_ name: String) throws(LeibrixError) {
        guard layers.count < SettingDefinition.all.count + SessionLimits.customSettingsMax else {
            throw LeibrixError(.limitExceeded, "a session has too many settings of its own", hint: "RESET ALL forgets them.")
        }
    }

    /// The internal way: values the session itself decides (transaction_isolation ..).
    mutating func impose(_ name: String, _ value: String?) {
        if let value, self.value(name) == value { return }
        layers.local[name] = value
        touched.insert(name)
    }

    mutating func reset(_ name: String, position: Int? = nil) throws(LeibrixError) {
        _ = try required(name, position: position)
        layers.session[name] = nil
        layers.local[name] = nil
        touched.insert(name)
    }

    mutating func resetAll() {
        touched.formUnion(layers.session.keys)
        touched.formUnion(layers.local.keys)
        layers = Layers()
    }

    /// Puts back an older state of the layers: ROLLBACK, ROLLBACK TO.
    mutating func restore(_ older: Layers) {
        touched.formUnion(layers.session.keys)
        touched.formUnion(layers.local.keys)
        layers = older
        touched.formUnion(layers.session.keys)
        touched.formUnion(layers.local.keys)
    }

    mutating func beginTransaction() { atBegin = layers }

    mutating func endTransaction(committed: Bool) {
        guard let before = atBegin else { return }
        atBegin = nil
        if committed {
            // Untouched where nothing was local: a change of layers makes statements derive them anew.
            guard !layers.local.isEmpty else { return }
            touched.formUnion(layers.local.keys)
            layers.local = [:]
        } else {
            var older = before
            older.local = [:]
            restore(older)
        }
    }

    /// Reported settings to tell the client, once.
    mutating func takeReported() -> [(name: String, value: String)] {
        guard !touched.isEmpty else { return [] }
        let names = touched.filter { SettingDefinition.table[$0]?.isReported == true }.sorted()
        touched = []
        return names.map { (SettingsDefaults.shown($0), value($0) ?? "") }
    }

    /// All settings by shown name, ordered, with what they are.
    func all() -> [(name: String, value: String, summary: String)] {
        SettingDefinition.all.map { (SettingsDefaults.shown($0.name), value($0.name) ?? "", $0.summary) }
            .sorted { $0.name.lowercased() < $1.name.lowercased() }
    }
}

extension SettingDefinition {
    var isList: Bool { if case .list = kind { true } else { false } }
}

extension SessionSettings {
    /// The elements of a list of names as a setting's value spells it: a, "B c".
    static func listElements(_ value: String) -> [String] {
        var elements: [String] = []
        var current = ""
        var quoted = false
        var wasQuoted = false
        for character in value {
            switch character {
            case "\"":
                quoted.toggle()
                wasQuoted = true
            case "," where !quoted:
                elements.append(current)
                current = ""
                wasQuoted = false
            case " " where !quoted: break
            default: current.append(quoted || wasQuoted ? character : Character(character.lowercased()))
            }
        }
        if !current.isEmpty || wasQuoted { elements.append(current) }
        return elements.filter { !$0.isEmpty }
    }

    /// The schemas that exist among search_path's, in order; `main` is public.
    func schemas(user: String, _ tableSchemas: [String] = []) -> [String] {
        let known = ["public", "pg_catalog", "information_schema", "leibrix"] + tableSchemas
        let wanted = Self.listElements(value("search_path") ?? "").map { $0 == "main" ? "public" : $0 == "$user" ? user : $0 }
        return wanted.filter { known.contains($0) }
    }

    /// What an executor must have applied. Unqualified names are looked up in search_path, then in pg_catalog.
    func profile(catalog: String?, user: String, tableSchemas: [String] = [], temporary: String? = nil) -> ExecutionProfile {
        let zone = value("timezone") ?? "UTC"
        guard let catalog else { return ExecutionProfile(searchPath: "", timeZone: zone) }
        var schemas = schemas(user: user, tableSchemas)
        if !schemas.contains("pg_catalog") { schemas.append("pg_catalog") }
        if let temporary { schemas.insert(temporary, at: 0) }
        return ExecutionProfile(searchPath: schemas.map { "\(catalog).\(sqlIdentifierIfNeeded("", $0))" }.joined(separator: ","), timeZone: zone)
    }
}
