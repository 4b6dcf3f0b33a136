internal import Base
internal import Leibrix
internal import PostgresClient

/// postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE&sslrootcert=FILE, every part but the scheme optional; or
/// HOST:PORT. Modes are disable, prefer (the default), require and verify-full.
struct ConnectionURI: Equatable {
    var host = "127.0.0.1"
    var port = 5_433
    var user = "admin"
    var password: String?
    var database = "leibrix"
    var tls = TLSMode.prefer

    init() { password = Environment.variables["PGPASSWORD"] }

    init(parsing text: String) throws(LeibrixError) {
        self.init()
        var rest = text[...]
        for scheme in ["postgresql://", "postgres://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        if let question = rest.firstIndex(of: "?") {
            try takeOptions(rest[rest.index(after: question)...])
            rest = rest[..<question]
        }
        if let slash = rest.firstIndex(of: "/") {
            let name = Self.decoded(rest[rest.index(after: slash)...])
            if !name.isEmpty { database = name }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = Self.decoded(parts[0])
            if parts.count == 2 { password = Self.decoded(parts[1]) }
            rest = rest[rest.index(after: at)...]
        }
        try takeHost(rest, text)
    }

    private mutating func takeOptions(_ text: Substring) throws(LeibrixError) {
        var mode: String?
        var roots: String?
        for option in text.split(separator: "&") {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? Self.decoded(parts[1]) : ""
            switch parts[0] {
            case "sslmode": mode = value
            case "sslrootcert": roots = value
            default:
                throw LeibrixError(
                    .configuration, "the address has the option \"\(parts[0])\"", hint: "Options are sslmode and sslrootcert.")
            }
        }
        switch mode {
        case nil, "prefer": tls = .prefer
        case "disable": tls = .disable
        case "require": tls = .require
        case "verify-full": tls = .verifyFull(roots: roots)
        case let other?:
            throw LeibrixError(.configuration, "sslmode \"\(other)\" is not known", hint: "Use disable, prefer, require or verify-full.")
        }
        if roots != nil, mode != "verify-full" {
            throw LeibrixError(.configuration, "sslrootcert is given, and nothing is verified", hint: "Add sslmode=verify-full.")
        }
    }

    private mutating func takeHost(_ text: Substring, _ whole: String) throws(LeibrixError) {
        var rest = text
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<close])
            rest = rest[rest.index(after: close)...]
        } else {
            let name = rest.prefix { $0 != ":" }
            if !name.isEmpty { host = String(name) }
            rest = rest.dropFirst(name.count)
        }
        if rest.isEmpty { return }
        guard rest.first == ":", let number = UInt16(rest.dropFirst()) else {
            throw LeibrixError(.configuration, "'\(whole)' is no address", hint: "Write postgresql://USER@HOST:PORT/DATABASE.")
        }
        port = Int(number)
    }

    /// %41 is A.
    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
