internal import Base
public import Catalog
internal import Columnar
internal import LearnedIndex
internal import Synchronization

extension TableEngine {
    /// leibrix.tables and leibrix.indexes.
    public var systemTables: [SystemTable] { [tablesTable, indexesTable] }

    private var tablesTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("schema", .varchar), .init("table", .varchar), .init("table_id", .bigInt), .init("rows", .bigInt),
            .init("row_groups", .bigInt), .init("encoded_row_groups", .bigInt), .init("versions", .bigInt),
            .init("ended_versions", .bigInt), .init("bytes", .bigInt), .init("writers", .bigInt), .init("oldest_snapshot_lag", .bigInt),
            .init("checked_at", .timestampTZ), .init("check_rows", .bigInt), .init("check", .varchar),
        ]
        return SystemTable(schema: "leibrix", name: "tables", columns: columns) { [self] () throws(LeibrixError) in
            let version = published.withLock { $0 }
            let newest = snapshot
            let lag = Int64(newest - snapshots.horizon(newest: newest))
            let results = selfCheck.withLock { $0.results }
            return version.catalog.tables.compactMap { table in version.stores[table.id].map { row(table, $0, lag, results) } }
        }
    }

    private func row(_ table: TableDefinition, _ store: TableStore, _ lag: Int64, _ results: [TableID: SelfCheck.Result]) -> [Value] {
        let checks = table.indexes.compactMap { results[$0.id] }
        let verdict: String? = checks.isEmpty ? nil : checks.allSatisfy(\.isEqual) ? "equal" : "DIFFERENT"
        let counts = store.locked { state in
            [
                state.liveRows, state.groups.count, state.groups.count { $0.frozen != nil }, state.groups.reduce(0) { $0 + $1.rows },
                state.groups.reduce(0) { $0 + $1.ended }, state.groups.reduce(0) { $0 + $1.bytes }, state.writers.count,
            ]
        }
        return [.string(table.schema), .string(table.name), .integer(Int64(table.id.rawValue))] + counts.map { .integer(Int64($0)) } + [
            .integer(lag), .optional(micros: checks.map(\.micros).max()), .optional(checks.map { Int64($0.rows) }.max()), .optional(verdict),
        ]
    }

    private var indexesTable: SystemTable {
        let columns: [DataType.Field] = [
            .init("schema", .varchar), .init("table", .varchar), .init("index", .varchar), .init("index_id", .bigInt),
            .init("unique", .boolean), .init("keys", .bigInt), .init("depth", .bigInt), .init("nodes", .bigInt), .init("leaves", .bigInt),
            .init("bytes", .bigInt), .init("mean_error", .double), .init("max_error", .bigInt), .init("splits", .bigInt),
            .init("expansions", .bigInt), .init("retrains", .bigInt), .init("checked_at", .timestampTZ), .init("check", .varchar),
            .init("entry_bytes", .bigInt), .init("gap_bytes", .bigInt), .init("structure_bytes", .bigInt), .init("loading", .boolean),
        ]
        return SystemTable(schema: "leibrix", name: "indexes", columns: columns) { [self] () throws(LeibrixError) in
            let version = published.withLock { $0 }
            let results = selfCheck.withLock { $0.results }
            return version.catalog.tables.flatMap { table in
                (version.stores[table.id]?.indexes ?? []).map { row(table, $0, results[$0.definition.id]) }
            }
        }
    }

    private func row(_ table: TableDefinition, _ index: TableIndex, _ result: SelfCheck.Result?) -> [Value] {
        let report = index.report
        let counts = [report.keys, report.depth, report.nodes, report.leaves, report.bytes]
        return [
            .string(table.schema), .string(table.name), .string(index.definition.name), .integer(Int64(index.definition.id.rawValue)),
            .boolean(index.isUnique),
        ] + counts.map { .integer(Int64($0)) } + [
            .double(report.meanError), .integer(Int64(report.maxError)), .integer(Int64(report.splits)), .integer(Int64(report.expansions)),
            .integer(Int64(report.retrains)), .optional(micros: result?.micros),
            .optional(result.map { $0.isEqual ? "equal" : "DIFFERENT" }), .integer(Int64(report.entryBytes)),
            .integer(Int64(report.gapBytes)), .integer(Int64(report.structureBytes)), .boolean(index.isLoading.load(ordering: .acquiring)),
        ]
    }
}
