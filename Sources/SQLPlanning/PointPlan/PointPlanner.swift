// Which statements an index answers. nil is "not ours", for any reason: the statement then goes its general way, so a plan
// is made only of what is understood whole.

internal import Base
public import Catalog
public import Columnar

public struct PointPlanner: Sendable {
    let catalog: TableCatalog
    let searchPath: [String]
    let parameterTypes: [DataType?]

    /// `parameterTypes` by number from 1; `searchPath` is where names without a schema are looked for.
    public init(catalog: TableCatalog, searchPath: [String], parameterTypes: [DataType?]) {
        self.catalog = catalog
        self.searchPath = searchPath
        self.parameterTypes = parameterTypes
    }

    /// Bounds of what is planned.
    public static let keysMax = 1_000
    public static let rowsMax = 1_000

    /// SELECT … FROM table WHERE … ORDER BY … LIMIT …, or a SELECT without FROM.
    public func select(_ query: Query) -> PointPlan? {
        guard query.commonTables.isEmpty, query.distinct == nil, let select = query.select, let source = source(select) else { return nil }
        guard let outputs = outputs(select.list, source.scope) else { return nil }
        var plan = PointSelect(source: source.source, outputs: outputs, order: [], limit: nil, offset: nil)
        if let limit = query.limit {
            guard !limit.isPercentage, bindCount(limit.count, &plan.limit), bindCount(limit.offset, &plan.offset) else { return nil }
        }
        guard order(query.order, select.list, source, limited: plan.limit != nil, &plan), isBounded(plan) else { return nil }
        return .select(plan)
    }

    /// UPDATE: `query` is `SELECT value, … FROM table WHERE …` with one value an assigned column.
    public func update(_ query: Query, columns: [String], returning: [Expression]) -> PointPlan? {
        guard query.isPlain, let select = query.select, select.list.count == columns.count, let source = source(select),
            let table = source.source.table, isBounded(source.source),
            let assignments = assignments(select.list, columns, table, source.scope), isFree(table, assignments),
            let outputs = outputs(returning, source.scope)
        else { return nil }
        return .update(PointUpdate(source: source.source, assignments: assignments, returning: outputs))
    }

    /// DELETE: `query` is `SELECT … FROM table WHERE …`; its list is not looked at.
    public func delete(_ query: Query, returning: [Expression]) -> PointPlan? {
        guard query.isPlain, let select = query.select, let source = source(select), let table = source.source.table,
            isBounded(source.source), catalog.foreignKeys(referencing: table.id).isEmpty,
            let outputs = outputs(returning, source.scope)
        else { return nil }
        return .delete(PointDelete(source: source.source, returning: outputs))
    }
}

extension Query {
    /// Nothing around the SELECT.
    var isPlain: Bool { commonTables.isEmpty && distinct == nil && order.isEmpty && limit == nil }
}

extension PointPlanner {
    struct BoundSource {
        var source: PointSource
        var scope: ScalarScope
    }

    private func source(_ select: Select) -> BoundSource? {
        guard select.grouping == .none, select.having == nil, select.qualify == nil, select.sample == nil else { return nil }
        let reference = select.from
        guard reference.sample == nil, reference.columnAliases.isEmpty else { return nil }
        switch reference.kind {
        case .none:
            let scope = ScalarScope(parameterTypes: parameterTypes)
            guard let filter = filter(select.filter.map { [$0] } ?? [], scope) else { return nil }
            return BoundSource(source: PointSource(table: nil, access: .nothing, filter: filter), scope: scope)
        case .table(let name):
            guard let table = table(name) else { return nil }
            let scope = scope(table, name, alias: reference.alias)
            var conjuncts: [Expression] = []
            if let condition = select.filter { Self.flatten(condition, &conjuncts) }
            guard let (access, rest) = access(table, scope, conjuncts), let filter = filter(rest, scope) else { return nil }
            return BoundSource(source: PointSource(table: table, access: access, filter: filter), scope: scope)
        default: return nil
        }
    }

    func table(_ name: TableName) -> TableDefinition? {
        guard name.catalog == nil, name.at == nil else { return nil }
        for schema in name.schema.map({ [$0] }) ?? searchPath {
            guard let relation = catalog.lookup(schema: schema == "main" ? TableCatalog.publicSchema : schema, name: name.name) else { continue }
            guard case .table(let id) = relation else { return nil }
            return catalog.table(id)
        }
        return nil
    }

    func scope(_ table: TableDefinition, _ name: TableName, alias: String?) -> ScalarScope {
        let qualifiers = alias.map { [[$0]] } ?? [[table.name], [name.schema ?? table.schema, table.name]]
        return ScalarScope(
            columns: table.columns.map { ScalarScope.Column($0.name, $0.type) }, qualifiers: qualifiers, parameterTypes: parameterTypes)
    }

    static func flatten(_ condition: Expression, _ conjuncts: inout [Expression]) {
        guard case .and(let items) = condition.kind else { return conjuncts.append(condition) }
        for item in items { flatten(item, &conjuncts) }
    }

    /// The conjuncts as one program: `.some(nil)` where there are none, nil where one is not ours.
    func filter(_ conjuncts: [Expression], _ scope: ScalarScope) -> ScalarProgram?? {
        guard let first = conjuncts.first else { return .some(nil) }
        let whole = conjuncts.count == 1 ? first : Expression(.and(conjuncts))
        guard let program = ScalarProgram.bind(whole, in: scope), program.type == .boolean else { return nil }
        return .some(program)
    }

    func outputs(_ list: [Expression], _ scope: ScalarScope) -> [PointOutput]? {
        var outputs: [PointOutput] = []
        for item in list {
            switch item.kind {
            case .star(let star):
                guard star.isPlain, !scope.columns.isEmpty else { return nil }
                if let relation = star.relation, !scope.qualifiers.contains(where: { ScalarScope.isSame($0, [relation]) }) { return nil }
                outputs += scope.columns.indices.map { PointOutput(name: scope.columns[$0].name, type: scope.columns[$0].type, source: .column($0)) }
            case .column(let path) where scope.column(path) != nil:
                guard let place = scope.column(path) else { return nil }
                let column = scope.columns[place]
                outputs.append(PointOutput(name: item.alias ?? column.name, type: column.type, source: .column(place)))
            default:
                guard let program = ScalarProgram.bind(item, in: scope), program.type != .null else { return nil }
                outputs.append(PointOutput(name: item.alias, type: program.type, source: .program(program)))
            }
        }
        return outputs
    }

    /// A row count: a literal or a parameter of an integer type.
    private func bindCount(_ expression: Expression?, _ program: inout ScalarProgram?) -> Bool {
        guard let expression else { return true }
        guard let bound = ScalarProgram.bind(expression, in: ScalarScope(parameterTypes: parameterTypes)),
            bound.type == .null || bound.resultType?.isInteger == true
        else { return false }
        program = bound
        return true
    }
}
