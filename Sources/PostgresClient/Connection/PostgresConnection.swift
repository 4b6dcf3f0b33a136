// A small blocking client of PostgreSQL's protocol 3.0, for the shell, the tests and the benchmarks: simple and extended queries,
// pipelining, COPY TO, cancellation. It authenticates by trust and SCRAM-SHA-256, and speaks TLS where it is asked to.

/// One connection; used by one thread at a time.
public final class PostgresConnection {
    private var incoming: IncomingMessages
    private var outgoing = OutgoingMessages()
    private let host: String
    private let port: Int
    public private(set) var parameters: [String: String] = [:]
    public private(set) var processID = 0
    public private(set) var secret = 0
    /// ReadyForQuery's byte: I, T or E.
    public private(set) var transactionStatus = Character("I")
    public private(set) var notices: [ServerError] = []

    public init(
        host: String, port: Int, user: String, database: String, password: String? = nil, settings: [String: String] = [:],
        tls: TLSMode = .disable
    ) throws(ClientError) {
        self.host = host
        self.port = port
        var socket = try ClientSocket(host: host, port: port)
        try socket.startTLS(tls, host: host)
        incoming = IncomingMessages(socket: socket)
        outgoing.message(nil) {
            $0.int32(196_608)
            for (name, value) in [("user", user), ("database", database)] + settings.map({ ($0.key, $0.value) }) {
                $0.string(name)
                $0.string(value)
            }
            $0.byte(0)
        }
        try flush()
        try authenticate(password)
    }

    /// Says goodbye; the socket closes with the last reference.
    public func close() {
        outgoing.message("X") { _ in }
        try? flush()
        incoming.socket.shutDown()
    }

    /// Drops the connection as a crashed client would.
    public func abort() { incoming.socket.shutDown() }

    public func setReceiveTimeout(seconds: Int) { incoming.socket.setReceiveTimeout(seconds: seconds) }
    public var bytesReceived: Int { incoming.bytesReceived }

    private func authenticate(_ password: String?) throws(ClientError) {
        var scram: ScramClient?
        while true {
            let message = try incoming.next()
            guard message.kind == UInt8(ascii: "R") else {
                if try handle(message) == .ready { return }
                continue
            }
            let method = incoming.int32(at: message.body.lowerBound)
            let text = String(decoding: incoming.buffer[(message.body.lowerBound + 4)..<message.body.upperBound], as: UTF8.self)
            switch method {
            case 0: continue
            case 10 where text.split(separator: "\0").contains(Substring(ScramClient.mechanism)):
                guard let password else { throw .connection("the server wants a password") }
                scram = ScramClient(password: password)
                try answer(scram!.first, mechanism: ScramClient.mechanism)
            case 11 where scram != nil: try answer(scram!.final(answering: text), mechanism: nil)
            case 12 where scram != nil:
                guard scram!.accepts(text) else { throw .unexpected("a server that does not know the password") }
            default: throw .unexpected("the server wants authentication \(method); this client has trust and SCRAM-SHA-256")
            }
        }
    }

    /// SASLInitialResponse with a mechanism, SASLResponse without.
    private func answer(_ text: String, mechanism: String?) throws(ClientError) {
        outgoing.message("p") {
            if let mechanism {
                $0.string(mechanism)
                $0.int32(text.utf8.count)
            }
            $0.raw(Array(text.utf8))
        }
        try flush()
    }

    func flush() throws(ClientError) {
        defer { outgoing.removeAll() }
        try incoming.socket.send(outgoing.bytes)
    }

    private enum Handled { case other, ready }

    /// Messages that may come at any time, ErrorResponse thrown among them.
    private func handle(_ message: IncomingMessage) throws(ClientError) -> Handled {
        let at = message.body.lowerBound
        switch message.kind {
        case UInt8(ascii: "Z"):
            transactionStatus = Character(UnicodeScalar(incoming.buffer[at]))
            return .ready
        case UInt8(ascii: "S"):
            let (name, next) = incoming.string(at: at)
            parameters[name] = incoming.string(at: next).text
        case UInt8(ascii: "K"):
            processID = incoming.int32(at: at)
            secret = incoming.int32(at: at + 4)
        case UInt8(ascii: "N"): notices.append(incoming.error(message))
        case UInt8(ascii: "E"): throw .server(incoming.error(message))
        default: break
        }
        return .other
    }

    public func takeNotices() -> [ServerError] {
        defer { notices = [] }
        return notices
    }

    /// Asks the server, over a connection of its own, to end what this one is running. Safe while this one waits.
    public static func cancel(host: String, port: Int, processID: Int, secret: Int) throws(ClientError) {
        let socket = try ClientSocket(host: host, port: port)
        var request = OutgoingMessages()
        request.message(nil) {
            $0.int32(80_877_102)
            $0.int32(processID)
            $0.int32(secret)
        }
        try socket.send(request.bytes)
        var end = [UInt8](repeating: 0, count: 1)
        _ = try? socket.receive(into: &end, at: 0)
    }
}

extension PostgresConnection {
    /// A simple query: every statement's result, or the first error once the server is ready again.
    public func query(_ sql: String) throws(ClientError) -> [StatementResult] {
        outgoing.message("Q") { $0.string(sql) }
        try flush()
        return try readUntilReady()
    }

    /// Sends bytes of frontend messages as they are, for tests of hostile or unusual clients.
    public func sendRaw(_ bytes: [UInt8]) throws(ClientError) { try incoming.socket.send(bytes) }

