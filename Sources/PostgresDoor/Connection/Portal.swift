internal import Base
internal import Columnar
internal import Session

/// A statement bound to its parameters, and how far its rows have been sent.
final class Portal<Session: DoorSession> {
    let statement: PreparedStatement
    let parameters: [Value]
    /// One format a result column.
    let formats: [WireFormat]

    var execution: Session.Execution?
    var encoder: RowEncoder?
    /// The batch that is being sent, and its next row.
    var batch: Batch?
    var row = 0
    var rowsSent = 0
    var isFinished = false

    init(statement: PreparedStatement, parameters: [Value], formats: [WireFormat]) {
        self.statement = statement
        self.parameters = parameters
        self.formats = formats
    }

    /// As `close`; false, with nothing done, where something has to be waited for.
    func closeNow() -> Bool {
        if let running = execution, !running.closeNow() { return false }
        execution = nil
        batch = nil
        encoder = nil
        isFinished = true
        return true
    }

    /// Releases the engine behind it.
    func close() async {
        batch = nil
        encoder = nil
        isFinished = true
        guard let running = execution else { return }
        execution = nil
        await running.close()
    }
}

extension PreparedStatement {
    var columns: [ResultColumn] {
        switch outcome {
        case .rows(let columns), .copyOut(_, let columns): columns
        case .empty, .command, .copyIn: []
        }
    }

    /// Whether Describe answers with columns.
    var describesRows: Bool {
        if case .rows = outcome { return true }
        return false
    }
}
