extension Query {
    /// The relations that the query reads, in the order written, each once; names of its own common tables left out.
    public var relations: [TableName] {
        var found: [TableName] = []
        collect(into: &found, hiding: [])
        return found
    }

    fileprivate func collect(into found: inout [TableName], hiding hidden: Set<String>) {
        var hidden = hidden
        for common in commonTables {
            common.query.collect(into: &found, hiding: hidden)
            hidden.insert(common.name.lowercased())
        }
        switch body {
        case .select(let select):
            select.from.collect(into: &found, hiding: hidden)
            for expression in select.list + [select.filter, select.having, select.qualify].compactMap({ $0 }) {
                expression.collect(into: &found, hiding: hidden)
            }
        case .setOperation(let operation):
            operation.left.collect(into: &found, hiding: hidden)
            operation.right.collect(into: &found, hiding: hidden)
        case .recursive(let recursive):
            hidden.insert(recursive.name.lowercased())
            recursive.left.collect(into: &found, hiding: hidden)
            recursive.right.collect(into: &found, hiding: hidden)
        case .other: break
        }
    }
}

extension Expression {
    fileprivate func collect(into found: inout [TableName], hiding hidden: Set<String>) {
        if case .subquery(let subquery) = kind { subquery.query.collect(into: &found, hiding: hidden) }
        for child in children { child.collect(into: &found, hiding: hidden) }
    }
}

extension TableReference {
    fileprivate func collect(into found: inout [TableName], hiding hidden: Set<String>) {
        switch kind {
        case .table(let table):
            if table.schema == nil, hidden.contains(table.name.lowercased()) { return }
            if !found.contains(table) { found.append(table) }
        case .join(let join):
            join.left.collect(into: &found, hiding: hidden)
            join.right.collect(into: &found, hiding: hidden)
            if case .on(let condition) = join.condition { condition.collect(into: &found, hiding: hidden) }
        case .subquery(let query): query.collect(into: &found, hiding: hidden)
        case .none, .function, .values, .other: break
        }
    }
}
