// A statement that an index answers, as a session keeps it: planned once, run without parser, planner or engine. It is good
// for one version of the definitions; when they change it is planned again. The general plan beside it takes over when a range
// turns out to hold more rows than an index should fetch.
internal import Base
internal import Catalog
internal import Columnar
internal import SQLPlanning
internal import Synchronization

final class PointStatement: Sendable {
    /// The way for everything else, planned over the same text.
    enum General: Sendable {
        case query(EnginePlan)
        case change(ChangePlan)
    }

    let parsed: ParsedQuery
    let text: StatementText
    let clientTypes: [DataType?]
    let plan: PointPlan
    let general: General
    let version: PlanVersion
    let columns: [ResultColumn]
    /// What the user must be allowed to do with the plan's table.
    let privileges: [TablePrivilege]
    let layout: PointLayout
    let usesLocalTime: Bool
    private let successor = Mutex<(version: PlanVersion, plan: StatementPlan)?>(nil)

    init(
        parsed: ParsedQuery, text: StatementText, clientTypes: [DataType?], plan: PointPlan, general: General, version: PlanVersion,
        columns: [ResultColumn], privileges: [TablePrivilege]
    ) {
        self.parsed = parsed
        self.text = text
        self.clientTypes = clientTypes
        self.plan = plan
        self.general = general
        self.version = version
        self.columns = columns
        self.privileges = privileges
        layout = PointLayout(columns.map(\.type))
        usesLocalTime = plan.usesLocalTime
    }

    /// The plan for another version, where somebody has made it.
    func successor(_ version: PlanVersion) -> StatementPlan? {
        successor.withLock { $0.flatMap { $0.version == version ? $0.plan : nil } }
    }

    func succeed(_ version: PlanVersion, _ plan: StatementPlan) { successor.withLock { $0 = (version, plan) } }
}

extension PointPlan {
    /// What the client gets: a SELECT's columns, or RETURNING's.
    var outputs: [PointOutput] {
        switch self {
        case .select(let plan): plan.outputs
        case .update(let plan): plan.returning
        case .delete(let plan): plan.returning
        case .insert(let plan): plan.returning
        }
    }

    var table: TableDefinition? {
        switch self {
        case .select(let plan): plan.source.table
        case .update(let plan): plan.source.table
        case .delete(let plan): plan.source.table
        case .insert(let plan): plan.table
        }
    }
}
