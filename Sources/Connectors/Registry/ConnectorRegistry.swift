// Connectors by name. A program that embeds the library adds its own.
public import Base
public import Catalog
internal import Platform
internal import Synchronization

public final class ConnectorRegistry: Sendable {
    /// Makes a connector: takes its own options from the reader, and throws for values they cannot have.
    public typealias MakeSource = @Sendable (ConnectorSpec, ConnectorContext, RunnerSettings, inout OptionReader) throws(LeibrixError) -> any SourceConnector
    public typealias MakeSink = @Sendable (ConnectorSpec, ConnectorContext, inout OptionReader) throws(LeibrixError) -> any SinkConnector

    private struct Source {
        var options: [String]
        var make: MakeSource
    }
    private struct Sink {
        var options: [String]
        var make: MakeSink
    }
    private struct State {
        var sources: [String: Source] = [:]
        var sinks: [String: Sink] = [:]
    }

    private let state = Mutex(State())

    /// With the connectors of this library: FILES (or FILE) both ways, GENERATOR.
    public init() {
        for name in ["files", "file"] {
            addSource(name, options: FileConnectors.sourceOptions, FileConnectors.makeSource)
            addSink(name, options: FileConnectors.sinkOptions, FileConnectors.makeSink)
        }
        addSource("generator", options: GeneratorConnector.options, GeneratorConnector.make)
    }

    /// `options` are the names the connector takes, beside those of every source; one that ends in a dot takes any rest.
    public func addSource(_ kind: String, options: [String], _ make: @escaping MakeSource) {
        state.withLock { $0.sources[kind.lowercased()] = Source(options: options, make: make) }
    }

    public func addSink(_ kind: String, options: [String], _ make: @escaping MakeSink) {
        state.withLock { $0.sinks[kind.lowercased()] = Sink(options: options, make: make) }
    }

    public var sourceKinds: [String] { state.withLock { $0.sources.keys.map { $0.uppercased() }.sorted() } }
    public var sinkKinds: [String] { state.withLock { $0.sinks.keys.map { $0.uppercased() }.sorted() } }

    /// A runner for a source's connector, not yet started. Everything the statement says is checked here, nothing is read yet.
    public func makeSource(_ spec: ConnectorSpec, _ context: ConnectorContext) throws(LeibrixError) -> SourceRunner {
        guard let source = state.withLock({ $0.sources[spec.kind.lowercased()] }) else {
            throw Self.unknown("source", spec.kind, sourceKinds)
        }
        var options = try OptionReader(try spec.expanded(context.variables), subject: "\(spec.kind.uppercased()) source")
        let settings = try RunnerSettings.take(from: &options)
        let connector = try source.make(spec, context, settings, &options)
        try options.finish(allowed: source.options + RunnerSettings.options)
        let letters = context.deadLetterFolder.map { $0 + "/" + Self.fileName(spec.name) + ".jsonl" }
        return SourceRunner(spec.name, connector, kind: spec.kind.uppercased(), settings: settings, deadLetterPath: letters, clock: context.clock)
    }

    /// A sink for the engine, or for a host that reads streams by itself.
    public func makeSink(_ spec: ConnectorSpec, _ context: ConnectorContext) throws(LeibrixError) -> ConnectedSink {
        guard let sink = state.withLock({ $0.sinks[spec.kind.lowercased()] }) else { throw Self.unknown("sink", spec.kind, sinkKinds) }
        var options = try OptionReader(try spec.expanded(context.variables), subject: "\(spec.kind.uppercased()) sink")
        let connector = try sink.make(spec, context, &options)
        try options.finish(allowed: sink.options)
        return try ConnectedSink(connector, columns: spec.columns)
    }

    private static func unknown(_ what: String, _ kind: String, _ kinds: [String]) -> LeibrixError {
        LeibrixError(
            .streamConnector, "there is no \(what) connector \(kind.uppercased())", hint: "There are: \(kinds.joined(separator: ", ")).", sqlState: "0A000")
    }

    private static func fileName(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars { result += scalar == "/" || scalar == "." || scalar.value < 32 ? "_" : String(scalar) }
        return result
    }
}
