internal import Base
internal import SQLSyntax

/// What every statement asks of its session's settings, worked out once after each change of them or of the tables' schemas.
final class DerivedSettings: Sendable {
    let version: PlanVersion
    let profile: ExecutionProfile
    /// Schemas in which names without one are looked up.
    let searchSchemas: [String]
    let application: String
    let statementTimeoutMS: Int
    let idleTimeoutMS: Int
    let idleInTransactionTimeoutMS: Int
    let isSynchronous: Bool
    let isReadOnly: Bool
    let isDeferrable: Bool
    let isolation: IsolationLevel
    /// Local times are UTC's.
    let isUTC: Bool

    init(_ settings: SessionSettings, catalog: String?, user: String, version: PlanVersion, tableSchemas: [String], temporary: String?) {
        self.version = version
        profile = settings.profile(catalog: catalog, user: user, tableSchemas: tableSchemas, temporary: temporary)
        searchSchemas = (temporary.map { [$0] } ?? []) + settings.schemas(user: user, tableSchemas)
        application = settings.value("application_name") ?? ""
        statementTimeoutMS = settings.integer("statement_timeout")
        idleTimeoutMS = settings.integer("idle_session_timeout")
        idleInTransactionTimeoutMS = settings.integer("idle_in_transaction_session_timeout")
        isSynchronous = settings.value("synchronous_commit") != "off"
        isReadOnly = settings.isOn("default_transaction_read_only")
        isDeferrable = settings.isOn("default_transaction_deferrable")
        isolation = settings.value("default_transaction_isolation").flatMap { IsolationLevel(rawValue: $0) } ?? .readCommitted
        isUTC = ["utc", "etc/utc", "gmt"].contains(settings.value("timezone")?.lowercased() ?? "utc")
    }
}
