internal import Base
internal import Catalog

extension ControlRecord {
    /// The kind and the value as the store keeps them.
    var encoded: (kind: String, value: String) {
        switch self {
        case .tenant(let record): ("tenant", record.json.text())
        case .user(let record): ("user", record.json.text())
        case .catalog(let spec): ("catalog", spec.json.text())
        case .dataset(let record): ("dataset", record.json.text())
        case .epoch(let record): ("epoch", record.json.text())
        case .setting(let name, let value): ("setting", (["name": .string(name), "value": .string(value)] as JSON).text())
        }
    }

    /// nil for what `encoded` does not write.
    init?(kind: String, value: String) {
        guard let json = try? JSON.parse(value) else { return nil }
        let record: ControlRecord? =
            switch kind {
            case "tenant": TenantRecord(json: json).map { .tenant($0) }
            case "user": UserRecord(json: json).map { .user($0) }
            case "catalog": CatalogSpec(json: json).map { .catalog($0) }
            case "dataset": DatasetRecord(json: json).map { .dataset($0) }
            case "epoch": EpochRecord(json: json).map { .epoch($0) }
            case "setting": Self.setting(json)
            default: nil
            }
        guard let record else { return nil }
        self = record
    }

    private static func setting(_ json: JSON) -> ControlRecord? {
        guard let name = json["name"]?.string, let value = json["value"]?.string else { return nil }
        return .setting(name: name, value: value)
    }
}

extension ControlState {
    mutating func add(_ record: ControlRecord) {
        switch record {
        case .tenant(let record): tenants[record.name] = record
        case .user(let record): users[record.name] = record
        case .catalog(let spec): catalogs[spec.key] = spec
        case .dataset(let record): datasets[record.spec.key] = record
        case .epoch(let record): epochs.append(record)
        case .setting(let name, let value): settings[name] = value
        }
    }
}
