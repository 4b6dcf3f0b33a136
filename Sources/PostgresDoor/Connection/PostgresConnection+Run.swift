// Running a portal: rows, COPY in either direction, and the tag at the end.
internal import Base
internal import Columnar
internal import Reactor
internal import Session

extension PostgresConnection {
    /// Runs a portal, or goes on with it. `rowsMax` 0 is all rows; `describes` sends RowDescription first.
    func run(_ portal: Portal<Session>, rowsMax: Int, describes: Bool) async throws(LeibrixError) {
        switch portal.statement.outcome {
        case .empty: return output.emptyQueryResponse()
        case .command:
            if portal.execution == nil || portal.isFinished { try refuseRerun(portal) }
            _ = try await begin(portal)
            try await drain(portal)
            await complete(portal)
        case .rows(let columns):
            _ = try await begin(portal)
            if describes { output.rowDescription(columns, portal.formats) }
            if try await sendRows(portal, rowsMax: rowsMax, layout: .dataRows) { return output.portalSuspended() }
            await complete(portal)
        case .copyOut(let format, let columns):
            try refuseRerun(portal)
            try await copyOut(portal, format, columns)
        case .copyIn(let format, let columns):
            try refuseRerun(portal)
            try await copyIn(portal, format, columns)
        }
    }

    private func refuseRerun(_ portal: Portal<Session>) throws(LeibrixError) {
        guard portal.execution == nil, !portal.isFinished else {
            throw LeibrixError(.notReady, "portal cannot be run again", hint: "Bind the statement anew.")
        }
    }

    private func begin(_ portal: Portal<Session>) async throws(LeibrixError) -> Session.Execution? {
        if portal.execution == nil, !portal.isFinished {
            guard let session else { return nil }
            if let answer = try session.executeNow(portal.statement, parameters: portal.parameters) {
                portal.execution = answer
            } else {
                portal.execution = try await session.execute(portal.statement, parameters: portal.parameters)
            }
        }
        return portal.execution
    }

    /// Commands have no rows, but end when `next` says so.
    private func drain(_ portal: Portal<Session>) async throws(LeibrixError) {
        while try await portal.execution?.next() != nil {}
        portal.isFinished = true
    }

    /// Notices and the command tag.
    private func complete(_ portal: Portal<Session>) async {
        if let execution = portal.execution {
            for notice in execution.takeNotices() { output.report(notice, notice.sqlState.hasPrefix("01") ? .warning : .notice) }
        }
        await absorb()
        let rows = portal.rowsSent
        portal.rowsSent = 0
        output.commandComplete(portal.execution?.commandTag(rows: rows) ?? "SELECT \(rows)")
    }

    // MARK: - Rows

    /// True when `rowsMax` rows were sent and there may be more.
    private func sendRows(_ portal: Portal<Session>, rowsMax: Int, layout: RowEncoder.Layout) async throws(LeibrixError) -> Bool {
        var left = rowsMax == 0 ? Int.max : rowsMax
        while true {
            if left == 0 { return true }
            guard let batch = try await currentBatch(portal) else { return false }
            let end = min(batch.rowCount, left == .max ? .max : portal.row + left)
            let encoder = encoder(portal, batch, layout)
            let next = try encoder.encode(batch, from: portal.row, to: end, into: output)
            left -= left == .max ? 0 : next - portal.row
            portal.rowsSent += next - portal.row
            portal.row = next
            if next == batch.rowCount { portal.batch = nil }
            try await flushIfFull()
        }
    }

    private func currentBatch(_ portal: Portal<Session>) async throws(LeibrixError) -> Batch? {
        if let batch = portal.batch { return batch }
        guard !portal.isFinished, let execution = portal.execution else { return nil }
        if execution.mayWait { try await flush() }
        repeat { portal.batch = try await next(execution) } while portal.batch?.rowCount == 0
        portal.row = 0
        portal.isFinished = portal.batch == nil
        return portal.batch
    }

    private func next(_ execution: Session.Execution) async throws(LeibrixError) -> Batch? {
        switch try execution.poll() {
        case .batch(let batch): batch
        case .end: nil
        case .unknown: try await execution.next()
        }
    }

    private func encoder(_ portal: Portal<Session>, _ batch: Batch, _ layout: RowEncoder.Layout) -> RowEncoder {
        if let encoder = portal.encoder, encoder.suits(batch.rowCount) { return encoder }
        let encoder = RowEncoder(formats: portal.formats, layout: layout, rows: batch.rowCount, context: context)
        portal.encoder = encoder
        return encoder
    }

    // MARK: - COPY

    private func copyOut(_ portal: Portal<Session>, _ format: CopyFormat, _ columns: [ResultColumn]) async throws(LeibrixError) {
        let layout = CopyLayout(format, columns: columns)
        let formats = [WireFormat](repeating: layout.wireFormat, count: columns.count)
        let copying = Portal<Session>(statement: portal.statement, parameters: portal.parameters, formats: formats)
        copying.execution = try await begin(portal)
        output.copyResponse("H", binary: format.kind == .binary, columns: columns.count)
        layout.appendHeader(columns, to: output)
        _ = try await sendRows(copying, rowsMax: 0, layout: .copy(layout))
        layout.appendTrailer(to: output)
        output.copyDone()
        portal.rowsSent = copying.rowsSent
        portal.isFinished = true
        await complete(portal)
    }

    private func copyIn(_ portal: Portal<Session>, _ format: CopyFormat, _ columns: [ResultColumn]) async throws(LeibrixError) {
        guard let execution = try await begin(portal) else { return }
        output.copyResponse("G", binary: format.kind == .binary, columns: columns.count)
        machine.copyInBegan()
        try await flush()
        do throws(LeibrixError) {
            try await takeCopyData(execution, CopyReader(format, columns: columns, context: context))
        } catch {
            machine.copyInEnded()
            throw error
        }
        machine.copyInEnded()
        try await drain(portal)
        await complete(portal)
    }

    private func takeCopyData(_ execution: Session.Execution, _ reader: CopyReader) async throws(LeibrixError) {
        var reader = reader
        var rows: [[Value]] = []
        while true {
            // Clients send a message a row: those that are there are read together.
            let action: ConnectionMachine.Action?
            if let ready = readyAction() {
                action = ready
            } else {
                rows += try reader.take([])
                action = try await nextAction()
            }
            switch action {
            case .copyData(let bytes):
                reader.gather(bytes)
                guard reader.waiting >= DoorLimits.copyBytesAtOnce else { continue }
                rows += try reader.take([])
                guard rows.count >= DoorLimits.copyRowsAtOnce else { continue }
                try await execution.copy(rows)
                rows = []
            case .copyDone:
                rows += try reader.take([])
                rows += try reader.finish()
                try await execution.copy(rows)
                return try await execution.endCopy()
            case .copyFail(let error): throw error
            case .ignore: continue
            case .fail(let error):
                output.report(error, .fatal)
                try? await flush()
                isBroken = true
                throw error
            default:
                isBroken = true
                throw LeibrixError(.io, "the client left during COPY")
            }
        }
    }
}
