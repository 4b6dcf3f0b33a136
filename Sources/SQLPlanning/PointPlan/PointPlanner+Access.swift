// Choosing the index: a unique one whose columns are all given; else the one with most given columns in front, a bound on
// the next included. What the access already holds is left out of the filter, unless a NULL could slip through.

internal import Base
internal import Catalog
internal import Columnar

extension PointPlanner {
    /// A conjunct that an index can use.
    struct Condition {
        enum Kind {
            case equal(KeyPart)
            case list([KeyPart])
            case array(Int)
            case bound(Comparison, KeyPart)
        }
        var column: Int
        var kind: Kind
        var conjunct: Int
    }

    /// nil where no index helps and the table would have to be read.
    func access(_ table: TableDefinition, _ scope: ScalarScope, _ conjuncts: [Expression]) -> (PointAccess, rest: [Expression])? {
        let conditions = conjuncts.enumerated().flatMap { self.conditions($1, $0, scope) }
        for index in table.indexes where index.isUnique {
            guard let places = self.places(index, table), let (keys, used) = self.keys(index, places, conditions, scope) else { continue }
            return (.keys(keys), rest(conjuncts, used))
        }
        var best: (range: PointRange, used: Set<Int>, score: Int)?
        for index in table.indexes where !index.keys.contains(where: \.isDescending) {
            guard let places = self.places(index, table) else { continue }
            let (range, used, score) = self.range(index, places, conditions, table)
            if score > (best?.score ?? -1) { best = (range, used, score) }
        }
        return best.map { (.range($0.range), rest(conjuncts, $0.used)) }
    }

    private func rest(_ conjuncts: [Expression], _ used: Set<Int>) -> [Expression] {
        conjuncts.indices.filter { !used.contains($0) }.map { conjuncts[$0] }
    }

    /// The index's columns as places in the table; nil with expressions among them.
    func places(_ index: IndexDefinition, _ table: TableDefinition) -> [Int]? {
        guard let columns = index.columns else { return nil }
        let places = columns.compactMap { table.position(ofAttribute: $0) }
        return places.count == columns.count ? places : nil
    }

    private func keys(
        _ index: IndexDefinition, _ places: [Int], _ conditions: [Condition], _ scope: ScalarScope
    ) -> (PointKeys, used: Set<Int>)? {
        var keys = PointKeys(index: index.id, columns: [], list: nil)
        var used: Set<Int> = []
        for (place, column) in places.enumerated() {
            let here = conditions.filter { (condition: Condition) in condition.column == column }
            if let condition = here.first(where: { $0.isEqual }), case .equal(let part) = condition.kind {
                keys.columns.append(part)
                used.insert(condition.conjunct)
            } else if keys.list == nil, let condition = here.first(where: { $0.isList }) {
                let source: PointKeys.List.Source
                switch condition.kind {
                case .list(let parts): source = .values(parts)
                case .array(let parameter): source = .parameter(parameter)
                default: return nil
                }
                keys.list = PointKeys.List(place: place, type: scope.columns[column].type, source: source)
                used.insert(condition.conjunct)
            } else {
                return nil
            }
        }
        return (keys, used)
    }

    /// The longest prefix of given columns, and bounds of the next. The score counts both, a unique index winning a tie.
    private func range(
        _ index: IndexDefinition, _ places: [Int], _ conditions: [Condition], _ table: TableDefinition
    ) -> (PointRange, used: Set<Int>, score: Int) {
        var range = PointRange(index: index.id, prefix: [], lower: nil, upper: nil, isReverse: false, isOrdered: false)
        var used: Set<Int> = []
        for column in places {
            let here = conditions.filter { (condition: Condition) in condition.column == column }
            if let condition = here.first(where: { $0.isEqual }), case .equal(let part) = condition.kind {
                range.prefix.append(part)
                used.insert(condition.conjunct)
                continue
            }
            let taken = here.filter { take($0, &range) }.map(\.conjunct)
            // BETWEEN is one conjunct with two bounds; behind a lower bound alone lie the NULLs, which the filter keeps out.
            if table.columns[column].isNotNull {
                used.formUnion(taken.filter { conjunct in here.count { $0.conjunct == conjunct } == taken.count { $0 == conjunct } })
            }
            break
        }
        let bounds = (range.lower == nil ? 0 : 1) + (range.upper == nil ? 0 : 1)
        return (range, used, range.prefix.count * 8 + bounds * 2 + (index.isUnique ? 1 : 0))
    }

