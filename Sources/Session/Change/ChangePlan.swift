// A change (INSERT, UPDATE, DELETE, MERGE) as the engine computes it: queries whose rows say what is to be written, applied
// by the table's transaction afterwards. Expressions never run here; the engine casts them to the columns' types.
//
//   INSERT   a, b, … [, checks] [, RETURNING]
//   UPDATE   row id, a, b, … [, checks] [, RETURNING]
//   DELETE   row id [, RETURNING]
internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax

/// One query of a change, and what its columns mean.
struct ChangeStep: Sendable {
    enum Kind: Sendable { case insert, update, delete }

    var kind: Kind
    var plan: EnginePlan
    /// Places in the table's columns of the values in a row, in their order.
    var columns: [Int]
    /// Constraints whose truth follows the values.
    var checks: [CheckConstraint]
    /// Values at the end of a row that the client wants back.
    var returning: Int

    var hasRowID: Bool { kind != .insert }
    /// Where the values begin.
    var firstValue: Int { hasRowID ? 1 : 0 }
    var firstCheck: Int { firstValue + columns.count }
    var firstReturned: Int { firstCheck + checks.count }
}

/// ON CONFLICT, resolved to the table's indexes.
struct ConflictPlan: Sendable {
    /// Duplicates in these are not errors; nil is all.
    var indexes: [TableID]?
    /// DO UPDATE: from pairs of an existing row and the one that was to be inserted.
    var update: ChangeStep?
    /// The engine's number of the parameters that hold the pairs.
    var existingParameter = 0
    var excludedParameter = 0
    var existingType: DataType = .null
    var excludedType: DataType = .null
}

/// RETURNING over rows that are at hand: of changes whose rows are known only when they are applied.
struct ReturningPlan: Sendable {
    var plan: EnginePlan
    var parameter: Int
    var rowsType: DataType
}

final class ChangePlan: Sendable {
    let parsed: ParsedQuery
    let text: StatementText
    let clientTypes: [DataType?]
    let statement: ChangeStatement
    let table: TableDefinition
    /// What the plan was made over: another version plans again.
    let version: PlanVersion
    let steps: [ChangeStep]
    let conflict: ConflictPlan?
    let returningPlan: ReturningPlan?
    /// All queries of it.
    let plans: [EnginePlan]
    let parameterTypes: [DataType]
    /// nil without RETURNING.
    let returned: [ResultColumn]?

    init(
        parsed: ParsedQuery, text: StatementText, clientTypes: [DataType?], statement: ChangeStatement, table: TableDefinition,
        version: PlanVersion, steps: [ChangeStep], conflict: ConflictPlan? = nil, returningPlan: ReturningPlan? = nil, returned: [ResultColumn]?
    ) {
        self.parsed = parsed
        self.text = text
        self.clientTypes = clientTypes
        self.statement = statement
        self.table = table
        self.version = version
        self.steps = steps
        self.conflict = conflict
        self.returningPlan = returningPlan
        self.returned = returned
        plans = steps.map(\.plan) + [conflict?.update?.plan, returningPlan?.plan].compactMap { $0 }
        parameterTypes = Self.parameterTypes(plans, clientTypes, own: [conflict?.existingParameter, conflict?.excludedParameter, returningPlan?.parameter])
    }

    /// The client's parameters, over all queries: what the client says, or what the first query to name one wants.
    private static func parameterTypes(_ plans: [EnginePlan], _ clientTypes: [DataType?], own: [Int?]) -> [DataType] {
        let hidden = Set(own.compactMap { $0 }.filter { $0 > 0 })
        var wanted: [Int: DataType] = [:]
        for plan in plans {
            for (number, type) in plan.description.bindTypes where !hidden.contains(number) && wanted[number] == nil { wanted[number] = type }
        }
        let named = plans.flatMap(\.rewritten.parameters).filter { !hidden.contains($0) }
        let count = max(named.max() ?? 0, clientTypes.count)
        guard count > 0 else { return [] }
        return (1...count).map { number in
            (number <= clientTypes.count ? clientTypes[number - 1] : nil) ?? wanted[number] ?? .varchar
        }
    }
}

/// What plans over tables depend on: the committed definitions, and those of the transaction that made the plan.
struct PlanVersion: Sendable, Hashable {
    var catalog: UInt64
    /// Of a transaction that has changed definitions itself; 0 otherwise.
    var transaction: UInt64
}
