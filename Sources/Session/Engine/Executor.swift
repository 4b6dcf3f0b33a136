internal import Base
internal import Columnar
internal import DuckDBKit

/// One connection to the engine with the plans made on it. Used by one thread at a time, by whoever checked it out.
final class Executor: @unchecked Sendable {
    let number: Int
    let connection: Connection
    private var applied: ExecutionProfile?
    private var plans = LRUCache<PlanKey, CachedPlan>(countMax: SessionLimits.plansPerExecutorMax)

    struct PlanKey: Hashable {
        let sql: String
        let profile: ExecutionProfile
    }

    init(number: Int, connection: Connection) {
        self.number = number
        self.connection = connection
    }

    var profile: ExecutionProfile? { applied }

    /// Brings the connection to a session's settings.
    func apply(_ profile: ExecutionProfile) throws(LeibrixError) {
        guard applied != profile else { return }
        if !profile.searchPath.isEmpty, applied?.searchPath != profile.searchPath {
            try connection.execute("SET search_path = \(Value.string(profile.searchPath).duckDBLiteral)")
        }
        if applied?.timeZone != profile.timeZone {
            try connection.execute("SET TimeZone = \(Value.string(profile.timeZone).duckDBLiteral)")
        }
        if applied?.scanRowsMax != profile.scanRowsMax {
            try connection.execute(profile.scanRowsMax.map { "SET VARIABLE lbx_scan_rows_max = \($0)::BIGINT" } ?? "RESET VARIABLE lbx_scan_rows_max")
        }
        applied = profile
    }

    /// The plan for a text under the profile that is applied, made if need be. `isHit` tells whether it was there. A plan that was
    /// there runs over relations as they are, but says of its columns what was so when it was made: who describes asks for it anew.
    func plan(_ sql: String, isAnew: Bool = false) throws(LeibrixError) -> (plan: CachedPlan, isHit: Bool) {
        let key = PlanKey(sql: sql, profile: applied ?? ExecutionProfile(searchPath: "", timeZone: ""))
        if !isAnew, let plan = plans.value(for: key) { return (plan, true) }
        let plan = CachedPlan(try connection.prepare(sql))
        plans.insert(plan, for: key)
        return (plan, false)
    }

    func forgetPlans() { plans.removeAll() }
}

/// A prepared query in a cache, with the numbers of its parameters.
final class CachedPlan {
    private let query: PreparedQuery
    /// Numbers n of $n, in the order in which the query wants them bound.
    private let numbers: [Int]

    init(_ query: consuming PreparedQuery) {
        numbers = query.parameterNames.map { Int($0) ?? 0 }
        self.query = query
    }

    var columns: [DataType.Field]? { query.columns }
    var kind: StatementKind { query.kind }
    /// Type by number.
    var parameterTypes: [Int: DataType?] {
        Dictionary(zip(numbers, query.parameterTypes)) { first, _ in first }
    }

    func execute(_ parameters: [Int: (value: Value, type: DataType)]) throws(LeibrixError) -> QueryResult {
        for (index, number) in numbers.enumerated() {
            guard let (value, type) = parameters[number] else {
                throw LeibrixError(.undefinedParameter, "there is no value for parameter $\(number)", hint: "Bind one value a parameter.")
            }
            try query.bind(index, value, as: type)
        }
        return try query.execute(streaming: true)
    }
}
