// From the first byte to the first ReadyForQuery: TLS, cancel requests, authentication, the session.
internal import Base
internal import Platform
internal import Reactor
internal import Session

extension PostgresConnection {
    /// True when a session is open and the client was told so.
    func start() async throws(LeibrixError) -> Bool {
        let deadline = socket.loop.nowNanos &+ DoorLimits.authenticationNanos
        guard try await startDirectTLS(deadline) else { return false }
        while true {
            guard let packet = try await startupPacket(deadline) else { return false }
            switch machine.received(packet, offersTLS: configuration.tls != nil) {
            case .reply(let byte):
                output.append(byte)
                try await flush()
            case .replyThenStartTLS:
                guard try await startTLS(deadline) else { return false }
            case .cancel(let key):
                service.cancel(key)
                return false
            case .authenticate(let minor, let parameters): return try await open(minor, parameters, deadline)
            case .fail(let error):
                try await fail(error)
                return false
            default: return false
            }
        }
    }

    /// A TLS hello as the first bytes (libpq's sslnegotiation=direct), which must name the protocol by ALPN.
    private func startDirectTLS(_ deadline: UInt64) async throws(LeibrixError) -> Bool {
        guard let first = await socket.peekByte(deadline: deadline) else { return false }
        guard first == 0x16, let tls = configuration.tls else { return true }
        try await socket.startTLS(tls, deadline: deadline)
        guard socket.applicationProtocol == PostgresDoorConfiguration.applicationProtocol else { return false }
        machine = ConnectionMachine(isEncrypted: true)
        return true
    }

    private func startTLS(_ deadline: UInt64) async throws(LeibrixError) -> Bool {
        guard let tls = configuration.tls else { return false }
        // Bytes sent before the handshake would be taken as if they had been encrypted.
        guard input.isEmpty else {
            try await fail(.violation("received unencrypted data after SSL request"))
            return false
        }
        output.append(UInt8(ascii: "S"))
        try await flush()
        try await socket.startTLS(tls, deadline: deadline)
        machine.tlsStarted()
        return true
    }

    /// nil when the connection is over.
    private func startupPacket(_ deadline: UInt64) async throws(LeibrixError) -> StartupPacket? {
        while true {
            do throws(LeibrixError) {
                if let packet = try FrontendDecoder.startup(input) { return packet }
            } catch {
                try await fail(error)
                return nil
            }
            guard case .bytes = try await socket.read(into: input, max: 4_096, deadline: deadline, interruptible: true) else { return nil }
        }
    }

    private func open(_ minor: UInt16, _ parameters: [StartupParameter], _ deadline: UInt64) async throws(LeibrixError) -> Bool {
        let request: StartupRequest
        do throws(LeibrixError) {
            request = try StartupRequest(parameters)
            guard registry.count <= configuration.connectionsMax else {
                throw LeibrixError(
                    .tooManyConnections, "too many connections: \(configuration.connectionsMax) are being served",
                    hint: "Close idle connections, use a pool, or raise the limit of connections.")
            }
            if minor > 0 || !request.protocolOptions.isEmpty { output.negotiateProtocolVersion(unknown: request.protocolOptions) }
            try await authenticate(request, deadline)
            session = try service.openSession(request.opening(peer: socket.peer.description))
        } catch {
            if isBroken { throw error }
            Log.info("postgres.refused", .text("peer", socket.peer.description), .text("reason", error.message))
            try await fail(error)
            return false
        }
        await welcome()
        return true
    }

    private func welcome() async {
        guard let session else { return }
        machine.authenticated()
        let key = session.cancelKey
        registry.opened(id, key)
        let service = service
        socket.whenPeerCloses { service.abandon(key) }
        output.authenticationOK()
        await absorb()
        output.backendKeyData(key)
        ready()
    }

    // MARK: - Authentication

