// One statement of POST /query: who asks, a session for it, its rows as JSON, and the session's end. A connection that ends
// cancels its statement.
internal import Base
internal import Columnar
internal import Platform
internal import PostgresDoor
internal import Reactor
internal import Session

/// Of one connection.
final class QueryRunner<Service: HTTPService> {
    private let service: Service
    private let socket: Socket
    private let passwords: BlockingPool
    /// The Authorization that was proved last, and whose it is: the next request need not prove it again.
    private var proved: (authorization: String, user: String)?

    init(service: Service, socket: Socket, passwords: BlockingPool) {
        self.service = service
        self.socket = socket
        self.passwords = passwords
    }

    /// Answers the request. False when the connection is to end; throws when it did.
    func run(_ request: HTTPRequest) async throws(LeibrixError) -> Bool {
        let fields = OriginAccess(request, allowed: service.allowedOrigins).fields
        let body = AnswerBody(request, to: socket, fields: fields)
        do throws(LeibrixError) {
            guard let sessions = service.sessions else { throw LeibrixError(
                    .shuttingDown, "no statements are taken here now",
                    hint: "Beyond loopback this listener takes statements only with tls.allow_plaintext.")
            }
            let user = try await user(request, sessions)
            if request.path.hasPrefix(HTTPRoutes.sources) {
                try await take(request, sessions, user, fields)
            } else {
                try await answer(try QueryRequest(request), sessions, user, body)
            }
        } catch {
            if body.hasBegun { throw error }
            try await refuse(request, error, fields)
        }
        return !body.endsConnection
    }

    private func refuse(_ request: HTTPRequest, _ error: LeibrixError, _ fields: [(name: String, value: String)]) async throws(LeibrixError) {
        let isUnproved = error.code == .authenticationFailed
        let isTooMuch = error.code == .streamRejected
        let status = error.code == .protocolViolation ? 400 : isTooMuch ? 429 : error.code.httpStatus
        var response = HTTPResponse(status, error.json.text() + "\n", contentType: "application/json")
        response.fields = fields
        if isTooMuch { response.fields.append(("Retry-After", "1")) }
        if isUnproved { response.fields.append(("WWW-Authenticate", "Basic realm=\"leibrix\", charset=\"UTF-8\"")) }
        let out = ByteBuffer()
        out.append(bytes: response.encoded(withBody: true, close: !request.keepsAlive))
        try await socket.flush(out)
    }

    // MARK: Who asks

    /// Basic authentication (RFC 7617) against the stored SCRAM keys. Without it, whoever loopback trusts.
    private func user(_ request: HTTPRequest, _ sessions: Service.Sessions) async throws(LeibrixError) -> String {
        let authorization = request.values("authorization").first
        if let proved, proved.authorization == authorization { return proved.user }
        let (user, password) = try Self.credentials(authorization)
        let authentication = try sessions.authentication(
            user: user, database: Self.database, isLoopback: socket.peer.isLoopback, isEncrypted: false)
        switch authentication {
        case .trust: return user
        case .scramSHA256(let verifier):
            guard let password, try await passwords.run({ () throws(LeibrixError) in Self.proves(password, verifier) }), let authorization else {
                throw LeibrixError(.authenticationFailed, "password authentication failed for user \"\(user)\"", sqlState: "28P01")
            }
            proved = (authorization, user)
            return user
        }
    }

    private static var database: String { "leibrix" }

