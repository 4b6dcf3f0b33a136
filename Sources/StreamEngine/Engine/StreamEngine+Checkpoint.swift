// What survives. A checkpoint is a barrier between two chunks: the state of every source and operator at one place in the
// order of rows, and what the sinks had taken by then.
//
//   1. under the gate: states are captured, sinks pre-commit            (a crash: the sinks go back to the checkpoint before)
//   2. states, offsets, watermarks and the sinks' tokens become durable (a crash before the manifest: as in 1)
//   3. the sinks commit                                                 (a crash: restore commits them again)
//
// Rows that were pushed after a checkpoint are the producers' to push again: `SourceHandle.offset` tells from where.
public import Base
internal import Columnar
internal import Synchronization

extension StreamEngine {
    /// Sends a stream's rows to a sink. Sinks that fail stop the checkpoints, and with them what may be forgotten upstream.
    public func createSink(_ name: String, from stream: String, _ sink: any StreamSink) throws(LeibrixError) {
        let failure = SinkFailure()
        try withGate { () throws(LeibrixError) in
            guard sinks[name.lowercased()] == nil else { throw LeibrixError(.streamDuplicate, "sink \"\(name)\" already exists") }
            guard let pipeline = streams[stream.lowercased()] else { throw LeibrixError(.streamUndefined, "stream \"\(stream)\" does not exist") }
            let id = pipeline.outlet.subscribe { rows in
                if failure.error != nil { return }
                do throws(LeibrixError) { try sink.write(rows) } catch { failure.error = error }
            }
            sinks[name.lowercased()] = Sink(name: name, stream: stream.lowercased(), subscription: id, sink: sink, failure: failure)
        }
    }

    /// Ends a sink. What it has taken since the last checkpoint stays as the sink left it.
    public func dropSink(_ name: String) throws(LeibrixError) {
        try withGate { () throws(LeibrixError) in
            guard let sink = sinks.removeValue(forKey: name.lowercased()) else { throw LeibrixError(.streamUndefined, "sink \"\(name)\" does not exist") }
            streams[sink.stream]?.outlet.unsubscribe(sink.subscription)
        }
    }

