public import Base
internal import Columnar
internal import SQLPlanning
public import StreamEngine

/// What EXPLAIN shows of a stream, made or not.
public struct StreamReport: Sendable {
    public var object: StreamObject
    public var explanation: StreamExplanation
    /// Of a stream that runs, what its operators have done, from the input on.
    public var running: [OperatorStatistics]
    /// Threads that rows of keyed streams are spread over.
    public var cores: Int

    /// What each operator may keep.
    public func bounds(at position: Int) -> [StateBound] { explanation.bounds.filter { $0.position == position } }
}

extension StreamHost {
    /// The relations a query reads. Blocks. Throws what its text is refused with.
    public func relations(in query: String) throws(LeibrixError) -> [String] { try parser.read(query).relations.map(\.name) }

    /// How a stream, view or sink of this definition would run; nothing is made. Blocks. Throws what CREATE would.
    public func explain(_ object: StreamObject) throws(LeibrixError) -> StreamReport {
        var object = object
        if object.kind == .sink, object.query == nil, let input = object.input {
            object.query = "SELECT * FROM \"\(input.replacing("\"", with: "\"\""))\""
        }
        if let late = object.lateName, let old = self.object(late), old.input != object.name { throw Self.duplicate(old) }
        let isMade = self.object(object.name)?.number == object.number && object.number > 0
        if !isMade { try resolveInputs(of: &object) }
        guard isMade || object.tables.isEmpty && object.lookups.isEmpty else { return try explainUnmade(object) }
        var explanation = try engine.explain(try following(object, parser.read(object.query ?? "")), Self.options(object), late: object.lateName)
        if isMade { explanation.inputs = reads(object) }
        return StreamReport(object: object, explanation: explanation, running: [], cores: configuration.cores)
    }

    /// With the sources that its tables would be to the engine, for as long as it takes.
    private func explainUnmade(_ object: StreamObject) throws(LeibrixError) -> StreamReport {
        var shown = object
        var object = object
        object.name = "\(object.name)\u{1}explained"
        return try defining { () throws(LeibrixError) in
            defer { dropSources(object) }
            try atRest { () throws(LeibrixError) in try makeSources(object) }
            var explanation = try engine.explain(try following(object, parser.read(object.query ?? "")), Self.options(object), late: object.lateName)
            let names = Dictionary(
                object.tables.map { ($0.source(of: object.name).lowercased(), "\($0.schema).\($0.name)") }
                    + object.lookups.map { ($0.source(of: object.name).lowercased(), "\($0.schema).\($0.name)") }) { first, _ in first }
            explanation.inputs = explanation.inputs.map { names[$0] ?? $0 }
            shown.tables = object.tables
            return StreamReport(object: shown, explanation: explanation, running: [], cores: configuration.cores)
        }
    }

    /// The same of one that runs, with its counters. Blocks. Throws `streamUndefined`, and `streamNotSupported` for a source.
    public func explain(named name: String) throws(LeibrixError) -> StreamReport {
        let object = try required(name)
        guard object.kind != .source, object.kind != .late else {
            throw LeibrixError(
                .streamNotSupported, "\(object.kind.rawValue.lowercased()) \"\(name)\" has no query", hint: "EXPLAIN a stream that reads it; DESCRIBE shows its columns.")
        }
        var report = try explain(object)
        let running = object.kind == .sink && object.query != nil ? object.hiddenStream : object.kind == .sink ? object.input ?? "" : object.name
        report.running = engine.operators.filter { $0.stream == running }
        return report
    }

    /// What the engine is told of a stream beside its query.
    static func options(_ object: StreamObject) -> StreamOptions {
        var options = StreamOptions(emit: object.emit, latenessMicros: object.latenessMicros)
        if object.kind == .view {
            options.groupEmit = .changes
            if options.emit == .onUpdate { options.emit = .changes }
        }
        return options
    }
}
