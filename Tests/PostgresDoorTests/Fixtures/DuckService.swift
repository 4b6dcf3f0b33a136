// A SQL layer just large enough to drive the door with real results: DuckDB behind `DoorService`, one connection a session.
import Base
import Columnar
import DuckDBKit
import Platform
import Reactor
import Session
import SQLSyntax
import Synchronization

let blocking = BlockingPool(name: "test-duckdb", threads: 8)

final class DuckService: DoorService {
    let database: Database
    let passwords: [String: String]
    let cancelled = Mutex<[CancelKey]>([])
    let sessions = Mutex<[CancelKey: DuckSession]>([:])
    private let next = Atomic<Int32>(0)
    let idleTimeoutMS: Int

    init(passwords: [String: String] = [:], idleTimeoutMS: Int = 0) throws(LeibrixError) {
        database = try Database(DatabaseConfiguration(threads: 2))
        self.passwords = passwords
        self.idleTimeoutMS = idleTimeoutMS
    }

    func authentication(user: String, database: String, isLoopback: Bool, isEncrypted: Bool) throws(LeibrixError) -> Authentication {
        guard let password = passwords[user] else { return passwords.isEmpty ? .trust : .scramSHA256(Self.verifier("not the password")) }
        return .scramSHA256(Self.verifier(password))
    }

    static func verifier(_ password: String) -> ScramVerifier {
        let salt: [UInt8] = Array("sixteen bytes ..".utf8)
        let keys = ScramKeys(password: password, salt: salt, iterations: 4_096)
        return ScramVerifier(iterations: 4_096, salt: salt, storedKey: keys.storedKey, serverKey: keys.serverKey)
    }

    func openSession(_ opening: SessionOpening) throws(LeibrixError) -> DuckSession {
        let number = next.add(1, ordering: .relaxed).newValue
        let key = CancelKey(processID: number, secret: number &* 7_919)
        let session = DuckSession(try database.connect(), key, idleTimeoutMS, opening)
        sessions.withLock { $0[key] = session }
        return session
    }

    func cancel(_ key: CancelKey) {
        cancelled.withLock { $0.append(key) }
        sessions.withLock { $0[key] }?.connection.interrupt()
    }
}

final class DuckSession: DoorSession {
    let connection: Connection
    let cancelKey: CancelKey
    let opening: SessionOpening
    let idleTimeoutMS: (session: Int, inTransaction: Int)
    private let status = Mutex<TransactionStatus>(.idle)
    private let reports: Mutex<[(name: String, value: String)]>
    private let forgotten = Mutex<Forgotten>(.nothing)
    /// What the implicit transaction's ends were told, in order.
    let ends = Mutex<[Bool]>([])

    init(_ connection: Connection, _ key: CancelKey, _ idleTimeoutMS: Int, _ opening: SessionOpening) {
        self.connection = connection
        self.opening = opening
        cancelKey = key
        self.idleTimeoutMS = (idleTimeoutMS, idleTimeoutMS)
        reports = Mutex([("server_version", "15.0"), ("client_encoding", "UTF8"), ("TimeZone", "UTC"), ("standard_conforming_strings", "on"), ("integer_datetimes", "on")])
    }

    var transactionStatus: TransactionStatus { status.withLock { $0 } }

    func takeParameterStatus() -> [(name: String, value: String)] {
        reports.withLock { reports in
            defer { reports = [] }
            return reports
        }
    }

    func split(_ sql: String) throws(LeibrixError) -> [StatementText] { try splitStatements(sql).map { StatementText(sql: $0.sql, offset: $0.offset) } }

    func prepare(_ statement: StatementText, parameterTypes: [DataType?]) async throws(LeibrixError) -> PreparedStatement {
        let words = statement.sql.split(separator: " ").map { $0.uppercased() }
        if statement.sql.isEmpty { return PreparedStatement(text: statement, parameterTypes: [], outcome: .empty, plan: 0) }
        if words.first == "COPY" { return try await prepareCopy(statement) }
        if ["BEGIN", "COMMIT", "ROLLBACK", "SET", "DEALLOCATE", "CREATE", "INSERT"].contains(words.first ?? "") {
            return PreparedStatement(text: statement, parameterTypes: [], outcome: .command, plan: 0)
        }
        let connection = connection
        let sql = statement.sql
        return try await blocking.run { () throws(LeibrixError) in
            let query = try connection.prepare(sql)
            let types = query.parameterTypes.enumerated().map { index, type in
                (index < parameterTypes.count ? parameterTypes[index] : nil) ?? type ?? .varchar
            }
            let columns = (query.columns ?? []).map { ResultColumn($0.name, $0.type) }
            return PreparedStatement(text: statement, parameterTypes: types, outcome: .rows(columns), plan: 0)
        }
    }

