internal import Base
internal import Catalog
internal import Columnar
internal import SQLPlanning
internal import TableEngine

extension PointRun {
    /// The answer of a SELECT; nil when the rows are too many for an index.
    mutating func select(_ plan: PointSelect, _ layout: PointLayout) throws(LeibrixError) -> Batch? {
        let limit = try count(plan.limit, "LIMIT")
        let offset = try count(plan.offset, "OFFSET") ?? 0
        guard let table = plan.source.table else {
            let batch = PointBatch(layout, capacity: 1)
            let isTrue = try plan.source.filter.map { (filter) throws(LeibrixError) in try value(filter).isTrue } ?? true
            if isTrue, offset == 0, limit != 0 { try appendRow(plan.outputs, to: batch) }
            return batch.finish()
        }
        let wanted = plan.order.isEmpty ? limit.map { $0.addingReportingOverflow(offset) }.flatMap { $0.overflow ? nil : $0.partialValue } : nil
        if case .keys(let keys) = plan.source.access, keys.list == nil, plan.limit == nil, plan.offset == nil {
            let handle = try tables.index(keys.index, of: table.id)
            let batch = PointBatch(layout, capacity: 1)
            if let row = try row(keys, handle, plan.source.filter) { try appendRow(plan.outputs, of: row, handle, to: batch) }
            return batch.finish()
        }
        if limit == 0 { return PointBatch(layout, capacity: 0).finish() }
        guard var rows = try rows(plan.source, limit: wanted) else { return nil }
        if !plan.order.isEmpty { rows = try sorted(rows, plan.order, table.id) }
        let batch = PointBatch(layout, capacity: rows.count)
        for row in rows.dropFirst(offset).prefix(limit ?? .max) { try appendRow(plan.outputs, of: row, table.id, to: batch) }
        return batch.finish()
    }

    /// NULL is no limit, as is none.
    private mutating func count(_ program: ScalarProgram?, _ clause: String) throws(LeibrixError) -> Int? {
        guard let program, case .integer(let number) = try value(program) else { return nil }
        guard number >= 0 else {
            throw LeibrixError(
                .invalidOption, "\(clause) must not be negative", hint: "Give a number of rows.", sqlState: clause == "LIMIT" ? "2201W" : "2201X")
        }
        return Int(number)
    }

    private mutating func sorted(_ rows: [RowID], _ order: [PointOrder], _ table: TableID) throws(LeibrixError) -> [RowID] {
        var keyed: [(row: RowID, keys: [Scalar])] = []
        for row in rows {
            var run = self
            let context = context
            let keys = try run.tables.withValues(table, row) { (view) throws(LeibrixError) -> [Scalar] in
                var keys: [Scalar] = []
                for key in order { keys.append(try key.program.evaluate(view, context, &run.frame)) }
                return keys
            }
            self = run
            if let keys { keyed.append((row, keys)) }
        }
        return keyed.sorted { a, b in
            for (place, key) in order.enumerated() {
                let order = key.order(a.keys[place], b.keys[place])
                if order != 0 { return order < 0 }
            }
            return false
        }.map(\.row)
    }

    // MARK: Outputs

    private mutating func appendRow(_ outputs: [PointOutput], to batch: PointBatch) throws(LeibrixError) {
        for (place, output) in outputs.enumerated() {
            guard case .program(let program) = output.source else { throw LeibrixError(.internal, "a column without a table") }
            batch.append(place, try value(program), output.type)
        }
        batch.endRow()
    }

    mutating func appendRow(_ outputs: [PointOutput], of row: RowID, _ table: TableID, to batch: PointBatch) throws(LeibrixError) {
        var frame = frame
        let context = context
        let found: Void? = try tables.withValues(table, row) { (view) throws(LeibrixError) in
            try Self.append(outputs, view, context, &frame, to: batch)
        }
        self.frame = frame
        if found != nil { batch.endRow() }
    }

    /// As from the table, of a row that was found through an index.
    private mutating func appendRow(_ outputs: [PointOutput], of row: RowID, _ handle: IndexHandle, to batch: PointBatch) throws(LeibrixError) {
        var frame = frame
        let context = context
        let found: Void? = try tables.withRow(handle, row) { (view) throws(LeibrixError) in
            try Self.append(outputs, view, context, &frame, to: batch)
        }
        self.frame = frame
        if found != nil { batch.endRow() }
    }

    private static func append(
        _ outputs: [PointOutput], _ view: borrowing RowView, _ context: ScalarContext, _ frame: inout ScalarFrame, to batch: PointBatch
    ) throws(LeibrixError) {
        for place in outputs.indices {
            switch outputs[place].source {
            case .column(let column): batch.append(place, view, column)
            case .program(let program): batch.append(place, try program.evaluate(view, context, &frame), outputs[place].type)
            }
        }
    }
}

extension TableTransaction {
    /// Reads a row that this statement has found.
    func withValues<T>(_ table: TableID, _ row: RowID, _ body: (borrowing RowView) throws(LeibrixError) -> T) throws(LeibrixError) -> T? {
        var outcome: Result<T, LeibrixError>?
        _ = try withRow(table, row) { view in
            do throws(LeibrixError) { outcome = .success(try body(view)) } catch { outcome = .failure(error) }
        }
        return try outcome?.get()
    }
}

extension PointBatch {
    /// A column of the table of the output's own type.
    func append(_ place: Int, _ view: borrowing RowView, _ column: Int) {
        if view.isNull(column) { return appendNull(place) }
        if isText(place) { append(place, bytes: view.bytes(column)) } else { append(place, bits: view.bits(column, width: width(place))) }
    }

    func append(_ place: Int, _ value: Scalar, _ type: DataType) {
        switch value {
        case .null: appendNull(place)
        case .boolean(let flag): append(place, bits: flag ? 1 : 0)
        case .integer(let number): append(place, bits: UInt128(truncatingIfNeeded: number))
        case .double(let number):
            if case .real = type.base {
                append(place, bits: UInt128(Float(number).bitPattern))
            } else {
                append(place, bits: UInt128(number.bitPattern))
            }
        case .wide(let digits): append(place, bits: UInt128(truncatingIfNeeded: digits))
        case .string(let text): append(place, bytes: Array(text.utf8).span)
        case .interval(let months, let days, let micros):
            let low = UInt128(UInt32(bitPattern: months)) | UInt128(UInt32(bitPattern: days)) << 32
            append(place, bits: low | UInt128(UInt64(bitPattern: micros)) << 64)
        case .other: appendNull(place)
        }
    }
}
