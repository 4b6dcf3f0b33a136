internal import Base
internal import Catalog
internal import Columnar

extension PointPlanner {
    /// Takes ORDER BY: from the index where it gives the order, else as keys to sort the few rows by. NULLs' place depends on
    /// settings, so only columns without them are sorted by.
    func order(
        _ keys: [OrderKey], _ list: [Expression], _ bound: BoundSource, limited: Bool, _ plan: inout PointSelect
    ) -> Bool {
        guard !keys.isEmpty else { return true }
        guard let table = bound.source.table else { return false }
        var columns: [(place: Int, isDescending: Bool)] = []
        for key in keys {
            guard let place = column(key.expression, list, bound.scope), table.columns[place].isNotNull else { return false }
            columns.append((place, key.direction == .descending))
        }
        if case .range(var range) = bound.source.access, let isReverse = direction(range, columns, table) {
            range.isReverse = isReverse
            range.isOrdered = true
            plan.source.access = .range(range)
            return true
        }
        for (place, isDescending) in columns {
            let column = Expression(.column([table.columns[place].name]))
            guard let program = ScalarProgram.bind(column, in: bound.scope), program.resultType != nil else { return false }
            plan.order.append(PointOrder(program: program, isDescending: isDescending))
        }
        return true
    }

    /// A column by its name, by its place in the list or by an alias there.
    private func column(_ expression: Expression, _ list: [Expression], _ scope: ScalarScope) -> Int? {
        switch expression.kind {
        case .constant(.integer(let number), _):
            guard number >= 1, number <= list.count, !list.contains(where: \.isStar), case .column(let path) = list[Int(number) - 1].kind
            else { return nil }
            return scope.column(path)
        case .column(let path):
            if path.count == 1, let item = list.first(where: { $0.alias.map { ScalarScope.isSame($0, path[0]) } ?? false }) {
                guard case .column(let path) = item.kind else { return nil }
                return scope.column(path)
            }
            return scope.column(path)
        default: return nil
        }
    }

    /// Whether the index gives the order, and in which direction: the columns after its prefix, all one way. Columns of the
    /// prefix have one value and may stand anywhere.
    private func direction(_ range: PointRange, _ columns: [(place: Int, isDescending: Bool)], _ table: TableDefinition) -> Bool? {
        guard let index = table.index(range.index), let places = places(index, table) else { return nil }
        let fixed = Set(places.prefix(range.prefix.count))
        let asked = columns.filter { !fixed.contains($0.place) }
        guard let first = asked.first else { return false }
        let given = places.dropFirst(range.prefix.count).prefix(asked.count)
        guard Array(given) == asked.map(\.place), asked.allSatisfy({ $0.isDescending == first.isDescending }) else { return nil }
        return first.isDescending
    }

    /// A range needs something that bounds it: a given column, a bound, or a LIMIT in its order. How many rows that is shows when it runs.
    func isBounded(_ plan: PointSelect) -> Bool {
        if isBounded(plan.source) { return true }
        guard case .range(let range) = plan.source.access, plan.limit != nil else { return false }
        return range.isOrdered
    }

    func isBounded(_ source: PointSource) -> Bool {
        guard case .range(let range) = source.access else { return true }
        return !range.prefix.isEmpty || range.lower != nil || range.upper != nil
    }
}

extension Expression {
    var isStar: Bool {
        if case .star = kind { return true }
        return false
    }
}
