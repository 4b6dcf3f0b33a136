// Planning of point statements: the text's tree comes from DuckDB's parser, once; what an index answers of it is decided by
// PointPlanner. Whatever is not understood stays with the general plan, so nothing here fails.
internal import Base
internal import Catalog
internal import Columnar
internal import DuckDBKit
internal import SQLPlanning
internal import SQLSyntax
internal import TableEngine

extension SQLSession {
    /// nil where the engine answers.
    func pointQuery(_ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ general: EnginePlan) async -> PointStatement? {
        let description = general.description
        guard server.tables != nil, general.isPlain, general.prefix.isEmpty, general.suffix.isEmpty,
            description.readsTables || description.relations.isEmpty, general.columns.allSatisfy({ PointLayout.holds($0.type) })
        else { return nil }
        let sql = general.rewritten.assemble(session: { _ in "NULL" }) { number, _ in
            description.casts[number].map { "CAST($\(number) AS \($0))" } ?? "$\(number)"
        }.sql
        return await planned(sql, [sql], description.parameterTypes) { planner, trees in
            guard let plan = planner.select(trees[0]), Self.gives(plan, general.columns) else { return nil }
            return PointStatement(
                parsed: parsed, text: text, clientTypes: types, plan: plan, general: .query(general), version: self.planVersion,
                columns: general.columns, privileges: [.select])
        }
    }

    /// The query of an EXPLAIN as a point statement; nil where the engine answers it, or its plan is wanted as JSON.
    func explainedPoint(
        _ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ explain: ExplainStatement
    ) async throws(LeibrixError) -> PointStatement? {
        guard explain.format != .json, server.tables != nil else { return nil }
        let general = try await enginePlan(parsed, types, range: explain.query, tag: "SELECT")
        return await pointQuery(parsed, text, types, general)
    }

    /// nil where the engine computes the change.
    func pointChange(_ parsed: ParsedQuery, _ text: StatementText, _ types: [DataType?], _ general: ChangePlan) async -> PointStatement? {
        guard server.tables != nil, general.returned?.allSatisfy({ PointLayout.holds($0.type) }) ?? true,
            let parts = PointParts(general.statement, general.table, parsed.text)
        else { return nil }
        return await planned(parsed.sql, parts.texts, general.parameterTypes) { planner, trees in
            guard let plan = parts.plan(planner, trees), Self.gives(plan, general.returned ?? []) else { return nil }
            return PointStatement(
                parsed: parsed, text: text, clientTypes: types, plan: plan, general: .change(general), version: self.planVersion,
                columns: general.returned ?? [], privileges: parts.privileges)
        }
    }

    private func planned(
        _ sql: String, _ texts: [String], _ parameterTypes: [DataType], _ make: (PointPlanner, [Query]) -> PointStatement?
    ) async -> PointStatement? {
        let path = searchSchemas
        let key = PointCache.Key(sql: sql, searchPath: path, parameterTypes: parameterTypes, version: planVersion)
        if let known = server.points.lookup(key) { return known }
        guard let trees = await trees(texts) else { return nil }
        let planner = PointPlanner(catalog: tableCatalog, searchPath: path, parameterTypes: parameterTypes)
        let statement = make(planner, trees)
        if definitions == 0 { server.points.insert(key, statement) }
        return statement
    }

    /// What DuckDB's parser makes of the texts, a query each; nil when it refuses one.
    private func trees(_ texts: [String]) async -> [Query]? {
        let profile = profile
        let serialized = try? await tracked { (control) async throws(LeibrixError) in
            try await server.engine.withExecutor(profile, control) { (executor) throws(LeibrixError) -> [String] in
                var answers: [String] = []
                for text in texts {
                    let rows = try executor.connection.rows("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", [.string(text)])
                    guard case .string(let answer)? = rows.first?.first else { throw LeibrixError(.internal, "a query was not serialized") }
                    answers.append(answer)
                }
                return answers
            }
        }
        guard let serialized else { return nil }
        var trees: [Query] = []
        for text in serialized {
            guard let queries = try? Query.decode(serialized: text), queries.count == 1 else { return nil }
            trees.append(queries[0])
        }
        return trees
    }

    /// The engine has described the columns; a plan whose types differ would give other values.
    private static func gives(_ plan: PointPlan, _ columns: [ResultColumn]) -> Bool {
        plan.outputs.map(\.type) == columns.map(\.type)
    }
}

/// A change taken apart into texts whose trees say what is written where.
struct PointParts {
    private enum Kind {
        case insert([String], defaults: [Int16], conflict: PointInsertion.Conflict.Arbiter?, assigned: [String]?)
        case update([String])
        case delete
    }

    let texts: [String]
    let privileges: [TablePrivilege]
    private let kind: Kind
    private let target: TableName
    private let alias: String?
    private let conditional: Bool
    private let returns: Bool

