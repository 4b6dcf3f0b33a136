public import Reactor

public struct PostgresDoorConfiguration: Sendable {
    /// What ALPN calls PostgreSQL's protocol.
    public static let applicationProtocol = "postgresql"

    public var host: String
    /// 0 picks one.
    public var port: UInt16
    /// Sessions at once; further clients are told why they are refused.
    public var connectionsMax: Int
    /// nil offers no TLS. Make it with `applicationProtocols: [PostgresDoorConfiguration.applicationProtocol]`.
    public var tls: TLSContext?

    public init(host: String = "127.0.0.1", port: UInt16 = 5_433, connectionsMax: Int = 4_000, tls: TLSContext? = nil) {
        self.host = host
        self.port = port
        self.connectionsMax = connectionsMax
        self.tls = tls
    }
}
