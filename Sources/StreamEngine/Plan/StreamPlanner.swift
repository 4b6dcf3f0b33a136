// From a query tree to a plan. Whatever the engine cannot do, or could not do within bounds, is refused here, with a code,
// a hint and where possible the place in the text.
internal import Base
internal import Columnar
internal import SQLPlanning

/// How a stream's results leave: its EMIT clause and what goes with it.
public struct StreamOptions: Sendable, Hashable {
    /// nil: `onWindowClose` for windows, `onUpdate` for other groups.
    public var emit: EmitMode?
    /// Without EMIT, of groups that have no window.
    public var groupEmit = EmitMode.onUpdate
    public var latenessMicros: Int64
    /// Groups each operator may hold.
    public var keysMax: Int

    public init(emit: EmitMode? = nil, latenessMicros: Int64 = 0, keysMax: Int = StreamLimits.keysMax) {
        self.emit = emit
        self.latenessMicros = latenessMicros
        self.keysMax = keysMax
    }
}

struct StreamPlanner {
    /// What a name in FROM stands for.
    let lookUp: (String) -> PlannedRelation?
    let names: [String]
    let options: StreamOptions
    /// What is planned is read by a stateful operator of the same stream: it leaves so that rows can be taken back.
    var isInner = false
    /// What is planned is a side of a join.
    var isInJoin = false

    /// The planner of what a stateful operator reads.
    var inner: StreamPlanner {
        var copy = self
        copy.isInner = true
        copy.isInJoin = false
        return copy
    }

    /// How an aggregation's results leave.
    func mode(window: Bool) -> EmitMode {
        guard isInner else { return options.emit ?? (window ? .onWindowClose : options.groupEmit) }
        switch options.emit {
        case .final: return .final
        case .onWindowClose where window, .onWatermark where window: return options.emit ?? .onWindowClose
        case nil where window: return .onWindowClose
        default: return .changes
        }
    }

    func plan(_ query: Query) throws(LeibrixError) -> PlannedRelation {
        let planned = try plan(query, [:])
        try checkEmit(planned)
        return planned
    }

    /// An EMIT clause that nothing in the query heeds is refused.
    private func checkEmit(_ planned: PlannedRelation) throws(LeibrixError) {
        guard options.emit != nil || options.latenessMicros != 0, !Self.aggregates(planned.node) else { return }
        throw LeibrixError(
            .streamEmitMode, "EMIT and ALLOW LATENESS need an aggregation to act on",
            hint: "Rows of a query without GROUP BY leave as they come: leave the clause out.")
    }

    private static func aggregates(_ node: PlanNode) -> Bool {
        switch node.kind {
        case .input: false
        case .filter(let child, _), .project(let child, _), .lookup(let child, _), .over(let child, _): aggregates(child)
        case .group, .window, .top: true
        case .union(let children): children.contains(where: aggregates)
        case .join(let left, let right, _): aggregates(left) || aggregates(right)
        }
    }

    func plan(_ query: Query, _ outer: [String: PlannedRelation]) throws(LeibrixError) -> PlannedRelation {
        var tables = outer
        let body = query.distinct == nil && query.limit == nil ? self : inner
        let reader = if case .select(let select) = query.body { keepsRows(select) ? inner : body } else { body }
        for table in query.commonTables { tables[table.name.lowercased()] = renamed(try reader.plan(table.query, tables), table.name, table.columns) }
        var planned: PlannedRelation
        switch query.body {
        case .select(let select): planned = try body.plan(select, query, tables)
        case .setOperation(let operation): planned = try (operation.keepsDuplicates ? body : inner).union(operation, tables)
        case .recursive: throw refusal("WITH RECURSIVE", "Streams have no recursion.")
        case .other(let kind): throw refusal(kind, nil)
        }
        if let distinct = query.distinct {
            guard case .all = distinct else { throw refusal("DISTINCT ON", "Use first(…) or arg_min(…) with GROUP BY.") }
            planned = try self.distinct(planned)
        }
        return try limited(planned, query)
    }

    /// Whether a SELECT does more with its rows than pass them on one by one.
    func keepsRows(_ select: Select) -> Bool {
        if select.grouping != .none || select.having != nil || select.qualify != nil || select.list.contains(where: AggregateFinder.contains) { return true }
        if select.list.contains(where: Self.hasWindow) { return true }
        if case .join = select.from.kind { return true }
        return false
    }

    func refusal(_ what: String, _ hint: String?, code: ErrorCode = .streamNotSupported, _ location: Int? = nil) -> LeibrixError {
        LeibrixError(code, "\(what) is not supported in a stream", hint: hint, position: location.map { $0 + 1 })
    }

    func renamed(_ relation: PlannedRelation, _ name: String?, _ columns: [String]) -> PlannedRelation {
        var copy = relation
        for index in copy.columns.indices {
            copy.columns[index].relation = name
            if index < columns.count { copy.columns[index].name = columns[index] }
        }
        return copy
    }

    // MARK: FROM

