internal import Base
internal import Columnar
internal import Platform
internal import SQLPlanning
internal import StreamEngine
internal import Synchronization

/// An engine on a virtual clock with the sources the fixtures speak of.
final class Harness {
    struct Row: Hashable, CustomStringConvertible {
        var weight: Int
        var values: [Value]
        var description: String { "\(weight > 0 ? "+" : "")\(weight) \(values)" }
    }

    final class Now: Sendable {
        let micros = Atomic<Int64>(0)
    }

    let engine: StreamEngine
    let now = Now()
    private(set) var rows: [String: [Row]] = [:]

    static let numbers: [DataType.Field] = [.init("k", .bigInt), .init("v", .bigInt), .init("ts", .timestamp)]
    static let trades: [DataType.Field] = [
        .init("symbol", .varchar), .init("price", .double), .init("qty", .bigInt), .init("ts", .timestamp),
    ]

    init(delaySeconds: Int64 = 0, idleSeconds: Int64? = nil, cores: Int = 1) throws {
        let now = now
        engine = StreamEngine(clock: Clock(monotonicNanos: { 0 }, wallMicros: { now.micros.load(ordering: .relaxed) }), cores: cores)
        let time = SourceDefinition.EventTime("ts", delayMicros: delaySeconds * 1_000_000, idleMicros: idleSeconds.map { $0 * 1_000_000 })
        try engine.createSource(SourceDefinition("numbers", Self.numbers, eventTime: time))
        try engine.createSource(SourceDefinition("others", Self.numbers, eventTime: time))
        try engine.createSource(SourceDefinition("trades", Self.trades, eventTime: time))
        try engine.createSource(SourceDefinition("named", [.init("k", .bigInt), .init("name", .varchar), .init("v", .bigInt)]))
    }

    /// Makes a stream and keeps its rows under its name.
    func stream(_ sql: String, _ name: String = "out", _ options: StreamOptions = StreamOptions()) throws {
        try engine.createStream(name, try Queries.tree(sql), options)
        rows[name] = []
        _ = try engine.subscribe(name) { [unowned self] chunk in
            for row in 0..<chunk.count {
                rows[name]!.append(Row(weight: chunk.weight(row), values: (0..<chunk.columnCount).map { chunk.value($0, row) }))
            }
        }
    }

    /// Pushes rows in batches of the given size.
    func push(_ source: String, _ rows: [[Value]], batch: Int = 1) throws {
        let handle = try engine.source(source)
        let fields = try engine.columns(of: source)
        var start = 0
        while start < rows.count {
            let end = min(start + batch, rows.count)
            try handle.push(Batch.rows(Array(rows[start..<end]), fields))
            start = end
        }
    }

    func advance(seconds: Int64) {
        now.micros.add(seconds * 1_000_000, ordering: .relaxed)
        engine.tick()
    }

    var isConserved: Bool { engine.operators.allSatisfy { $0.isConserved } }
    var out: [Row] { rows["out"] ?? [] }
    func values(_ name: String = "out") -> [[Value]] { (rows[name] ?? []).map(\.values) }
}

/// Seconds as a TIMESTAMP of a batch of values.
func at(_ seconds: Int64) -> Value { .integer(seconds * 1_000_000) }
func time(_ seconds: Int64) -> Value { .timestamp(seconds * 1_000_000) }

extension Sequence<[Value]> {
    /// In an order of their own: for comparing as multisets.
    var sortedRows: [String] { map { "\($0)" }.sorted() }
}
