internal import Base
internal import Catalog
internal import Columnar
internal import SQLSyntax
internal import Synchronization
internal import TableEngine

/// COPY … FROM STDIN, planned: where the client's rows go.
final class CopyInPlan: Sendable {
    let parsed: ParsedQuery
    let table: TableDefinition
    /// Places of the columns that the client gives, in its order.
    let places: [Int]
    let format: CopyFormat

    init(parsed: ParsedQuery, table: TableDefinition, places: [Int], format: CopyFormat) {
        self.parsed = parsed
        self.table = table
        self.places = places
        self.format = format
    }

    /// Whether rows can be stored as they come: every column is given, and nothing is computed from them.
    var isPlain: Bool {
        places.count == table.columns.count && table.checks.isEmpty && !table.columns.contains { $0.generatedSQL != nil }
    }
}

extension SQLSession {
    func copyInPlan(_ parsed: ParsedQuery, _ text: StatementText, _ copy: CopyFromStatement) async throws(LeibrixError) -> PreparedStatement {
        if let condition = copy.condition {
            throw LeibrixError(
                .notSupported, "COPY FROM … WHERE is not supported", hint: "Copy into a table of its own, then INSERT … SELECT … WHERE.",
                position: parsed.text.characters(before: condition.lowerBound) + 1)
        }
        let source = try changedSource(copy.name, "INSERT")
        let table = if let source { source } else { try changedTable(copy.name, "INSERT") }
        let target = ChangeTarget(name: copy.name, range: 0..<0)
        let writer = changeText(table, target, parsed)
        let places = copy.columns.isEmpty ? table.columns.indices.filter { table.columns[$0].generatedSQL == nil } : try writer.places(copy.columns)
        for place in places where table.columns[place].generatedSQL != nil {
            var error = writer.generatedAlways(table.columns[place], verb: "copy into")
            error.position = copy.name.position
            throw error
        }
        var format = try CopyFormat(copy.options, isInput: true)
        let names = places.map { table.columns[$0].name }
        format.relation = table.name
        format.forceNull = try CopyFormat.columns("force_null", copy.options, names)
        format.forceNotNull = try CopyFormat.columns("force_not_null", copy.options, names)
        let plan = CopyInPlan(parsed: parsed, table: table, places: places, format: format)
        let columns = places.map { ResultColumn(table.columns[$0].name, table.columns[$0].type) }
        return PreparedStatement(text: text, parameterTypes: [], outcome: .copyIn(format, columns), plan: StatementPlan.copyIn(plan))
    }

    /// Begins a COPY: rows come through the execution.
    func copyIn(_ plan: CopyInPlan) throws(LeibrixError) -> SQLExecution {
        try refuseReadOnly("COPY FROM")
        if !plan.table.isSource { try require(.insert, on: plan.table) }
        let tables = try tableTransaction()
        transaction.hasRead = true
        tables.beginStatement()
        return SQLExecution(copyingInto: CopyIn(self, plan, tables, mark: tables.mark()))
    }
}

/// A COPY on its way. One call at a time, as the door makes them.
final class CopyIn: @unchecked Sendable {
    private let session: SQLSession
    private let plan: CopyInPlan
    private let tables: TableTransaction
    private let mark: TableTransaction.Mark
    /// Rows for sources that statements before this one keep for the commit.
    private let pendingCount: Int
    private let control = StatementControl()
    private let finish: @Sendable (SQLExecution.End) -> Void
    private var rows = 0
    private var keys = ForeignKeyWork()
    private var step: ChangeStep?
    private var hasEnded = false
    /// The piece that is being stored while the door reads the next.
    private var pending: Task<LeibrixError?, Never>?

    init(_ session: SQLSession, _ plan: CopyInPlan, _ tables: TableTransaction, mark: TableTransaction.Mark) {
        self.session = session
        self.plan = plan
        self.tables = tables
        self.mark = mark
        pendingCount = session.pendingRows.count
        let record = session.begin(plan.parsed)
        finish = session.ending(record, session.arm(control), control)
        session.status.withLock { $0.control = control }
    }

    var count: Int { rows }

    func take(_ values: [[Value]]) async throws(LeibrixError) {
        guard !values.isEmpty else { return }
        do throws(LeibrixError) {
            try await settlePending()
            try control.check()
            if plan.table.isSource { return try await store(values) }
        } catch {
            fail(error)
            throw error
        }
        pending = Task {
            do throws(LeibrixError) {
                try await store(values)
                return nil
            } catch { return error }
        }
    }

    private func settlePending() async throws(LeibrixError) {
        guard let task = pending else { return }
        pending = nil
        if let error = await task.value { throw error }
    }