    /// Writes a checkpoint and returns its number. Rows wait only for step 1, in which groups are not written but marked: pages of
    /// them are copied when a row is about to change them. Blocks.
    ///
    /// `quiet` calls what it is given, once, at a moment of the caller's: between two steps each of which is several calls.
    public func checkpoint(
        _ store: CheckpointStore, quiet: (_ capture: () -> Void) -> Void = { $0() }
    ) throws(LeibrixError) -> Int {
        let result: Result<Int, LeibrixError> = checkpointing.withLock { _ in
            do throws(LeibrixError) { return .success(try checkpointAlone(store, quiet)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func checkpointAlone(_ store: CheckpointStore, _ quiet: (() -> Void) -> Void) throws(LeibrixError) -> Int {
        let number = max(lastCheckpoint, try store.numbers().first ?? 0) + 1
        var tokens: [(String, String)] = []
        var outcome: Result<[Captured], LeibrixError> = .success([])
        quiet {
            do throws(LeibrixError) {
                outcome = .success(
                    try withGate { () throws(LeibrixError) in
                        for sink in sinks.values.sorted(by: { $0.name < $1.name }) {
                            if let error = sink.failure.error { throw error }
                            try store.fault("pre-commit")
                            tokens.append((sink.name.lowercased(), try sink.sink.preCommit(number)))
                        }
                        return states()
                    })
            } catch { outcome = .failure(error) }
        }
        let captured = try outcome.get()
        let body = JSON.object([
            "cores": .integer(Int64(cores)),
            "sinks": .array(tokens.map { .object(["name": .string($0.0), "token": .string($0.1)]) }),
        ])
        // Rows go on while groups are written away. What has changed is counted from here on: if this fails the next writes everything.
        let previous = lastWritten.flatMap { $0.directory == store.directory ? $0.contents : nil }
        lastWritten = nil
        let written = try writeAway(captured, number, store, body, previous)
        lastWritten = (store.directory, written)
        lastCheckpoint = number
        for (name, token) in tokens {
            try store.fault("commit")
            try sinks[name]?.sink.commit(number, token)
        }
        try store.prune(number, written)
        return number
    }

    private func writeAway(
        _ captured: [Captured], _ number: Int, _ store: CheckpointStore, _ body: JSON, _ previous: CheckpointStore.Contents?
    ) throws(LeibrixError) -> CheckpointStore.Contents {
        defer { enter { for part in captured { part.capture.end() } } }
        return try store.write(number, captured.map { CheckpointStore.Part(name: $0.name, segments: $0.capture.segments()) }, body: body, previous: previous)
    }

    private struct Captured {
        var name: String
        var capture: OperatorCapture
    }

    private func states() -> [Captured] {
        var parts: [Captured] = []
        for (name, source) in sources {
            var writer = StateWriter()
            source.save(&writer)
            var capture = OperatorCapture()
            capture.add(writer)
            parts.append(Captured(name: "source.\(Self.fileName(name))", capture: capture))
        }
        for (name, pipeline) in streams {
            for (core, operators) in pipeline.cores.enumerated() {
                for (index, made) in operators.enumerated() {
                    parts.append(Captured(name: "\(Self.fileName(name)).\(index).\(core)", capture: made.capture()))
                }
            }
        }
        return parts
    }

    /// Letters, digits and underscores as they are, every other byte as `%` and two hexadecimal digits.
    static func fileName(_ name: String) -> String {
        var result = ""
        for byte in name.utf8 {
            let isPlain = (48...57).contains(byte) || (97...122).contains(byte) || byte == 95
            result += isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return result
    }

    /// Goes on from the newest whole checkpoint, or from `number`. Sources, streams and sinks must have been made again, by
    /// the same definitions, and hold nothing yet. Returns the checkpoint's number, nil when there is none.
    public func restore(_ store: CheckpointStore, number: Int? = nil) throws(LeibrixError) -> Int? {
        let loaded: CheckpointStore.Loaded?
        if let number { loaded = try store.load(number) } else { loaded = try store.latest() }
        return try withGate { () throws(LeibrixError) in
            var tokens: [String: String] = [:]
            for sink in loaded?.body["sinks"]?.array ?? [] {
                if let name = sink["name"]?.string { tokens[name] = sink["token"]?.string }
            }
            for (name, sink) in sinks { try sink.sink.restore(loaded?.number ?? 0, tokens[name]) }
            guard let loaded else { return nil }
            let oldCores = Int(loaded.body["cores"]?.integer ?? 1)
            for (name, source) in sources {
                guard let bytes = loaded.parts["source.\(Self.fileName(name))"] else { continue }
                var reader = StateReader(bytes)
                try source.load(&reader)
            }
            for (name, pipeline) in streams { try load(pipeline, Self.fileName(name), loaded, oldCores) }
            lastCheckpoint = loaded.number
            lastWritten = (store.directory, loaded.contents)
            return loaded.number
        }
    }

    private func load(_ pipeline: StreamPipeline, _ name: String, _ loaded: CheckpointStore.Loaded, _ oldCores: Int) throws(LeibrixError) {
        for (core, operators) in pipeline.cores.enumerated() {
            for (index, made) in operators.enumerated() {
                for old in 0..<max(oldCores, 1) {
                    guard let bytes = loaded.parts["\(name).\(index).\(old)"] else { continue }
                    var reader = StateReader(bytes, core: core, cores: pipeline.cores.count, format: loaded.format)
                    try made.load(&reader)
                    guard reader.isAtEnd else {
                        throw LeibrixError(
                            .streamCheckpointCorrupt, "the state of stream \"\(pipeline.name)\" is of another query",
                            hint: "Make the stream by the definition it had at the checkpoint.")
                    }
                }
                made.counts.rowsIn += made.counts.buffered
            }
        }
    }
}

/// A sink and the stream it takes.
struct Sink {
    let name: String
    let stream: String
    let subscription: Int
    let sink: any StreamSink
    let failure: SinkFailure
}

/// The first error of a sink: later rows are not written, and the next checkpoint fails with it.
final class SinkFailure {
    var error: LeibrixError?
}
