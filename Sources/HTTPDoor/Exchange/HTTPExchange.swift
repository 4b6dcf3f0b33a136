// One connection's conversation, without its socket: bytes that came in, what is to be sent or run, in order, and whether to
// end out. Pipelined requests are answered in order. After a failure or a `Connection: close` nothing more is read.

public struct HTTPExchange<Service: HTTPService>: ~Copyable {
    public enum Step: Sendable {
        case answer([UInt8])
        /// A statement, whose answer takes its place among the others.
        case query(HTTPRequest)
    }

    public struct Output: Sendable {
        public var steps: [Step] = []
        /// End the connection once the steps are done.
        public var close = false
        /// The client may still be sending what was refused, and sees the answer only if somebody takes that first.
        public var lingers = false

        /// All answers together.
        public var bytes: [UInt8] {
            steps.flatMap { step -> [UInt8] in
                if case .answer(let bytes) = step { return bytes }
                return []
            }
        }
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
                guard let response = HTTPRoutes.respond(request, service) else { return output.steps.append(.query(request)) }
                output.steps.append(.answer(response.encoded(withBody: request.method != "HEAD", close: output.close)))
            }
        } catch {
            if !output.close {
                output.steps.append(.answer(HTTPResponse(error.status, error.reason + "\n").encoded(withBody: true, close: true)))
            }
            output.close = true
            output.lingers = true
        }
        isOver = output.close
        return output
    }
}