    /// Results up to ReadyForQuery. The first error is thrown after it.
    public func readUntilReady() throws(ClientError) -> [StatementResult] {
        var results: [StatementResult] = []
        var current = StatementResult()
        var failure: ServerError?
        while true {
            let message = try incoming.next()
            if message.kind == UInt8(ascii: "E") {
                let error = incoming.error(message)
                if error.severity == "FATAL" { throw .server(error) }
                failure = failure ?? error
                current = StatementResult()
            } else if take(message, into: &current) {
                results.append(current)
                current = StatementResult(fields: current.isSuspended ? current.fields : [])
            } else if try handle(message) == .ready {
                if let failure { throw .server(failure) }
                return results
            }
        }
    }

    /// True when the message ends a statement's result.
    private func take(_ message: IncomingMessage, into result: inout StatementResult) -> Bool {
        switch message.kind {
        case UInt8(ascii: "T"): result.fields = incoming.fields(message)
        case UInt8(ascii: "D"): result.rows.append(incoming.row(message))
        case UInt8(ascii: "d"): result.copied += incoming.buffer[message.body]
        case UInt8(ascii: "C"):
            result.tag = incoming.string(at: message.body.lowerBound).text
            return true
        case UInt8(ascii: "I"): return true
        case UInt8(ascii: "s"):
            result.isSuspended = true
            return true
        default: break
        }
        return false
    }

    /// Runs a simple query and counts DataRow and CopyData messages without looking inside.
    public func count(_ sql: String) throws(ClientError) -> ResultCount {
        outgoing.message("Q") { $0.string(sql) }
        try flush()
        return try countUntilReady()
    }

    private func countUntilReady() throws(ClientError) -> ResultCount {
        var count = ResultCount()
        var failure: ServerError?
        while true {
            let message = try incoming.next()
            if message.kind == UInt8(ascii: "D") || message.kind == UInt8(ascii: "d") {
                count.rows += 1
                count.bytes += message.body.count
            } else if message.kind == UInt8(ascii: "E") {
                failure = failure ?? incoming.error(message)
            } else if try handle(message) == .ready {
                if let failure { throw .server(failure) }
                return count
            }
        }
    }
}

extension PostgresConnection {
    /// Parse, Describe, Sync. Parameter types of 0 are the server's to choose.
    public func prepare(_ name: String, _ sql: String, types: [UInt32] = []) throws(ClientError) -> (parameters: [UInt32], fields: [ResultField]) {
        outgoing.parse(name: name, sql: sql, types: types)
        outgoing.describe("S", name)
        outgoing.sync()
        try flush()
        var described: (parameters: [UInt32], fields: [ResultField]) = ([], [])
        var failure: ServerError?
        while true {
            let message = try incoming.next()
            switch message.kind {
            case UInt8(ascii: "t"):
                let at = message.body.lowerBound
                described.parameters = (0..<incoming.int16(at: at)).map { UInt32(truncatingIfNeeded: incoming.int32(at: at + 2 + 4 * $0)) }
            case UInt8(ascii: "T"): described.fields = incoming.fields(message)
            case UInt8(ascii: "E"): failure = failure ?? incoming.error(message)
            default:
                guard try handle(message) == .ready else { continue }
                if let failure { throw .server(failure) }
                return described
            }
        }
    }

    /// Bind, Describe, Execute, Sync of a prepared statement. Parameters in text.
    public func execute(_ statement: String, _ parameters: [String?] = [], binaryResults: Bool = false, rowsMax: Int = 0) throws(ClientError) -> StatementResult {
        appendExecution(statement, parameters.map { $0.map { Array($0.utf8) } }, binary: binaryResults, describe: true, rowsMax: rowsMax)
        outgoing.sync()
        try flush()
        return try readUntilReady().first ?? StatementResult()
    }

    /// The same without Describe, counting rows alone: the shape of a driver's hot path.
    public func countExecution(_ statement: String, _ parameters: [String?] = [], binaryResults: Bool) throws(ClientError) -> ResultCount {
        appendExecution(statement, parameters.map { $0.map { Array($0.utf8) } }, binary: binaryResults, describe: false, rowsMax: 0)
        outgoing.sync()
        try flush()
        return try countUntilReady()
    }

    /// Several executions before one Sync, as pipelining drivers send them.
    public func pipeline(_ executions: [(statement: String, parameters: [String?])], binaryResults: Bool = false) throws(ClientError) -> [StatementResult] {
        for item in executions {
            appendExecution(item.statement, item.parameters.map { $0.map { Array($0.utf8) } }, binary: binaryResults, describe: true, rowsMax: 0)
        }
        outgoing.sync()
        try flush()
        return try readUntilReady()
    }

    /// Parse, Bind, Describe, Execute of an unnamed statement in one round trip.
    public func extended(_ sql: String, _ parameters: [String?] = [], binaryResults: Bool = false) throws(ClientError) -> StatementResult {
        outgoing.parse(name: "", sql: sql, types: [])
        return try execute("", parameters, binaryResults: binaryResults)
    }

    private func appendExecution(_ statement: String, _ parameters: [[UInt8]?], binary: Bool, describe: Bool, rowsMax: Int) {
        outgoing.bind(portal: "", statement: statement, parameters: parameters, binaryParameters: false, binaryResults: binary)
        if describe { outgoing.describe("P", "") }
        outgoing.execute(portal: "", rowsMax: rowsMax)
    }
}
