public import Base
public import Columnar
internal import Platform
internal import Session
internal import Synchronization

/// One conversation with a database: a transaction lasts from its BEGIN to its COMMIT here. Calls come one at a time.
public final class LeibrixSession: Sendable {
    private let session: SQLSession
    private let servers: TenantServers
    private let isOpen = Atomic<Bool>(true)

    init(_ session: SQLSession, _ servers: TenantServers) {
        self.session = session
        self.servers = servers
    }

    /// Ends what the session runs just now; it fails with `cancelled`. Any thread.
    public func cancel() { servers.cancel(session.cancelKey) }

    public func close() async {
        if isOpen.exchange(false, ordering: .sequentiallyConsistent) { await session.close() }
    }

    @discardableResult
    public func execute(_ sql: String, _ parameters: Value...) async throws(LeibrixError) -> String { try await execute(sql, parameters) }

    public func query(_ sql: String, _ parameters: Value...) async throws(LeibrixError) -> QueryRows {
        try await query(sql, parameters, closesSession: false)
    }

    func execute(_ sql: String, _ parameters: [Value]) async throws(LeibrixError) -> String {
        let texts = try session.split(sql)
        guard texts.count == 1 || parameters.isEmpty else {
            throw LeibrixError(.syntax, "parameters go with one statement, not \(texts.count)", hint: "Execute them one by one.")
        }
        var tag = ""
        for text in texts {
            let rows = try await start(text, parameters, closesSession: false)
            while try await rows.nextBatch() != nil {}
            tag = rows.tag
        }
        return tag
    }

    func query(_ sql: String, _ parameters: [Value], closesSession: Bool) async throws(LeibrixError) -> QueryRows {
        let texts = try session.split(sql)
        guard texts.count == 1 else {
            throw LeibrixError(.syntax, "a query is one statement, not \(texts.count)", hint: "execute(…) runs several.")
        }
        return try await start(texts[0], parameters, closesSession: closesSession)
    }

    private func start(_ text: StatementText, _ parameters: [Value], closesSession: Bool) async throws(LeibrixError) -> QueryRows {
        do throws(LeibrixError) {
            let statement = try await session.prepare(text, parameterTypes: parameters.map(Self.type))
            guard statement.parameterTypes.count == parameters.count else {
                throw LeibrixError(
                    .protocolViolation, "the statement has \(statement.parameterTypes.count) parameters but \(parameters.count) were given",
                    hint: "Give one value for each of $1, $2 ….")
            }
            let columns: [ResultColumn]
            switch statement.outcome {
            case .rows(let made): columns = made
            case .empty, .command: columns = []
            case .copyOut, .copyIn: throw LeibrixError(.notSupported, "COPY needs the PostgreSQL protocol", hint: "Push into a source, or INSERT.")
            }
            let execution = try await session.execute(statement, parameters: parameters)
            return QueryRows(columns.map { DataType.Field($0.name, $0.type) }, execution, session, closesSession ? self : nil)
        } catch {
            try? await session.endImplicitTransaction(failed: true)
            throw error
        }
    }

    /// The type a value has by itself; nil leaves it to the statement.
    private static func type(_ value: Value) -> DataType? {
        switch value {
        case .boolean: .boolean
        case .double: .double
        case .timestamp: .timestamp
        case .timestampTZ: .timestampTZ
        case .date: .date
        case .blob: .blob
        case .decimal(_, let width, let scale): .decimal(width: width, scale: scale)
        default: nil
        }
    }
}

/// Rows of a statement, pulled from the engine as they are asked for. Iterated once, by one task at a time; rows left over end
/// with `close`, or with the last reference.
public final class QueryRows: AsyncSequence, AsyncIteratorProtocol, @unchecked Sendable {
    public typealias Element = Row
    public typealias Failure = LeibrixError

    public let columns: [DataType.Field]
    /// The command's tag, when all rows were taken.
    public private(set) var tag = ""
    let names: ColumnIndex
    private let execution: SQLExecution
    private let session: SQLSession
    private let owner: LeibrixSession?
    private var batch: Batch?
    private var row = 0
    private var count = 0
    private var isOver = false

    init(_ columns: [DataType.Field], _ execution: SQLExecution, _ session: SQLSession, _ owner: LeibrixSession?) {
        self.columns = columns
        names = ColumnIndex(columns)
        self.execution = execution
        self.session = session
        self.owner = owner
    }

    deinit {
        guard !isOver else { return }
        let (execution, session, owner) = (execution, session, owner)
        Task {
            await execution.close()
            try? await session.endImplicitTransaction(failed: true)
            await owner?.close()
        }
    }

    public func makeAsyncIterator() -> QueryRows { self }

    /// The next batch of columns, for those who work on columns.
    public func nextBatch() async throws(LeibrixError) -> Batch? {
        if isOver { return nil }
        do throws(LeibrixError) {
            if let batch = try await execution.next() {
                count += batch.rowCount
                return batch
            }
            tag = execution.commandTag(rows: count)
            await execution.close()
            try await session.endImplicitTransaction(failed: false)
        } catch {
            await end(failed: true)
            throw error
        }
        isOver = true
        await owner?.close()
        return nil
    }

    public func next() async throws(LeibrixError) -> Row? {
        while batch == nil || row >= batch!.rowCount {
            guard let next = try await nextBatch() else { return nil }
            batch = next
            row = 0
        }
        row += 1
        return Row(batch: batch!, index: row - 1, names: names)
    }

    public func next(isolation actor: isolated (any Actor)?) async throws(LeibrixError) -> Row? { try await next() }

    /// All rows that are left.
    public func collect() async throws(LeibrixError) -> [Row] {
        var rows: [Row] = []
        while let row = try await next() { rows.append(row) }
        return rows
    }

    /// Stops: rows that were not asked for are never made.
    public func close() async { await end(failed: false) }

    private func end(failed: Bool) async {
        if isOver { return }
        isOver = true
        batch = nil
        await execution.close()
        try? await session.endImplicitTransaction(failed: failed)
        await owner?.close()
    }
}