    /// `COPY (SELECT ..) TO STDOUT [csv|binary]`, `COPY x FROM STDIN`.
    private func prepareCopy(_ statement: StatementText) async throws(LeibrixError) -> PreparedStatement {
        let sql = statement.sql
        guard let open = sql.firstIndex(of: "("), let close = sql.lastIndex(of: ")") else {
            return PreparedStatement(text: statement, parameterTypes: [], outcome: .copyIn(CopyFormat(kind: .text, delimiter: 9, null: "\\N"), [ResultColumn("a", .integer), ResultColumn("b", .varchar)]), plan: "in")
        }
        let inner = String(sql[sql.index(after: open)..<close])
        let kind: CopyFormat.Kind = sql.hasSuffix("binary") ? .binary : sql.hasSuffix("csv") ? .csv : .text
        let format = CopyFormat(kind: kind, delimiter: kind == .csv ? 0x2C : 9, null: kind == .csv ? "" : "\\N", header: kind == .csv)
        let select = try await prepare(StatementText(sql: inner), parameterTypes: [])
        guard case .rows(let columns) = select.outcome else { throw LeibrixError(.syntax, "no query") }
        return PreparedStatement(text: statement, parameterTypes: [], outcome: .copyOut(format, columns), plan: inner)
    }

    func execute(_ statement: PreparedStatement, parameters: [Value]) async throws(LeibrixError) -> DuckExecution {
        guard status.withLock({ $0 }) != .failed || ["ROLLBACK", "COMMIT"].contains(statement.text.sql.uppercased()) else {
            throw LeibrixError(.failedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
        }
        let word = statement.text.sql.split(separator: " ").first?.uppercased() ?? ""
        switch statement.outcome {
        case .command: return try await command(word, statement.text.sql)
        case .copyIn: return DuckExecution([], "COPY", nil)
        default: break
        }
        let connection = connection
        let sql = statement.plan as? String ?? statement.text.sql
        do throws(LeibrixError) {
            return try await blocking.run { () throws(LeibrixError) in
                DuckExecution(statement.columnsOfRows, word == "COPY" ? "COPY" : "SELECT", try connection.query(sql, parameters, streaming: true))
            }
        } catch {
            status.withLock { $0 = $0 == .idle ? .idle : .failed }
            throw error
        }
    }

    private func command(_ word: String, _ sql: String) async throws(LeibrixError) -> DuckExecution {
        let tag = word
        switch word {
        case "BEGIN": status.withLock { $0 = .active }
        case "COMMIT", "ROLLBACK": status.withLock { $0 = .idle }
        case "DEALLOCATE": forgotten.withLock { $0 = .allStatements }
        case "SET": reports.withLock { $0.append(("TimeZone", String(sql.split(separator: "'").last ?? "UTC"))) }
        default:
            let connection = connection
            try await blocking.run { () throws(LeibrixError) in try connection.execute(sql) }
        }
        return DuckExecution([], tag, nil)
    }

    func endImplicitTransaction(failed: Bool) async throws(LeibrixError) { ends.withLock { $0.append(failed) } }

    func takeForgotten() -> Forgotten {
        forgotten.withLock { forgotten in
            defer { forgotten = .nothing }
            return forgotten
        }
    }

    func namedStatement(_ name: String) -> PreparedStatement? { nil }
    func close() async {}
}

final class DuckExecution: DoorExecution {
    private struct Holder: ~Copyable { var result: QueryResult? }

    let columns: [ResultColumn]
    private let word: String
    private let holder: Mutex<Holder>
    let copied = Mutex<[[Value]]>([])

    init(_ columns: [ResultColumn], _ word: String, _ result: consuming QueryResult?) {
        self.columns = columns
        self.word = word
        holder = Mutex(Holder(result: result))
    }

    func next() async throws(LeibrixError) -> Batch? {
        try await blocking.run { () throws(LeibrixError) in
            let outcome = self.holder.withLock { holder -> Result<Batch?, LeibrixError> in
                do throws(LeibrixError) { return .success(try holder.result?.next()) } catch { return .failure(error) }
            }
            return try outcome.get()
        }
    }

    func commandTag(rows: Int) -> String { word == "SELECT" || word == "COPY" ? "\(word) \(columns.isEmpty ? copied.withLock { $0.count } : rows)" : word }
    func takeNotices() -> [LeibrixError] { word == "CREATE" ? [LeibrixError(.notSupported, "a notice", sqlState: "00000")] : [] }
    func copy(_ rows: [[Value]]) async throws(LeibrixError) { copied.withLock { $0 += rows } }
    func endCopy() async throws(LeibrixError) {}
    func close() async { holder.withLock { $0.result = nil } }
}

extension PreparedStatement {
    var columnsOfRows: [ResultColumn] {
        switch outcome {
        case .rows(let columns), .copyOut(_, let columns): columns
        default: []
        }
    }
}
