// One connection's conversation, without its socket: bytes that came in, bytes to send and whether to end out. Pipelined
// requests are answered in order. After a failure or a `Connection: close` nothing more is read.

public struct HTTPExchange<Service: HTTPService>: ~Copyable {
    public struct Output: Sendable, Hashable {
        public var bytes: [UInt8] = []
        /// End the connection once `bytes` are sent.
        public var close = false
    }

    private var parser = HTTPParser()
    private let service: Service
    private var isOver = false

    public init(service: Service) { self.service = service }

    public mutating func receive(_ bytes: Span<UInt8>) -> Output {
        var output = Output()
        guard !isOver else { return Output(close: true) }
        let service = service
        do throws(HTTPFailure) {
            try parser.feed(bytes) { request in
                guard !output.close else { return }
                output.close = !request.keepsAlive
                let response = HTTPRoutes.respond(request, service)
                output.bytes += response.encoded(withBody: request.method != "HEAD", close: output.close)
            }
        } catch {
            if !output.close { output.bytes += HTTPResponse(error.status, error.reason + "\n").encoded(withBody: true, close: true) }
            output.close = true
        }
        isOver = output.close
        return output
    }
}