    /// nil for what has other relations, subqueries in places that are not expressions, or asks something of the session.
    init?(_ statement: ChangeStatement, _ table: TableDefinition, _ text: SQLText) {
        var writer = PartWriter(text: text)
        let target = statement.target
        alias = target.alias?.name
        self.target = TableName(schema: table.schema, name: table.name)
        let from: [TextPart] = [.text(" FROM \"x\"")]
        var conditional = false
        switch statement {
        case .insert(let insert):
            guard insert.with == nil, insert.overriding == nil, case .values(_, let range) = insert.source else { return nil }
            writer.add([.source(range)])
            let defaults = table.columns.filter { $0.defaultSQL != nil }
            if !defaults.isEmpty { writer.add(defaults.compactMap(\.defaultSQL).map { "(\($0))" }) }
            var assigned: [String]?
            if case .update(let assignments, let condition)? = insert.conflict?.action {
                guard let (columns, values) = Self.flat(assignments) else { return nil }
                assigned = columns
                conditional = condition != nil
                writer.add(Self.list(values + [condition].compactMap { $0 }))
            }
            kind = .insert(
                insert.columns.map(\.name), defaults: defaults.map(\.attributeNumber), conflict: insert.conflict.map { Self.arbiter($0.arbiter) },
                assigned: assigned)
            privileges = assigned == nil ? [.insert] : [.insert, .update]
        case .update(let update):
            guard update.with == nil, update.from == nil, let (columns, values) = Self.flat(update.assignments) else { return nil }
            writer.add(Self.list(values) + from + Self.filter(update.condition))
            kind = .update(columns)
            privileges = [.update, .select]
        case .delete(let delete):
            guard delete.with == nil, delete.using == nil else { return nil }
            writer.add([.text("SELECT 1")] + from + Self.filter(delete.condition))
            kind = .delete
            privileges = [.delete, .select]
        case .merge: return nil
        }
        self.conditional = conditional
        returns = statement.returning != nil
        if let returning = statement.returning { writer.add([.text("SELECT "), .source(returning.range)]) }
        guard let made = writer.made else { return nil }
        texts = made
    }

    private static func list(_ ranges: [Range<Int>]) -> [TextPart] {
        ranges.enumerated().flatMap { [.text($0 == 0 ? "SELECT (" : ", ("), TextPart.source($1), .text(")")] }
    }

    private static func filter(_ condition: Range<Int>?) -> [TextPart] {
        condition.map { [.text(" WHERE ("), .source($0), .text(")")] } ?? []
    }

    /// Columns and the expressions they get; nil with DEFAULT or a query among them.
    private static func flat(_ assignments: [Assignment]) -> ([String], [Range<Int>])? {
        var columns: [String] = []
        var values: [Range<Int>] = []
        for assignment in assignments {
            let sources: [ChangeValue]
            switch assignment.source {
            case .value(let value): sources = [value]
            case .row(let row): sources = row
            case .query: return nil
            }
            guard sources.count == assignment.columns.count else { return nil }
            for (column, source) in zip(assignment.columns, sources) {
                guard case .expression(let range) = source else { return nil }
                columns.append(column.name)
                values.append(range)
            }
        }
        return (columns, values)
    }

    private static func arbiter(_ arbiter: OnConflict.Arbiter) -> PointInsertion.Conflict.Arbiter {
        switch arbiter {
        case .any: .any
        case .columns(let names): .columns(names.map(\.name))
        case .constraint(let name): .constraint(name.name)
        }
    }

    func plan(_ planner: PointPlanner, _ trees: [Query]) -> PointPlan? {
        guard let first = trees.first else { return nil }
        let returning = returns ? trees.last?.select?.list ?? [] : []
        switch kind {
        case .update(let columns): return planner.update(first.reading(target, alias), columns: columns, returning: returning)
        case .delete: return planner.delete(first.reading(target, alias), returning: returning)
        case .insert(let columns, let numbers, let arbiter, let assigned):
            guard case .values(let rows)? = first.select?.from.kind else { return nil }
            var rest = trees.dropFirst()
            var defaults: [Int16: SQLPlanning.Expression] = [:]
            if !numbers.isEmpty {
                guard let list = rest.popFirst()?.select?.list, list.count == numbers.count else { return nil }
                defaults = Dictionary(uniqueKeysWithValues: zip(numbers, list))
            }
            var conflict = arbiter.map { PointInsertion.Conflict(arbiter: $0) }
            if let assigned, let arbiter {
                guard let list = rest.popFirst()?.select?.list, list.count == assigned.count + (conditional ? 1 : 0) else { return nil }
                conflict = PointInsertion.Conflict(
                    arbiter: arbiter, assignments: zip(assigned, list).map { ($0, $1) }, condition: conditional ? list.last : nil)
            }
            let insertion = PointInsertion(columns: columns, rows: rows, defaults: defaults, conflict: conflict, returning: returning)
            return planner.insert(insertion, into: target, alias: alias)
        }
    }
}

extension Query {
    /// The same over that table: the text had a stand-in for the name, which is resolved already.
    fileprivate func reading(_ name: TableName, _ alias: String?) -> Query {
        guard var select else { return self }
        var reference = TableReference(.table(name))
        reference.alias = alias
        select.from = reference
        var query = self
        query.body = .select(select)
        return query
    }
}

/// Texts for the engine's parser, with the client's parameter numbers.
private struct PartWriter {
    let text: SQLText
    /// nil once a part could not be written.
    var made: [String]? = []

    init(text: SQLText) { self.text = text }

    mutating func add(_ parts: [TextPart]) {
        guard let composed = try? text.composed(parts), composed.references.isEmpty else { return made = nil }
        made?.append(composed.assemble(session: { _ in "NULL" }) { number, _ in "$\(number)" }.sql)
    }

    mutating func add(_ expressions: [String]) { made?.append("SELECT " + expressions.joined(separator: ", ")) }
}