    private func take(_ condition: Condition, _ range: inout PointRange) -> Bool {
        guard case .bound(let comparison, let part) = condition.kind, !part.needsRange else { return false }
        let isLower = comparison == .greater || comparison == .greaterOrEqual
        let isInclusive = comparison == .greaterOrEqual || comparison == .lessOrEqual
        guard isLower ? range.lower == nil : range.upper == nil else { return false }
        let bound = PointRange.Bound(part: part, isInclusive: isInclusive)
        if isLower { range.lower = bound } else { range.upper = bound }
        return true
    }

    // MARK: Conditions

    private func conditions(_ conjunct: Expression, _ number: Int, _ scope: ScalarScope) -> [Condition] {
        func condition(_ column: Int, _ kind: Condition.Kind) -> Condition { Condition(column: column, kind: kind, conjunct: number) }
        switch conjunct.kind {
        case .comparison(let comparison, let left, let right):
            if let column = self.column(left, scope), let part = self.part(right, column, scope) {
                return self.kind(comparison, part).map { [condition(column, $0)] } ?? []
            }
            if let column = self.column(right, scope), let part = self.part(left, column, scope) {
                return self.kind(comparison.mirrored, part).map { [condition(column, $0)] } ?? []
            }
        case .between(let operand, let lower, let upper):
            guard let column = self.column(operand, scope), let low = part(lower, column, scope), let high = part(upper, column, scope),
                !low.needsRange, !high.needsRange
            else { return [] }
            return [condition(column, .bound(.greaterOrEqual, low)), condition(column, .bound(.lessOrEqual, high))]
        case .inList(let operand, let items, isNegated: false):
            guard let column = self.column(operand, scope), items.count <= Self.keysMax else { return [] }
            let parts = items.compactMap { part($0, column, scope) }
            guard parts.count == items.count else { return [] }
            return [condition(column, parts.count == 1 ? .equal(parts[0]) : .list(parts))]
        case .subquery(let subquery):
            guard case .any(let operand, .equal) = subquery.kind, let column = self.column(operand, scope),
                case .parameter(let name)? = subquery.anyElement?.kind, let number = Int(name),
                parameterTypes.indices.contains(number - 1), case .list(let element)? = parameterTypes[number - 1],
                isSameKey(element, scope.columns[column].type)
            else { return [] }
            return [condition(column, .array(number - 1))]
        default: break
        }
        return []
    }

    private func kind(_ comparison: Comparison, _ part: KeyPart) -> Condition.Kind? {
        switch comparison {
        case .equal: .equal(part)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: .bound(comparison, part)
        default: nil
        }
    }

    private func column(_ expression: Expression, _ scope: ScalarScope) -> Int? {
        guard case .column(let path) = expression.kind else { return nil }
        return scope.column(path)
    }

    /// A value that reads no column, in the column's type or in another integer type.
    private func part(_ expression: Expression, _ column: Int, _ scope: ScalarScope) -> KeyPart? {
        let type = scope.columns[column].type
        let outer = ScalarScope(parameterTypes: parameterTypes)
        guard let program = ScalarProgram.bind(expression, in: outer) else { return nil }
        if program.type == type { return KeyPart(program: program, type: type, needsRange: false) }
        guard let target = ScalarType(type) else { return nil }
        if let adapted = ScalarProgram.adapted(expression, in: outer, to: target) {
            return KeyPart(program: adapted, type: type, needsRange: false)
        }
        guard let own = program.resultType, own.isInteger, target.isInteger else { return nil }
        let isNarrower = target.range.contains(own.range.lowerBound) && target.range.contains(own.range.upperBound)
        return KeyPart(program: program, type: type, needsRange: !isNarrower)
    }

    /// Whether elements of an array can be keys of a column as they are.
    private func isSameKey(_ element: DataType, _ column: DataType) -> Bool {
        if element == column { return true }
        guard let a = ScalarType(element), let b = ScalarType(column) else { return false }
        return a.isInteger && b.isInteger
    }
}

extension PointPlanner.Condition {
    fileprivate var isEqual: Bool {
        if case .equal = kind { return true }
        return false
    }
    fileprivate var isList: Bool {
        switch kind {
        case .list, .array: true
        default: false
        }
    }
}

extension ScalarProgram {
    /// A literal, brought to the type where comparing with it would do the same.
    static func adapted(_ expression: Expression, in scope: ScalarScope, to type: ScalarType) -> ScalarProgram? {
        var binder = ScalarBinder(scope: scope)
        guard let operand = binder.bind(expression), operand.literal != nil, let own = operand.type else { return nil }
        let stand = ScalarBinder.Operand(register: 0, type: type, dataType: type.dataType)
        guard binder.commonType([stand, operand]) == type, own.kind != .double, let cast = binder.cast(operand, to: type) else { return nil }
        return binder.program(cast)
    }
}