    private func store(_ values: [[Value]]) async throws(LeibrixError) {
        let table = plan.table
        if table.isSource {
            try keepRows(values)
        } else if plan.isPlain {
            let tables = tables
            let fitted = try fitted(values)
            if !table.foreignKeys.isEmpty { for row in fitted { keys.note(row: row, table) } }
            try await again { (_) throws(LeibrixError) in
                try await self.session.placed(rows: fitted.count) { () throws(LeibrixError) in try tables.insert(table.id, rows: fitted) }
            }
        } else {
            try await storeComputed(values)
        }
        rows += values.count
    }

    /// Rows for a source wait for the commit; columns that are not copied are NULL.
    private func keepRows(_ values: [[Value]]) throws(LeibrixError) {
        let columns = plan.table.columns
        let fields = columns.map { DataType.Field($0.name, $0.type) }
        let places = plan.places
        let ordered = try values.map { (row) throws(LeibrixError) in
            var whole = [Value](repeating: .null, count: fields.count)
            for (index, place) in places.enumerated() { whole[place] = try columns[place].fitted(row[index]) }
            return whole
        }
        try session.keep([Batch.rows(ordered, fields)], for: plan.table.name)
    }

    /// The rows in the table's order, as its columns hold them.
    private func fitted(_ values: [[Value]]) throws(LeibrixError) -> [[Value]] {
        let columns = plan.table.columns
        let isOrdered = plan.places == Array(columns.indices)
        let modified = columns.indices.filter { columns[$0].changesValues }
        let required = columns.indices.filter { columns[$0].isNotNull }
        let first = rows + (plan.format.header ? 2 : 1)
        var ordered = values
        for index in ordered.indices {
            do throws(LeibrixError) {
                if !isOrdered { for (from, place) in plan.places.enumerated() { ordered[index][place] = values[index][from] } }
                for place in modified { ordered[index][place] = try columns[place].fitted(ordered[index][place]) }
                for place in required {
                    if case .null = ordered[index][place] { throw .nullValue(columns[place], plan.table, row: ordered[index]) }
                }
            } catch {
                throw error.within("COPY \(plan.table.name), line \(first + index)")
            }
        }
        return ordered
    }

    /// Defaults, generated columns and checks are the engine's: the rows go to it as one parameter.
    private func storeComputed(_ values: [[Value]]) async throws(LeibrixError) {
        let table = plan.table
        let fields = plan.places.indices.map { DataType.Field("c\($0)", table.columns[plan.places[$0]].type) }
        let step = try await computing(fields)
        let fitted = try values.map { (row) throws(LeibrixError) in
            try zip(plan.places, row).map { (place, value) throws(LeibrixError) in try table.columns[place].fitted(value) }
        }
        let parameter = Value.list(fitted.map { row in .structure(zip(fields, row).map { .init($0.name, $1) }) })
        let batches = try await session.rows(of: step.plan, [parameter], control)
        let run = ChangeRun(table: table, tables: tables, isReferenced: false)
        try await again { (result) throws(LeibrixError) in
            var skipped: [[Value]] = []
            switch try run.insert(step, batches, .fail, &result, skipped: &skipped) {
            case .done: return .done(inserted: result.rows, skipped: [])
            case .blocked(let other): return .blocked(by: other)
            case .changed: return .changed
            }
        }
    }

    private func computing(_ fields: [DataType.Field]) async throws(LeibrixError) -> ChangeStep {
        if let step { return step }
        let table = plan.table
        let type = DataType.list(.structure(fields))
        let writer = session.changeText(table, ChangeTarget(name: SQLSyntax.ObjectName([Identifier(table.name, position: 1)]), range: 0..<0), plan.parsed)
        let source: [TextPart] = [.text("SELECT * FROM ")] + ChangeText.rows(1, type)
        let parts = try writer.withChecks(writer.withGenerated(writer.select(from: source, plan.places, nil), hasRowID: false))
        let engine = try await session.enginePlan(plan.parsed, [type], composed: try plan.parsed.text.composed(parts), tag: "COPY")
        let made = ChangeStep(kind: .insert, plan: engine, columns: Array(table.columns.indices), checks: table.checks, returning: 0)
        step = made
        return made
    }

    /// Inserts a piece; waits while another transaction has one of its keys. What was copied before stays.
    private func again(_ body: (inout ChangeResult) async throws(LeibrixError) -> InsertOutcome) async throws(LeibrixError) {
        while true {
            var result = ChangeResult()
            switch try await body(&result) {
            case .done:
                for (key, values) in result.keys.written { keys.written[key, default: []].formUnion(values) }
                return
            case .blocked(let other): try await session.wait(for: other, tables, control)
            case .changed: throw .cannotSerialize
            case .duplicate: throw LeibrixError(.internal, "a duplicate was reported that nobody asked for")
            }
            try control.check()
        }
    }

