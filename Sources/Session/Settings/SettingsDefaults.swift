/// What every session starts with: the table's values and those the server knows when it starts.
struct SettingsDefaults: Sendable {
    var values: [String: String]
    var zones: TimeZoneNames

    init(_ configuration: SQLServerConfiguration, zones: TimeZoneNames) {
        values = Dictionary(uniqueKeysWithValues: SettingDefinition.all.map { ($0.name, $0.initial) })
        values["server_version"] = "\(configuration.compatibleVersion) (Leibrix \(configuration.productVersion))"
        values["server_version_num"] = String(configuration.compatibleVersionNumber)
        values["max_connections"] = String(configuration.connectionsMax)
        self.zones = zones
    }

    /// Names as clients expect them reported and listed, where that is not lower case.
    static let shownNames = ["datestyle": "DateStyle", "intervalstyle": "IntervalStyle", "timezone": "TimeZone"]

    static func shown(_ name: String) -> String { shownNames[name] ?? name }
}
