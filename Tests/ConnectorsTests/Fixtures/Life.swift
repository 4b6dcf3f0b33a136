internal import Base
internal import Catalog
internal import Columnar
internal import Connectors
internal import Foundation
internal import Platform
internal import SQLPlanning
@testable internal import StreamEngine
internal import Testing

let fields: [DataType.Field] = [.init("k", .bigInt), .init("v", .bigInt), .init("ts", .timestamp)]

func folder(_ name: String) throws -> String {
    let path = NSTemporaryDirectory() + "leibrix-connect-\(name)-\(Random.integer(UInt32.self))"
    try Files.createDirectory(path)
    return path
}

func append(_ path: String, _ text: String) throws {
    if !Files.exists(path) { _ = try File(path, .createNew) }
    let file = try File(path, .write)
    let bytes = Array(text.utf8)
    try unsafe file.write(bytes.span.bytes, at: try file.size())
}

func text(_ path: String) throws -> String { String(decoding: try Files.read(path), as: UTF8.self) }
func lines(_ path: String) throws -> [String] { try text(path).split(separator: "\n").map(String.init) }

func tree(_ sql: String) throws -> Query {
    let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let path = place.appendingPathComponent("StreamEngineTests/Fixtures/queries.jsonl").path
    for line in try lines(path) {
        let entry = try JSON.parse(line)
        if entry["sql"]?.string == sql { return try Query.decode(serialized: try #require(entry["tree"]?.string))[0] }
    }
    throw LeibrixError(.internal, "not in queries.sql: \(sql)")
}

/// One life of an engine with a source and a sink by the registry, restored from its checkpoints, stepped by hand.
final class Life {
    static let query = "SELECT k, v + 1 AS w FROM numbers WHERE v > 5"
    let engine = StreamEngine()
    let store: CheckpointStore
    let runner: SourceRunner
    let registry = ConnectorRegistry()

    init(
        _ folder: String, source: ConnectorSpec, sink: [SpecOption], format: String? = nil, isNew: Bool = true, sql: String = Life.query,
        fault: @escaping @Sendable (String) throws(LeibrixError) -> Void = { (_: String) throws(LeibrixError) in }
    ) throws {
        store = try CheckpointStore(directory: folder + "/checkpoints", keep: 1, fault: fault)
        var context = ConnectorContext()
        context.hasCheckpoints = true
        context.isNew = isNew
        context.deadLetterFolder = folder + "/bad"
        try engine.createSource(SourceDefinition("numbers", fields, eventTime: .init("ts")))
        try engine.createStream("out", try tree(sql))
        runner = try registry.makeSource(source, context)
        context.hasChanges = false
        let spec = ConnectorSpec(name: "sink", kind: "files", options: sink, format: format, columns: try engine.columns(of: "out"))
        try engine.createSink("sink", from: "out", try registry.makeSink(spec, context))
        _ = try engine.restore(store)
        runner.attach(SourceTarget(try engine.source("numbers")))
    }

    /// Steps until the source is idle or ends, at most `limit` times; whether it did.
    @discardableResult
    func run(_ limit: Int = .max) -> Bool {
        for _ in 0..<limit {
            if runner.step() != .again { return true }
        }
        return false
    }
}
