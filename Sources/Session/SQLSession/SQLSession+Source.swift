// The route "source": a statement that names a dataset which is not READY, and has fallback = true, is run where the source
// can be read. All datasets it names are then read from their sources, so that no answer mixes epochs and source.
//
// The instance that reads sources reaches files and networks. A client's text gets there only after its syntax tree was
// walked: it reads common table expressions, datasets by their names, and functions that make rows of their arguments.
internal import Base
internal import Columnar
internal import DatasetEngine
internal import DuckDBKit
internal import SQLSyntax
internal import Synchronization

extension SQLSession {
    /// The description of a query that the engine could not plan because a dataset has no READY set, by the sources; nil when
    /// that is not why. Throws why the sources cannot answer.
    func sourceDescription(
        _ describer: Describer, _ error: LeibrixError
    ) async throws(LeibrixError) -> (description: Description, names: [String])? {
        guard error.code == .undefinedRelation, let datasets = server.datasets else { return nil }
        // The very text that would run there, not the client's: nothing may stand between what is checked and what is run.
        let text = describer.rewritten.assemble(session: describer.session).sql
        let profile = profile
        let names = Set(datasets.datasetNames)
        let reads = try await tracked { (control) async throws(LeibrixError) in
            try await server.engine.withExecutor(profile, control) { (executor) throws(LeibrixError) in
                SourceReads.read(text, names, executor.connection)
            }
        }
        guard let reads, let missing = reads.datasets.first(where: { datasets.notReady($0) != nil }) else { return nil }
        try check(reads, missing, datasets, at: error.position)
        let wanted = reads.datasets.sorted()
        let description = try await tracked { (control) async throws(LeibrixError) in
            let lease = try await openSource(wanted, datasets)
            defer { lease.release() }
            return try await server.engine.describe(describer, sourceProfile, on: lease, control)
        }
        return (description, wanted)
    }

    private func check(
        _ reads: SourceReads, _ missing: String, _ datasets: any DatasetAdministration, at position: Int?
    ) throws(LeibrixError) {
        guard var error = datasets.notReady(missing) else { return }
        error.position = position
        guard datasets.hasFallback(missing) else { throw error }
        if transaction.holdsSnapshot {
            error.hint = "Its source could answer, but not at the transaction's snapshot: run the statement outside it."
            throw error
        }
        if let other = reads.others.sorted().first ?? reads.datasets.sorted().first(where: { !datasets.hasFallback($0) }) {
            error.hint = "Its source answers statements that read datasets with fallback = true alone; this one reads \"\(other)\" too."
            throw error
        }
    }

    /// Whether the sources answer this plan now.
    func asksSource(_ plan: EnginePlan) -> Bool {
        guard !plan.sourceNames.isEmpty, let datasets = server.datasets else { return false }
        return plan.sourceNames.contains { datasets.notReady($0) != nil }
    }

    func startOnSource(
        _ plan: EnginePlan, _ request: EngineRequest, _ control: StatementControl
    ) async throws(LeibrixError) -> Engine.Started {
        guard let datasets = server.datasets else { throw LeibrixError(.internal, "there are no datasets") }
        if transaction.holdsSnapshot {
            throw datasets.notReady(plan.sourceNames.first { datasets.notReady($0) != nil } ?? "")
                ?? LeibrixError(.notReady, "a dataset is not READY", hint: "Run the statement again.")
        }
        transaction.hasRead = true
        expose(control)
        var request = request
        request.profile = sourceProfile
        return try await server.engine.start(request, on: try await openSource(plan.sourceNames, datasets), control)
    }

    private func openSource(_ names: [String], _ datasets: any DatasetAdministration) async throws(LeibrixError) -> SourceLease {
        do throws(LeibrixError) { return try await datasets.openSource(names) } catch {
            var error = error
            error.detail = error.detail ?? "The source was asked because \(names.joined(separator: ", ")) is not READY (fallback = true)."
            throw error
        }
    }

    /// Names are found in the lease's own schema.
    private var sourceProfile: ExecutionProfile { ExecutionProfile(searchPath: "", timeZone: profile.timeZone) }
}

/// What a query reads, by its syntax tree.
struct SourceReads: Sendable {
    var datasets: Set<String> = []
    /// Everything else: relations, table functions, and what the walk does not know.
    var others: Set<String> = []

    /// Functions that make rows of their arguments and read nothing.
    private static let harmless: Set<String> = ["range", "generate_series", "unnest"]

    /// nil for a text that the engine's parser does not take for one query.
    static func read(_ text: String, _ names: Set<String>, _ connection: Connection) -> SourceReads? {
        guard let tree = OutputQuestion.tree(text, connection), let statements = tree["statements"]?.array, statements.count == 1 else { return nil }
        var reads = SourceReads()
        reads.walk(statements[0], names, [])
        return reads
    }

    /// `common` are the names of the common table expressions in sight: those of this node and of the ones around it.
    private mutating func walk(_ node: JSON, _ names: Set<String>, _ common: Set<String>) {
        switch node {
        case .array(let items): for item in items { walk(item, names, common) }
        case .object(let members):
            var common = common
            for entry in node["cte_map"]?["map"]?.array ?? [] {
                if let key = entry["key"]?.string { common.insert(key.lowercased()) }
            }
            note(node, names, common)
            for member in members { walk(member.value, names, common) }
        default: break
        }
    }

    private mutating func note(_ node: JSON, _ names: Set<String>, _ common: Set<String>) {
        switch node["type"]?.string {
        case "BASE_TABLE":
            let name = node["table_name"]?.string ?? ""
            let schema = node["schema_name"]?.string ?? ""
            let catalog = node["catalog_name"]?.string ?? ""
            if schema.isEmpty, catalog.isEmpty, common.contains(name.lowercased()) { return }
            let isPlain = ["", "public", "main"].contains(schema) && ["", "leibrix"].contains(catalog)
            let dataset = names.first { $0.lowercased() == name.lowercased() }
            if isPlain, let dataset { datasets.insert(dataset) } else { others.insert(name) }
        case "TABLE_FUNCTION":
            let name = node["function"]?["function_name"]?.string?.lowercased() ?? "a table function"
            if !Self.harmless.contains(name) { others.insert(name) }
        case "SHOW_REF": others.insert("a description")
        default: break
        }
    }
}