    private static func credentials(_ authorization: String?) throws(LeibrixError) -> (user: String, password: String?) {
        guard let authorization else { return ("admin", nil) }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Base64.decode(parts[1]),
            let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
        else { throw LeibrixError(.authenticationFailed, "the Authorization is not Basic user:password") }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    private static func proves(_ password: String, _ verifier: ScramVerifier) -> Bool {
        let keys = ScramKeys(password: password, salt: verifier.salt, iterations: verifier.iterations)
        return Digest.constantTimeEqual(keys.storedKey, verifier.storedKey)
    }

    // MARK: Rows

    /// 202 once the rows are durable; all of the request's or none.
    private func take(
        _ request: HTTPRequest, _ sessions: Service.Sessions, _ user: String, _ fields: [(name: String, value: String)]
    ) async throws(LeibrixError) {
        let rows = try RowsRequest(request)
        let count = try await withSession(sessions, user) { (session) throws(LeibrixError) in try await rows.push(into: session) }
        var response = HTTPResponse(202, "{\"rows\": \(count)}\n", contentType: "application/json")
        response.fields = fields
        let out = ByteBuffer()
        out.append(bytes: response.encoded(withBody: true, close: !request.keepsAlive))
        try await socket.flush(out)
    }

    /// A session of its own, whose work ends with the connection.
    private func withSession<T>(
        _ sessions: Service.Sessions, _ user: String, _ body: (Service.Sessions.Session) async throws(LeibrixError) -> T
    ) async throws(LeibrixError) -> T {
        let session = try sessions.openSession(
            SessionOpening(user: user, database: Self.database, settings: [], peer: socket.peer.description, door: "http"))
        let key = session.cancelKey
        socket.whenPeerCloses { sessions.abandon(key) }
        do throws(LeibrixError) {
            let result = try await body(session)
            socket.whenPeerCloses(nil)
            await session.close()
            return result
        } catch {
            socket.whenPeerCloses(nil)
            try? await session.endImplicitTransaction(failed: true)
            await session.close()
            throw error
        }
    }

    // MARK: The statement

    private func answer(
        _ query: QueryRequest, _ sessions: Service.Sessions, _ user: String, _ body: AnswerBody
    ) async throws(LeibrixError) {
        try await withSession(sessions, user) { (session) throws(LeibrixError) in try await run(query, session, body) }
        try await body.finish()
    }

    private func run(_ query: QueryRequest, _ session: Service.Sessions.Session, _ body: AnswerBody) async throws(LeibrixError) {
        let texts = try session.split(query.sql)
        guard texts.count == 1 else {
            throw LeibrixError(.syntax, "a request is one statement, not \(texts.count)", hint: "Send them one by one.")
        }
        let statement = try await session.prepare(texts[0], parameterTypes: [])
        let parameters = try query.values(statement.parameterTypes)
        let columns: [ResultColumn]
        switch statement.outcome {
        case .rows(let made): columns = made
        case .empty, .command: columns = []
        case .copyOut, .copyIn: throw LeibrixError(.notSupported, "COPY needs the PostgreSQL protocol", hint: "Use psql or a driver.")
        }
        let execution = try await session.execute(statement, parameters: parameters)
        do throws(LeibrixError) {
            try await rows(execution, columns, body)
        } catch {
            await execution.close()
            throw error
        }
        try await session.endImplicitTransaction(failed: false)
    }

    /// {"columns": [..], "rows": [[..]], "rows_affected": n}
    private func rows(_ execution: Service.Sessions.Session.Execution, _ columns: [ResultColumn], _ body: AnswerBody) async throws(LeibrixError) {
        let list = columns.map { column -> JSON in ["name": .string(column.name), "type": .string("\(column.type)")] }
        body.plain.append("{\"columns\": \(JSON.array(list).text()), \"rows\": [")
        let coding = ValueCoding()
        var count = 0
        while let batch = try await execution.next() {
            for row in 0..<batch.rowCount {
                body.plain.append(count == 0 ? "[" : ", [")
                for (place, column) in batch.columns.enumerated() {
                    if place > 0 { body.plain.append(", ") }
                    coding.appendJSON(column, row, to: body.plain)
                }
                body.plain.append("]")
                count += 1
                try await body.flushIfFull()
            }
        }
        let tag = execution.commandTag(rows: count)
        let affected = tag.split(separator: " ").last.flatMap { Int($0) } ?? 0
        body.plain.append("], \"rows_affected\": \(affected)}\n")
    }
}

extension LeibrixError {
    /// What a client gets of an error.
    var json: JSON {
        var members: [JSON.Member] = [
            .init("error", .string(message)), .init("code", .string(code.rawValue)), .init("sqlstate", .string(sqlState)),
            .init("hint", .optional(hint)),
        ]
        if let detail { members.append(.init("detail", .string(detail))) }
        if let position { members.append(.init("position", .integer(Int64(position)))) }
        return .object(members)
    }
}
