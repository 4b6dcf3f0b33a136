internal import Synchronization

/// Every metric of the process by name and labels: what /metrics and leibrix.metrics show.
///
/// Metrics are made once and kept by whoever counts; the registry's lock is not on the way of counting.
public final class MetricsRegistry: Sendable {
    public enum Reading: Sendable {
        case counter(Int)
        case gauge(Int)
        case histogram(Histogram.Snapshot)
    }

    public struct Sample: Sendable {
        public let name: String
        public let help: String
        public let labels: [(name: String, value: String)]
        public let reading: Reading
    }

    private enum Metric: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case histogram(Histogram)
        case computed(@Sendable () -> Int)
    }

    private struct Entry: Sendable {
        let name: String
        let help: String
        let labels: [(name: String, value: String)]
        let metric: Metric
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let gatherers = Mutex<[@Sendable () -> Void]>([])

    public init() {}

    /// The counter of this name and labels, made on first use. Names end in _total by convention.
    public func counter(_ name: String, _ help: String, labels: [(name: String, value: String)] = []) -> Counter {
        let entry = entry(name, help, labels) { .counter(Counter()) }
        guard case .counter(let counter) = entry.metric else { preconditionFailure("\(name) is not a counter") }
        return counter
    }

    public func gauge(_ name: String, _ help: String, labels: [(name: String, value: String)] = []) -> Gauge {
        let entry = entry(name, help, labels) { .gauge(Gauge()) }
        guard case .gauge(let gauge) = entry.metric else { preconditionFailure("\(name) is not a gauge") }
        return gauge
    }

    public func histogram(_ name: String, _ help: String, labels: [(name: String, value: String)] = []) -> Histogram {
        let entry = entry(name, help, labels) { .histogram(Histogram()) }
        guard case .histogram(let histogram) = entry.metric else { preconditionFailure("\(name) is not a histogram") }
        return histogram
    }

    /// A gauge whose value is asked for when it is read.
    public func computed(_ name: String, _ help: String, labels: [(name: String, value: String)] = [], _ value: @escaping @Sendable () -> Int) {
        _ = entry(name, help, labels) { .computed(value) }
    }

    /// Calls `gather` before the metrics are read: for those who count by themselves and tell the counters now and then.
    public func beforeReading(_ gather: @escaping @Sendable () -> Void) { gatherers.withLock { $0.append(gather) } }

    /// All metrics, ordered by name and labels.
    public func samples() -> [Sample] {
        for gather in gatherers.withLock({ $0 }) { gather() }
        let entries = entries.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
        return entries.map { entry in
            let reading: Reading =
                switch entry.metric {
                case .counter(let counter): .counter(counter.value)
                case .gauge(let gauge): .gauge(gauge.value)
                case .histogram(let histogram): .histogram(histogram.snapshot)
                case .computed(let value): .gauge(value())
                }
            return Sample(name: entry.name, help: entry.help, labels: entry.labels, reading: reading)
        }
    }

    private func entry(
        _ name: String, _ help: String, _ labels: [(name: String, value: String)], _ make: () -> Metric
    ) -> Entry {
        let key = name + labels.map { "\u{1}\($0.name)=\($0.value)" }.joined()
        return entries.withLock { entries in
            if let entry = entries[key] { return entry }
            let entry = Entry(name: name, help: help, labels: labels, metric: make())
            entries[key] = entry
            return entry
        }
    }
}

extension MetricsRegistry {
    /// Prometheus's text format, version 0.0.4.
    public func prometheusText() -> String {
        var text = ""
        var family = ""
        for sample in samples() {
            if sample.name != family {
                family = sample.name
                text += "# HELP \(family) \(sample.help)\n# TYPE \(family) \(Self.type(sample.reading))\n"
            }
            switch sample.reading {
            case .counter(let value), .gauge(let value):
                text += "\(sample.name)\(Self.labels(sample.labels)) \(value)\n"
            case .histogram(let snapshot): text += Self.lines(sample, snapshot)
            }
        }
        return text
    }

    private static func type(_ reading: Reading) -> String {
        switch reading {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    private static func lines(_ sample: Sample, _ snapshot: Histogram.Snapshot) -> String {
        var text = ""
        for (index, count) in snapshot.cumulative.enumerated() {
            let bound = Histogram.Snapshot.bound(index)
            let shown = bound.isFinite ? "\(bound)" : "+Inf"
            text += "\(sample.name)_bucket\(labels(sample.labels + [("le", shown)])) \(count)\n"
        }
        text += "\(sample.name)_sum\(labels(sample.labels)) \(snapshot.sumSeconds)\n"
        return text + "\(sample.name)_count\(labels(sample.labels)) \(snapshot.count)\n"
    }

    private static func labels(_ labels: [(name: String, value: String)]) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }
}