    private func authenticate(_ request: StartupRequest, _ deadline: UInt64) async throws(LeibrixError) {
        let method = try service.authentication(
            user: request.user, database: request.database, isLoopback: socket.peer.isLoopback, isEncrypted: socket.isEncrypted)
        guard case .scramSHA256(let verifier) = method else { return }
        let endPoint = socket.isEncrypted ? configuration.tls?.endPoint : nil
        let nonce = Base64.encode(Random.bytes(18))
        var exchange = ScramExchange(verifier: verifier, serverNonce: nonce, endPoint: endPoint.flatMap { $0.isEmpty ? nil : $0 })
        output.authenticationSASL(exchange.mechanisms)
        let serverFirst = try exchange.begin(try await authenticationData(deadline))
        output.authenticationSASLContinue(serverFirst)
        do throws(LeibrixError) {
            output.authenticationSASLFinal(try exchange.finish(try await authenticationData(deadline)))
        } catch {
            guard error.code == .authenticationFailed else { throw error }
            throw LeibrixError(.authenticationFailed, "password authentication failed for user \"\(request.user)\"")
        }
    }

    private func authenticationData(_ deadline: UInt64) async throws(LeibrixError) -> [UInt8] {
        try await flush()
        while true {
            if let message = try FrontendDecoder.next(input, isAuthenticated: false) {
                switch machine.received(message) {
                case .continueAuthentication(let data): return data
                case .fail(let error): throw error
                default: throw .violation("expected a SASL response")
                }
            }
            guard case .bytes = try await socket.read(into: input, max: 4_096, deadline: deadline, interruptible: true) else {
                isBroken = true
                throw LeibrixError(.authenticationFailed, "the client left, or took too long, during authentication")
            }
        }
    }
}

/// What a startup packet asks for.
struct StartupRequest {
    let user: String
    let database: String
    /// `_pq_.` options, none of which is known.
    let protocolOptions: [String]
    private let settings: [(name: String, value: String)]

    init(_ parameters: [StartupParameter]) throws(LeibrixError) {
        var user = ""
        var database = ""
        var settings: [(name: String, value: String)] = []
        var protocolOptions: [String] = []
        for parameter in parameters {
            switch parameter.name {
            case "user": user = parameter.value
            case "database": database = parameter.value
            case "options": settings += try Self.options(parameter.value)
            case "replication":
                guard ["false", "off", "no", "0"].contains(parameter.value.lowercased()) else {
                    throw LeibrixError(.notSupported, "replication connections are not supported")
                }
            default:
                if parameter.name.hasPrefix("_pq_.") { protocolOptions.append(parameter.name) } else { settings.append((parameter.name, parameter.value)) }
            }
        }
        guard !user.isEmpty else { throw LeibrixError(.undefinedUser, "no PostgreSQL user name specified in startup packet") }
        self.user = user
        // libpq names the user's own database when it is given none: that is the server's only one.
        self.database = database == user ? "" : database
        self.settings = settings
        self.protocolOptions = protocolOptions
    }

    func opening(peer: String) -> SessionOpening {
        SessionOpening(user: user, database: database, settings: settings, peer: peer, door: "postgres")
    }

    /// `-c name=value --other=value`, a backslash keeping the character after it.
    static func options(_ text: String) throws(LeibrixError) -> [(name: String, value: String)] {
        var words = words(text)[...]
        var settings: [(name: String, value: String)] = []
        while let word = words.popFirst() {
            let setting: String
            if word == "-c", let next = words.popFirst() {
                setting = next
            } else if word.hasPrefix("--") || word.hasPrefix("-c") {
                setting = String(word.dropFirst(2))
            } else {
                throw LeibrixError(.invalidOption, "invalid command-line argument for server process: \(word)", hint: "Write -c name=value.")
            }
            guard let equals = setting.firstIndex(of: "=") else {
                throw LeibrixError(.invalidOption, "-c \(setting) requires a value", hint: "Write -c name=value.")
            }
            let name = setting[..<equals].map { $0 == "-" ? "_" : $0 }
            settings.append((String(name), String(setting[setting.index(after: equals)...])))
        }
        return settings
    }

    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character.isWhitespace {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(character)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
