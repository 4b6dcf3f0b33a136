// The order of the protocol: which message may come when, and what it leads to. Pure: messages in, actions out; a driver
// performs them and tells how they went.
//
//   startup -> (TLS) -> authenticating -> ready <-> extended -> failed (everything is skipped until Sync)
//                                           \-> copyIn -> back to where it was
//
// "extended" means that messages came since the last Sync: the implicit transaction they share is open.
public import Base
public import Session

public struct ConnectionMachine: Sendable {
    public enum Phase: Sendable, Equatable {
        case startup(isEncrypted: Bool, gssRefused: Bool)
        case authenticating
        case ready
        case extended
        case failed
        case copyIn(isExtended: Bool)
        case closed
    }

    public enum Action: Sendable, Equatable {
        /// Send these bytes and go on.
        case reply(UInt8)
        case replyThenStartTLS
        case cancel(CancelKey)
        case authenticate(minor: UInt16, parameters: [StartupParameter])
        case continueAuthentication([UInt8])
        case simpleQuery(String)
        case parse(name: String, sql: String, types: [UInt32])
        case bind(BindMessage)
        case describe(FrontendMessage.Target)
        case execute(portal: String, rowsMax: Int)
        case close(FrontendMessage.Target)
        case flush
        /// The implicit transaction ends, rolled back when failed; then ReadyForQuery.
        case sync(failed: Bool)
        case copyData([UInt8])
        case copyDone
        case copyFail(LeibrixError)
        /// Report the error; in the extended protocol what follows is skipped until Sync.
        case refuse(LeibrixError, thenReady: Bool)
        case ignore
        case terminate
        /// Report the error as FATAL and close.
        case fail(LeibrixError)
    }

    public private(set) var phase: Phase

    /// A connection that has spoken TLS from its first byte is encrypted at the start.
    public init(isEncrypted: Bool = false) { phase = .startup(isEncrypted: isEncrypted, gssRefused: false) }

    public var isStartingUp: Bool {
        if case .startup = phase { return true }
        return false
    }

    // MARK: - Startup

    public mutating func received(_ packet: StartupPacket, offersTLS: Bool) -> Action {
        guard case .startup(let isEncrypted, let gssRefused) = phase else { return fail(.violation("a second startup packet")) }
        switch packet {
        case .sslRequest:
            if isEncrypted { return fail(.violation("a request for TLS inside TLS")) }
            return offersTLS ? .replyThenStartTLS : .reply(UInt8(ascii: "N"))
        case .gssRequest:
            if gssRefused { return fail(.violation("GSS encryption was asked for twice")) }
            phase = .startup(isEncrypted: isEncrypted, gssRefused: true)
            return .reply(UInt8(ascii: "N"))
        case .cancel(let key):
            phase = .closed
            return .cancel(key)
        case .startup(let minor, let parameters):
            phase = .authenticating
            return .authenticate(minor: minor, parameters: parameters)
        }
    }

    public mutating func tlsStarted() {
        if case .startup(_, let gssRefused) = phase { phase = .startup(isEncrypted: true, gssRefused: gssRefused) }
    }

    public mutating func authenticated() { phase = .ready }

    // MARK: - Messages

    public mutating func received(_ message: FrontendMessage) -> Action {
        if case .unreadable(let type, let error) = message { return unreadable(type, error) }
        switch phase {
        case .startup, .closed: return fail(.violation("a message before the startup packet"))
        case .authenticating:
            if case .authentication(let data) = message { return .continueAuthentication(data) }
            return fail(.violation("expected a password or SASL response"))
        case .copyIn(let isExtended): return duringCopy(message, isExtended)
        case .failed: return whileSkipping(message)
        case .ready, .extended: return ordinary(message)
        }
    }

    private mutating func ordinary(_ message: FrontendMessage) -> Action {
        switch message {
        case .query(let sql):
            phase = .ready
            return .simpleQuery(sql)
        case .parse(let name, let sql, let types): return extended(.parse(name: name, sql: sql, types: types))
        case .bind(let bind): return extended(.bind(bind))
        case .describe(let target): return extended(.describe(target))
        case .execute(let portal, let rowsMax): return extended(.execute(portal: portal, rowsMax: rowsMax))
        case .close(let target): return extended(.close(target))
        case .flush: return .flush
        case .sync:
            phase = .ready
            return .sync(failed: false)
        case .terminate: return terminate()
        // What is left of a COPY that has failed is dropped, as PostgreSQL does.
        case .copyData, .copyDone, .copyFail: return .ignore
        case .functionCall:
            let error = LeibrixError(.notSupported, "the function call protocol is not supported", hint: "Send SELECT function(arguments).")
            return .refuse(error, thenReady: true)
        case .authentication: return fail(.violation("a password outside of authentication"))
        case .unreadable(let type, let error): return unreadable(type, error)
        }
    }

    private mutating func extended(_ action: Action) -> Action {
        phase = .extended
        return action
    }

    private mutating func whileSkipping(_ message: FrontendMessage) -> Action {
        switch message {
        case .sync:
            phase = .ready
            return .sync(failed: true)
        case .terminate: return terminate()
        default: return .ignore
        }
    }

    private mutating func duringCopy(_ message: FrontendMessage, _ isExtended: Bool) -> Action {
        switch message {
        case .copyData(let bytes): return .copyData(bytes)
        case .copyDone: return .copyDone
        case .copyFail(let reason): return .copyFail(LeibrixError(.cancelled, "COPY from stdin failed: \(reason)"))
        case .flush: return .ignore
        case .sync: return isExtended ? .ignore : .copyFail(Self.unexpectedInCopy)
        case .terminate: return terminate()
        default: return .copyFail(Self.unexpectedInCopy)
        }
    }

    private static var unexpectedInCopy: LeibrixError {
        .violation("unexpected message type during COPY from stdin", hint: "Send CopyData, then CopyDone or CopyFail.")
    }

    private mutating func unreadable(_ type: UInt8, _ error: LeibrixError) -> Action {
        guard phase != .failed else { return .ignore }
        guard phase == .ready || phase == .extended else { return fail(error) }
        switch type {
        case UInt8(ascii: "Q"), UInt8(ascii: "F"): return .refuse(error, thenReady: true)
        default:
            phase = .failed
            return .refuse(error, thenReady: false)
        }
    }

    private mutating func terminate() -> Action {
        phase = .closed
        return .terminate
    }

    private mutating func fail(_ error: LeibrixError) -> Action {
        phase = .closed
        return .fail(error)
    }

    // MARK: - How actions went

    /// An extended message was answered with ErrorResponse.
    public mutating func extendedFailed() { phase = .failed }

    public mutating func copyInBegan() { phase = .copyIn(isExtended: phase == .extended) }

    public mutating func copyInEnded() {
        if case .copyIn(let isExtended) = phase { phase = isExtended ? .extended : .ready }
    }
}
