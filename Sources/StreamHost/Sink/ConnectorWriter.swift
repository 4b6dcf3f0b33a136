internal import Base
internal import Connectors
internal import Platform

/// A connector's sink. How far it is lies in a file beside it: the connector prepares rows and gives a token, the file gets position
/// and token in one step, then the rows are shown.
final class ConnectorWriter: SinkWriter, @unchecked Sendable {
    private let sink: ConnectedSink
    private let path: String?
    private let fault: @Sendable (String) -> Void

    /// `path` is of the file that keeps the position; nil where nothing survives.
    init(_ sink: ConnectedSink, path: String?, fault: @escaping @Sendable (String) -> Void) {
        self.sink = sink
        self.path = path
        self.fault = fault
    }

    func open() throws(LeibrixError) -> Int64? {
        guard let path, Files.exists(path) else {
            try sink.restore(0, nil)
            return nil
        }
        let json = try JSON.parse(utf8: try Files.read(path))
        guard let position = json["position"]?.integer, let token = json["token"]?.string else {
            throw LeibrixError(.streamStateCorrupt, "how far a sink is cannot be read", detail: path, hint: "Drop the sink and make it again.")
        }
        try sink.restore(Int(position), token)
        return position
    }

    func write(_ entries: [OutputEntry], through position: Int64) throws(LeibrixError) {
        for entry in entries { try sink.write(entry.batch, weights: entry.weights) }
        fault("sink-written")
        let token = try sink.preCommit(Int(position))
        fault("sink-prepared")
        if let path {
            let json: JSON = ["position": .integer(position), "token": .string(token)]
            try Files.replace(path, with: Array(json.text().utf8))
        }
        fault("sink-decided")
        try sink.commit(Int(position), token)
    }

    func close() { sink.close() }

    func forget() {
        sink.close()
        if let path { try? Files.remove(path) }
    }
}
