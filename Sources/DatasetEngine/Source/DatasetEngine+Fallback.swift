// fallback = true: while a dataset has no READY set, its source answers.
//
// The statement runs in the loader's instance, in a database of its own that holds one view a dataset, each over one snapshot
// of its source. The view is made from the same plan as a load is: the same columns, the same rows (filter, dimensions,
// retention), and the survey has compared the source's rows with its metadata. So the answer is what the dataset would give
// were it READY now, or an error; never a mixture of epochs and source.
public import Base
internal import Catalog
internal import DuckDBKit
internal import Platform
internal import Synchronization

extension DatasetEngine {
    /// Whether a dataset may be answered by its source; false for a name that is none.
    public func hasFallback(tenant: String, name: String) -> Bool {
        state.withLock { $0.datasets[TenantName(tenant, name)]?.spec.fallback ?? false }
    }

    /// A connection whose current schema, `public`, has these datasets as their sources have them now. Costs one pass over the
    /// time and dimension columns of each.
    /// Throws `undefinedDataset`, `sourceUnavailable`, `validationFailed`, and what else keeps a dataset from being loaded.
    public func openSource(tenant: String, datasets names: [String]) async throws(LeibrixError) -> SourceLease {
        try await pollPool.run { [self] () throws(LeibrixError) in
            let connection = try loader.connect(tenant: tenant)
            let database = SQLText.name("lbx_answer_\(String(Random.integer(UInt64.self), radix: 16))")
            let release: @Sendable () -> Void = {
                try? connection.execute("USE memory")
                try? connection.execute("DETACH DATABASE IF EXISTS \(database)")
            }
            do throws(LeibrixError) {
                try connection.execute("ATTACH ':memory:' AS \(database)")
                try connection.execute("CREATE SCHEMA \(database).public")
                var reads: [SourceRead] = []
                for name in names { reads.append(try makeView(TenantName(tenant, name), database, connection)) }
                try connection.execute("USE \(database).public")
                let changing = reads.filter(\.mayChange)
                return SourceLease(
                    connection, verify: { [self] () throws(LeibrixError) in for read in changing { try check(read) } }, release: release)
            } catch {
                release()
                throw error
            }
        }
    }

    /// What was read, to tell whether it is still there.
    private struct SourceRead: Sendable {
        let dataset: TenantName
        let catalog: CatalogSpec
        let mayChange: Bool
        let mark: String
    }

    /// Views of the dataset's name in the schemas public and main, which are one for clients.
    private func makeView(
        _ key: TenantName, _ database: String, _ connection: Connection
    ) throws(LeibrixError) -> SourceRead {
        let dataset = try requireDataset(key)
        let catalog = try requireCatalog(dataset.spec.catalog)
        let adapter = SourceAdapters.make(catalog)
        let table = Array(dataset.spec.source.dropFirst())
        try loader.prepare(connection, for: adapter, table: table)
        let poll = try adapter.poll(table, pinned: dataset.spec.snapshot, connection)
        let found = try adapter.describe(table, poll, timeColumn: dataset.spec.timeColumn, connection)
        let planner = LoadPlanner(record: dataset.record, ready: [], nowMS: nowMS, reloadsAll: false)
        let plan = try planner.plan(found, connection, planID: "\(key.name)-answer")
        let name = SQLText.name(key.name)
        try connection.execute("CREATE VIEW \(database).public.\(name) AS \(plan.wholeQuery)")
        try connection.execute("CREATE VIEW \(database).main.\(name) AS SELECT * FROM \(database).public.\(name)")
        return SourceRead(dataset: key, catalog: catalog, mayChange: adapter.mayChangeWhileReading, mark: poll.mark)
    }

    private func check(_ read: SourceRead) throws(LeibrixError) {
        let spec = try requireDataset(read.dataset).spec
        let adapter = SourceAdapters.make(read.catalog)
        let table = Array(spec.source.dropFirst())
        guard try adapter.poll(table, pinned: spec.snapshot, loader.connect(for: adapter, table: table)).mark == read.mark else {
            throw LeibrixError(
                .validationFailed, "the source's files of dataset \"\(read.dataset.name)\" changed while they were read",
                hint: "Run the statement again.")
        }
    }
}
