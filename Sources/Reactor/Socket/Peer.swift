internal import CLinux

/// Where the other end of a connection is.
public struct Peer: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: UInt16
    public var isLoopback: Bool

    public init(host: String, port: UInt16, isLoopback: Bool) {
        self.host = host
        self.port = port
        self.isLoopback = isLoopback
    }

    init(_ peer: lbx_peer) {
        var peer = peer
        host = unsafe withUnsafeBytes(of: &peer.host) { bytes in unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        port = peer.port
        isLoopback = peer.is_loopback != 0
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
