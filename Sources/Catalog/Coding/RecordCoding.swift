// Records as JSON: readable in the store with its own tools, and open to new members. Absent members take their defaults.
package import Base
internal import Columnar

/// A record that the control store keeps.
package protocol ControlRecordCoding: Sendable {
    var json: JSON { get }
    /// nil for JSON that is not this record.
    init?(json: JSON)
}

extension ColumnDefinition: ControlRecordCoding {
    package var json: JSON { ["name": .string(name), "type": type.coded] }
    package init?(json: JSON) {
        guard let name = json["name"]?.string, let type = json["type"].flatMap({ DataType(coded: $0) }) else { return nil }
        self.init(name, type)
    }
}

extension CatalogSpec: ControlRecordCoding {
    package var json: JSON {
        [
            "tenant": .string(tenant), "name": .string(name), "type": .string(type.rawValue), "options": Self.json(options),
            "secrets": Self.json(secrets),
        ]
    }

    package init?(json: JSON) {
        guard let tenant = json["tenant"]?.string, let name = json["name"]?.string,
            let type = json["type"]?.string.flatMap({ CatalogType(rawValue: $0) })
        else { return nil }
        self.init(
            tenant: tenant, name: name, type: type, options: Self.strings(json["options"]), secrets: Self.strings(json["secrets"]))
    }

    private static func json(_ strings: [String: String]) -> JSON {
        .object(strings.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }

    private static func strings(_ json: JSON?) -> [String: String] {
        var strings: [String: String] = [:]
        for member in json?.members ?? [] { strings[member.name] = member.value.string }
        return strings
    }
}

extension TenantRecord: ControlRecordCoding {
    private static var counts: [(String, WritableKeyPath<TenantRecord, Int64?>)] {
        [
        ("memory_bytes", \.memoryBytes), ("cpu", \.cpu), ("concurrency", \.concurrency), ("queue", \.queue),
        ("statement_timeout_ms", \.statementTimeoutMS), ("max_scan_rows", \.maxScanRows),
        ("max_result_rows", \.maxResultRows), ("max_datasets", \.maxDatasets), ("max_epochs", \.maxEpochs),
        ]
    }

    package var json: JSON {
        let bounds = Self.counts.map { JSON.Member($0.0, .optional(self[keyPath: $0.1])) }
        return .object([JSON.Member("name", .string(name))] + bounds)
    }

    package init?(json: JSON) {
        guard let name = json["name"]?.string else { return nil }
        self.init(name: name)
        for (member, path) in Self.counts { self[keyPath: path] = json[member]?.integer }
    }
}

extension UserRecord: ControlRecordCoding {
    package var json: JSON {
        let verifier: JSON =
            password.map { password in
                [
                    "iterations": .integer(Int64(password.iterations)), "salt": Self.json(password.salt),
                    "stored_key": Self.json(password.storedKey), "server_key": Self.json(password.serverKey),
                ]
            } ?? .null
        return [
            "name": .string(name), "tenant": .string(tenant), "password": verifier, "administrator": .bool(isAdministrator),
            "member_of": .array(memberOf.sorted().map { .string($0) }), "may_log_in": .bool(mayLogIn),
        ]
    }

    package init?(json: JSON) {
        guard let name = json["name"]?.string, let tenant = json["tenant"]?.string else { return nil }
        self.init(name: name, tenant: tenant, isAdministrator: json["administrator"]?.bool ?? false)
        memberOf = Set((json["member_of"]?.array ?? []).compactMap(\.string))
        mayLogIn = json["may_log_in"]?.bool ?? true
        guard let stored = json["password"], !stored.isNull else { return }
        guard let iterations = stored["iterations"]?.integer, let salt = Self.bytes(stored["salt"]),
            let storedKey = Self.bytes(stored["stored_key"]), let serverKey = Self.bytes(stored["server_key"])
        else { return nil }
        password = PasswordVerifier(iterations: Int(iterations), salt: salt, storedKey: storedKey, serverKey: serverKey)
    }

    private static func json(_ bytes: [UInt8]) -> JSON { .array(bytes.map { .integer(Int64($0)) }) }
    private static func bytes(_ json: JSON?) -> [UInt8]? {
        json?.array.map { $0.compactMap { $0.integer.flatMap { UInt8(exactly: $0) } } }
    }
}

extension DatasetRecord: ControlRecordCoding {
    package var json: JSON {
        [
            "spec": spec.json, "columns": .array(columns.map(\.json)), "snapshot_id": .optional(snapshotID),
            "source_mark": .optional(sourceMark), "created_micros": .integer(createdMicros),
            "flipped_micros": .optional(flippedMicros),
        ]
    }

    package init?(json: JSON) {
        guard let spec = json["spec"].flatMap({ DatasetSpec(json: $0) }), let created = json["created_micros"]?.integer,
            let columns = json["columns"]?.array
        else { return nil }
        let definitions = columns.compactMap { ColumnDefinition(json: $0) }
        guard definitions.count == columns.count else { return nil }
        self.init(
            spec: spec, columns: definitions, snapshotID: json["snapshot_id"]?.string,
            sourceMark: json["source_mark"]?.string, createdMicros: created, flippedMicros: json["flipped_micros"]?.integer)
    }
}

extension DatasetSpec: ControlRecordCoding {
    package var json: JSON {
        [
            "tenant": .string(tenant), "name": .string(name), "source": .array(source.map { .string($0) }),
            "time_column": .optional(timeColumn), "granularity": .optional(granularity?.description),
            "refresh_ms": .optional(refreshMS), "retain_months": .optional(retain.map { Int64($0.months) }),
            "retain_ms": .optional(retain?.milliseconds), "replicas": .integer(Int64(replicas)), "fallback": .bool(fallback),
            "start_ms": .optional(filter.startMS), "end_ms": .optional(filter.endMS), "snapshot": .optional(snapshot),
            "dimensions": .array(
                dimensions.map { ["column": .string($0.column), "values": .array($0.values.map { .string($0) })] }),
        ]
    }

    package init?(json: JSON) {
        guard let tenant = json["tenant"]?.string, let name = json["name"]?.string,
            let source = json["source"]?.array?.compactMap(\.string), source.count >= 2
        else { return nil }
        self.init(tenant: tenant, name: name, source: source)
        timeColumn = json["time_column"]?.string
        granularity = json["granularity"]?.string.flatMap { Granularity($0) }
        guard (timeColumn == nil) == (granularity == nil) else { return nil }
        refreshMS = json["refresh_ms"]?.integer
        if let months = json["retain_months"]?.integer {
            retain = CalendarDuration(months: Int(months), milliseconds: json["retain_ms"]?.integer ?? 0)
        }
        replicas = Int(json["replicas"]?.integer ?? 1)
        fallback = json["fallback"]?.bool ?? true
        filter = TimeFilter(startMS: json["start_ms"]?.integer, endMS: json["end_ms"]?.integer)
        snapshot = json["snapshot"]?.string
        dimensions = (json["dimensions"]?.array ?? []).compactMap { item in
            guard let column = item["column"]?.string, let values = item["values"]?.array else { return nil }
            return Dimension(column: column, values: values.compactMap(\.string))
        }
    }
}
