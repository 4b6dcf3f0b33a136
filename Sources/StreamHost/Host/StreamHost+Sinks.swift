internal import Base

extension StreamHost {
    func buildSink(_ object: StreamObject) throws(LeibrixError) {
        throw LeibrixError(.streamNotSupported, "sinks are not part of this version", hint: "SUBSCRIBE reads a stream; a MATERIALIZED VIEW keeps its rows.")
    }

    func startSink(_ object: StreamObject) {}
    func stopSink(_ object: StreamObject) {}
    func wakeSinks() {}
    func sinksReached(_ position: Int64) throws(LeibrixError) {}
}

extension StreamHost {
    func sinkStatus(_ name: String) -> SinkStatus { SinkStatus() }
}