    func end() async throws(LeibrixError) {
        do throws(LeibrixError) {
            try await settlePending()
            try control.check()
            while true {
                switch try await session.settle(keys, plan.table, tables, control) {
                case .done:
                    hasEnded = true
                    return finish(SQLExecution.End(rows: 0, bytes: 0, error: nil, isPartial: false))
                case .blocked(let other): try await session.wait(for: other, tables, control)
                case .changed: throw .cannotSerialize
                }
            }
        } catch {
            fail(error)
            throw error
        }
    }

    /// Nothing of a COPY that fails is left.
    func fail(_ error: LeibrixError) {
        guard !hasEnded else { return }
        hasEnded = true
        if session.tables === tables { tables.rollBack(to: mark) }
        if plan.table.isSource, session.pendingRows.count > pendingCount { session.pendingRows.removeSubrange(pendingCount...) }
        finish(SQLExecution.End(rows: 0, bytes: 0, error: session.explained(error), isPartial: true))
    }

    func close() async {
        if let task = pending { _ = await task.value }
        pending = nil
        fail(LeibrixError(.cancelled, "COPY was closed by the client"))
    }
}

extension TableColumn {
    /// A value as the column's declared type has it.
    func fitted(_ value: Value) throws(LeibrixError) -> Value {
        if case .decimal(let width, let scale) = type.base, case .decimal(let digits, _, let given) = value {
            return try Self.rescaled(digits, Int(given), width, scale)
        }
        guard let modifier else { return value }
        switch (modifier, value) {
        case (.length(let length), .string(let text)):
            guard text.utf8.count > length, text.unicodeScalars.count > length else { return value }
            return .string(try shortened(text, to: length))
        case (.fixedLength(let length), .string(let text)) where type.base == .varchar:
            let trimmed = Self.trimmed(text)
            guard trimmed.utf8.count <= length || trimmed.unicodeScalars.count <= length else { throw .tooLong(self) }
            return .string(trimmed)
        case (.precision(let digits), .timestamp(let micros)): return .timestamp(Self.rounded(micros, digits))
        case (.precision(let digits), .timestampTZ(let micros)): return .timestampTZ(Self.rounded(micros, digits))
        default: return value
        }
    }

    /// Whether `fitted` may give another value than it gets, or refuse it.
    var changesValues: Bool {
        if case .decimal = type.base { return true }
        return modifier != nil
    }

    /// A decimal in the column's scale, halves rounded away from zero.
    private static func rescaled(_ digits: Int128, _ given: Int, _ width: UInt8, _ scale: UInt8) throws(LeibrixError) -> Value {
        var digits = digits
        var shift = Int(scale) - given
        var last: Int128 = 0
        while shift < 0 {
            last = digits % 10
            digits /= 10
            shift += 1
        }
        if last.magnitude >= 5 { digits += last < 0 ? -1 : 1 }
        let limit: Int128 = (0..<Int(width)).reduce(1) { power, _ in power * 10 }
        while shift > 0, digits.magnitude < limit.magnitude {
            digits *= 10
            shift -= 1
        }
        guard digits.magnitude < limit.magnitude else {
            throw LeibrixError(
                .outOfRange, "numeric field overflow",
                detail: "A field with precision \(width), scale \(scale) must round to an absolute value less than 10^\(Int(width) - Int(scale)).",
                hint: "Widen the column.", sqlState: "22003")
        }
        return .decimal(digits, width: width, scale: scale)
    }

    /// Blanks at the end may go.
    private func shortened(_ text: String, to length: Int) throws(LeibrixError) -> String {
        let scalars = text.unicodeScalars
        guard scalars.dropFirst(length).allSatisfy({ $0 == " " }) else { throw .tooLong(self) }
        return String(String.UnicodeScalarView(scalars.prefix(length)))
    }

    private static func trimmed(_ text: String) -> String {
        var end = text.utf8.endIndex
        while end > text.utf8.startIndex, text.utf8[text.utf8.index(before: end)] == 0x20 { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }

    private static func rounded(_ micros: Int64, _ digits: Int) -> Int64 {
        let unit: Int64 = (0..<(6 - digits)).reduce(1) { unit, _ in unit * 10 }
        let shifted = micros &+ unit / 2
        return shifted &- ((shifted % unit) + unit) % unit
    }
}
