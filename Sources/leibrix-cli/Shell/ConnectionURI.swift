internal import Base
internal import Leibrix

/// postgresql://USER:PASSWORD@HOST:PORT/DATABASE, every part but the scheme optional; or HOST:PORT.
struct ConnectionURI: Equatable {
    var host = "127.0.0.1"
    var port = 5_433
    var user = "admin"
    var password: String?
    var database = "leibrix"

    init() { password = Environment.variables["PGPASSWORD"] }

    init(parsing text: String) throws(LeibrixError) {
        self.init()
        var rest = text[...]
        for scheme in ["postgresql://", "postgres://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        if let question = rest.firstIndex(of: "?") {
            throw LeibrixError(.configuration, "the address has options (\(rest[question...]))", hint: "Only user, password, host, port and database are taken.")
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
