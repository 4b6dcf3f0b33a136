// EXPLAIN of a point statement: the index, what is asked of it, and its shape; ANALYZE runs it and tells what it met.
internal import Base
internal import Catalog
internal import Columnar
internal import Platform
internal import SQLPlanning
internal import TableEngine

extension SQLSession {
    /// nil when the rows are too many for the index, so that the columns answer.
    func explainPoint(_ statement: PointStatement, _ parameters: [Value], analyze: Bool) throws(LeibrixError) -> SQLExecution? {
        guard case .select(let plan) = statement.plan, statement.version == planVersion, let table = plan.source.table else { return nil }
        try require(.select, on: table)
        guard let scalars = statement.scalars(parameters) else { return nil }
        let context = ScalarContext(parameters: scalars, nowMicros: server.clock.wallMicros())
        let tables = try tableTransaction()
        tables.beginStatement()
        var run = PointRun(tables, context)
        let begun = server.clock.monotonicNanos()
        guard let batch = try run.select(plan, statement.layout) else { return nil }
        let nanos = server.clock.monotonicNanos() - begun
        var lines = try run.describe(plan, table, rows: batch.rowCount)
        if analyze {
            lines.append("  Probes: \(run.probes)")
            if plan.source.filter != nil { lines.append("  Rows Removed by Filter: \(run.filtered)") }
            lines.append("Execution Time: \(nanos / 1_000_000).\(padded(Int(nanos / 1_000 % 1_000), 3)) ms")
        }
        let field = DataType.Field("QUERY PLAN", .varchar)
        return SQLExecution(
            columns: [ResultColumn(field.name, field.type)], batches: [Batch.rows(lines.map { [.string($0)] }, [field])], tag: .fixed("EXPLAIN"))
    }
}

extension PointRun {
    mutating func describe(_ plan: PointSelect, _ table: TableDefinition, rows: Int) throws(LeibrixError) -> [String] {
        let (id, condition) = try condition(plan.source.access, table)
        guard let id, let index = table.index(id) else { return ["Result  (rows=\(rows))"] }
        let backward = if case .range(let range) = plan.source.access, range.isReverse { " Backward" } else { "" }
        var lines: [String] = []
        if plan.limit != nil || plan.offset != nil { lines.append("Limit  (rows=\(rows))") }
        if !plan.order.isEmpty { lines.append("Sort  (rows=\(rows))") }
        lines.append("Learned Index Scan\(backward) using \(index.name) on \(table.name)  (rows=\(rows))")
        return try lines + scanLines(plan.source, table, index, condition)
    }

    /// The index that finds the rows of a change.
    mutating func describe(_ source: PointSource, _ table: TableDefinition) throws(LeibrixError) -> [String] {
        let (id, condition) = try condition(source.access, table)
        guard let id, let index = table.index(id) else { return ["Result"] }
        return try ["Learned Index Scan using \(index.name) on \(table.name)"] + scanLines(source, table, index, condition)
    }

    private func scanLines(
        _ source: PointSource, _ table: TableDefinition, _ index: IndexDefinition, _ condition: String
    ) throws(LeibrixError) -> [String] {
        var lines: [String] = []
        if !condition.isEmpty { lines.append("  Index Cond: (\(condition))") }
        if let filter = source.filter {
            lines.append("  Filter: on \(filter.columns.map { table.columns[$0].name }.joined(separator: ", "))")
        }
        let shape = try tables.index(index.id, of: table.id).index.shape
        lines.append("  Index: depth \(shape.depth), layers \(shape.layers), model error mean \(Self.rounded(shape.meanError)) max \(shape.maxError), keys \(shape.keys)")
        return lines
    }

    private static func rounded(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(padded(hundredths % 100, 2))"
    }

    /// The index, and its columns with the values they are looked up with.
    private mutating func condition(_ access: PointAccess, _ table: TableDefinition) throws(LeibrixError) -> (TableID?, String) {
        switch access {
        case .nothing: return (nil, "")
        case .keys(let keys):
            let names = names(keys.index, table)
            var parts: [String] = []
            var given = keys.columns[...]
            for (place, name) in names.enumerated() {
                if keys.list?.place == place {
                    parts.append("\(name) = ANY (\(probes) keys)")
                } else if let part = given.popFirst() {
                    parts.append("\(name) = \(try shown(part))")
                }
            }
            return (keys.index, parts.joined(separator: ") AND ("))
        case .range(let range):
            let names = names(range.index, table)
            var parts: [String] = []
            for (name, part) in zip(names, range.prefix) { parts.append("\(name) = \(try shown(part))") }
            if range.prefix.count < names.count {
                let name = names[range.prefix.count]
                if let lower = range.lower { parts.append("\(name) \(lower.isInclusive ? ">=" : ">") \(try shown(lower.part))") }
                if let upper = range.upper { parts.append("\(name) \(upper.isInclusive ? "<=" : "<") \(try shown(upper.part))") }
            }
            return (range.index, parts.joined(separator: ") AND ("))
        }
    }

    private func names(_ index: TableID, _ table: TableDefinition) -> [String] { table.columnNames(table.index(index)?.columns ?? []) }

    private mutating func shown(_ part: KeyPart) throws(LeibrixError) -> String {
        let value = try value(part.program).value(part.type)
        if case .string(let text) = value { return "'\(text)'" }
        return value.shownText
    }
}
