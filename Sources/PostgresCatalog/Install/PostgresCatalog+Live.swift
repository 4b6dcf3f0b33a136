internal import Columnar

extension PostgresCatalog {
    /// Rows of the relations that show the running server; nil for all others.
    func liveRows(_ shape: TableShape, _ live: LiveState, _ model: PostgresModel) -> [[Value]]? {
        switch shape.name {
        case "pg_settings" where shape.schema == "pg_catalog": live.settings().map { settingRow(shape, $0) }
        case "pg_stat_activity" where shape.schema == "pg_catalog": live.activity().map { activityRow(shape, $0, model) }
        default: nil
        }
    }

    private func settingRow(_ shape: TableShape, _ setting: LiveState.Setting) -> [Value] {
        let value = Value.string(setting.value)
        return shape.row([
            "name": .string(setting.name), "setting": value, "unit": .optional(setting.unit), "category": .string(setting.category),
            "short_desc": .string(setting.summary), "context": setting.isSessionSetting ? "user" : "postmaster",
            "vartype": .string(setting.type), "source": "default", "boot_val": value, "reset_val": value, "pending_restart": false,
        ])
    }

    private func activityRow(_ shape: TableShape, _ activity: LiveState.Activity, _ model: PostgresModel) -> [Value] {
        let role = model.roles.first { $0.name == activity.user }
        return shape.row([
            "datid": model.oid(model.databaseOID), "datname": .string(model.snapshot.database),
            "pid": .integer(Int64(activity.processID)), "usesysid": role.map { model.oid($0.oid) } ?? .null,
            "usename": .string(activity.user), "application_name": .string(activity.applicationName),
            "client_addr": .optional(activity.clientAddress), "backend_start": .timestampTZ(activity.startedMicros),
            "query_start": .optional(micros: activity.queryStartedMicros), "state": .string(activity.state),
            "query": .string(activity.query), "backend_type": "client backend",
        ])
    }
}
