internal import StreamHost

/// A source, stream, view or sink, and what it reads.
public struct TopologyNode: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case source, stream, view, sink
        /// Rows that came too late for a stream.
        case late
    }

    public let name: String
    public let kind: Kind
    /// Names of what it reads.
    public let inputs: [String]

    public init(name: String, kind: Kind, inputs: [String]) {
        self.name = name
        self.kind = kind
        self.inputs = inputs
    }
}

extension Leibrix {
    /// Who reads whom: everything that CREATE SOURCE, STREAM, MATERIALIZED VIEW and SINK made, in the order it was made, so that what is read stands
    /// before what reads it.
    public func topology() -> [TopologyNode] {
        streams.objects.map { TopologyNode(name: $0.name, kind: Self.kind($0.kind), inputs: streams.reads($0)) }
    }

    private static func kind(_ kind: StreamObject.Kind) -> TopologyNode.Kind {
        switch kind {
        case .source: .source
        case .stream: .stream
        case .view: .view
        case .sink: .sink
        case .late: .late
        }
    }
}