    /// `filters` are conditions of WHERE: an inner join takes those that are about it.
    func from(
        _ reference: TableReference, _ tables: [String: PlannedRelation], _ filters: inout [Expression]
    ) throws(LeibrixError) -> PlannedRelation {
        guard reference.sample == nil else { throw refusal("TABLESAMPLE", nil, reference.location) }
        switch reference.kind {
        case .table(let table):
            guard table.at == nil else { throw refusal("AT", nil, reference.location) }
            // Sources and streams are in the schema public; what is elsewhere is known with its schema, if at all.
            let isPublic = table.schema.map { ["public", "main"].contains($0.lowercased()) } ?? true
            let name = isPublic ? table.name : "\(table.schema ?? "").\(table.name)"
            guard let relation = (table.schema == nil ? tables[name.lowercased()] : nil) ?? lookUp(name.lowercased()) else {
                throw LeibrixError(
                    .streamUndefined, "source or stream \"\(name)\" does not exist", detail: "There are: \(names.sorted().joined(separator: ", ")).",
                    hint: "CREATE SOURCE it first.", position: reference.location.map { $0 + 1 })
            }
            guard relation.lookup == nil else {
                throw LeibrixError(
                    .streamJoin, "\"\(reference.name ?? table.name)\" is a lookup, which only a join's right side may be",
                    hint: "FROM stream s JOIN \(reference.name ?? table.name) l ON s.key = l.key",
                    position: reference.location.map { $0 + 1 })
            }
            return renamed(relation, reference.name, reference.columnAliases)
        case .subquery(let query):
            var planner = self
            planner.isInJoin = false
            return renamed(try planner.plan(query, tables), reference.name, reference.columnAliases)
        case .none: throw refusal("a SELECT without FROM", "Select from a source or a stream.")
        case .join(let join): return try self.join(join, reference, tables, &filters)
        case .function(let call, _): throw refusal("\(call.name)() in FROM", "Windows are written in GROUP BY.", reference.location)
        case .values: throw refusal("VALUES", nil, reference.location)
        case .other(let kind): throw refusal(kind, nil, reference.location)
        }
    }

    private func union(_ operation: SetOperation, _ tables: [String: PlannedRelation]) throws(LeibrixError) -> PlannedRelation {
        guard operation.kind == .union else { throw refusal("INTERSECT or EXCEPT", "They would keep every row for ever.", code: .streamUnbounded) }
        let left = try plan(operation.left, tables)
        let right = try plan(operation.right, tables)
        guard left.columns.count == right.columns.count else {
            throw LeibrixError(.syntax, "each side of UNION must have the same number of columns")
        }
        var types: [DataType] = []
        for (a, b) in zip(left.columns, right.columns) {
            guard let type = Typing.common(a.type, b.type) else {
                throw LeibrixError(.typeMismatch, "UNION types \(a.type) and \(b.type) cannot be matched")
            }
            types.append(type)
        }
        var result = left
        result.node = PlanNode(kind: .union([try cast(left, types), try cast(right, types)]), types: types)
        for index in types.indices { result.columns[index].type = types[index] }
        result.times = left.times.filter { right.times[$0.key] != nil }
        for (column, lag) in result.times { result.times[column] = max(lag, right.times[column] ?? 0) }
        guard left.changes == right.changes || left.changes != .upsert && right.changes != .upsert else {
            throw LeibrixError(.streamOverChanges, "UNION of a stream whose rows replace each other with one whose do not", hint: "Give both the same EMIT.")
        }
        if right.changes == .retract { result.changes = .retract }
        return operation.keepsDuplicates ? result : try distinct(result)
    }

    private func cast(_ relation: PlannedRelation, _ types: [DataType]) throws(LeibrixError) -> PlanNode {
        if relation.node.types == types { return relation.node }
        var scalars: [Scalar] = []
        for (index, type) in types.enumerated() {
            guard let cast = Typing.cast(.column(index, relation.node.types[index]), to: type) else {
                throw LeibrixError(.typeMismatch, "UNION cannot cast \(relation.node.types[index]) to \(type)")
            }
            scalars.append(cast)
        }
        return PlanNode(kind: .project(relation.node, scalars), types: types)
    }

    /// Each combination of values once: a group without results, which emits when it appears.
    private func distinct(_ relation: PlannedRelation) throws(LeibrixError) -> PlannedRelation {
        guard relation.changes != .upsert else { throw overUpdates("DISTINCT") }
        let keys = relation.node.types.enumerated().map { Scalar.column($0.offset, $0.element) }
        let binder = AggregateBinder(Binder(relation.scope), keys: keys)
        let plan = AggregatePlan(keys: keys, arguments: [], layout: binder.layout, resultTypes: [], retracts: relation.changes == .retract)
        var result = relation
        result.node = PlanNode(kind: .group(relation.node, plan, .changes), types: relation.node.types)
        result.times = [:]
        return result
    }

    func overUpdates(_ what: String, _ stream: String? = nil) -> LeibrixError {
        LeibrixError(
            .streamOverChanges, "\(what) over a stream that emits ON UPDATE: its rows replace each other", detail: stream,
            hint: "Give that stream EMIT CHANGES or a mode that emits final rows.")
    }
}
