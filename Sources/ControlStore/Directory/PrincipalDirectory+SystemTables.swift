internal import Base
public import Catalog
internal import Columnar

extension PrincipalDirectory {
    /// leibrix.users and leibrix.tenants.
    public func systemTables() -> [SystemTable] { [usersTable(), tenantsTable()] }

    private func usersTable() -> SystemTable {
        let columns: [DataType.Field] = [
            .init("name", .varchar), .init("tenant", .varchar), .init("has_password", .boolean), .init("is_administrator", .boolean),
        ]
        return SystemTable(schema: "leibrix", name: "users", columns: columns) { [self] () throws(LeibrixError) in
            users.map { [.string($0.name), .string($0.tenant), .boolean($0.password != nil), .boolean($0.isAdministrator)] }
        }
    }

    private func tenantsTable() -> SystemTable {
        let names = [
            "memory_bytes", "cpu", "concurrency", "queue", "statement_timeout_ms", "max_scan_rows", "max_result_rows",
            "max_datasets", "max_epochs",
        ]
        let columns = [DataType.Field("name", .varchar)] + names.map { DataType.Field($0, .bigInt) }
        return SystemTable(schema: "leibrix", name: "tenants", columns: columns) { [self] () throws(LeibrixError) in
            tenants.map { tenant in
                let bounds = [
                    tenant.memoryBytes, tenant.cpu, tenant.concurrency, tenant.queue, tenant.statementTimeoutMS,
                    tenant.maxScanRows, tenant.maxResultRows, tenant.maxDatasets, tenant.maxEpochs,
                ]
                return [Value.string(tenant.name)] + bounds.map { Value.optional($0) }
            }
        }
    }
}
