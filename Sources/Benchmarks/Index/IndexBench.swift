// The learned index beside a B-tree and a sorted array: lookups, batches, loading, inserts in kind and hostile orders, memory.
internal import LearnedIndex
internal import Platform

struct IndexBench {
    var count: Int
    var rounds: Int
    var seed: UInt64 = 42
    var progress: (String) -> Void = { _ in }

    /// Every measure, or those of the set, order or `inserts` named.
    func run(only name: String = "") -> [BenchFigure] {
        func isWanted(_ measure: String) -> Bool { name.isEmpty || name == measure }
        var figures: [BenchFigure] = []
        for set in IndexKeys.allCases where isWanted(set.rawValue) {
            progress("index: \(set.rawValue), \(count) keys")
            figures += lookups(set)
        }
        if isWanted("inserts") {
            progress("index: \(count) random inserts")
            figures += inserts()
        }
        for order in IndexOrder.allCases where isWanted(order.rawValue) {
            progress("index: inserts, \(order.rawValue)")
            figures += hostile(order)
        }
        return figures
    }

    private func probes(_ keys: [UInt64]) -> [UInt64] {
        var generator = SeededGenerator(seed: seed ^ 0x5EED)
        return (0..<min(max(keys.count, 1_000), 4_000_000)).map { _ in keys[Int(generator.next() % UInt64(keys.count))] }
    }

    /// Nanoseconds of one call, the best of the rounds; every answer is checked by the sum.
    private func perCall(_ probes: [UInt64], _ name: String, _ find: (UInt64) -> UInt64?) -> Double {
        let wanted = probes.reduce(0, &+)
        return ProcessorTime.best(of: rounds) {
            var sum: UInt64 = 0
            for probe in probes { sum &+= find(probe) ?? 1 }
            precondition(sum == wanted, "\(name) answers wrongly")
        } / Double(probes.count) * 1e9
    }

    private func lookups(_ set: IndexKeys) -> [BenchFigure] {
        let keys = set.sorted(count, seed: seed)
        let probes = probes(keys)
        let name = set.rawValue
        let load = ProcessorTime.best(of: rounds) { _ = Self.load(keys) }
        let index = Self.load(keys)
        let serial = perCall(probes, "index") { index.lookup($0) }
        let tree = BTree()
        tree.load(keys)
        let treeSerial = perCall(probes, "btree") { tree.find($0) }
        let report = index.report()
        let isUniform = set == .uniform
        var figures = [
            BenchFigure("lookup \(name)", unit: "ns", ours: serial, peer: treeSerial, peerName: "absl::btree_map", atMost: isUniform ? 0.4 : 1.2),
            BenchFigure("bytes an entry, \(name) loaded", unit: "B", ours: Double(report.bytes) / Double(keys.count), atMost: 24),
            BenchFigure("bulk load \(name)", unit: "keys/s", ours: Double(keys.count) / load, atLeast: 20_000_000),
        ]
        if isUniform {
            let array = SortedArray(keys)
            let gallop = perCall(probes, "array") { array.find($0) }
            figures.insert(BenchFigure("lookup \(name)", unit: "ns", ours: serial, peer: gallop, peerName: "a model and galloping", atMost: 1.3), at: 1)
            figures.append(BenchFigure("batched lookup \(name)", unit: "ns", ours: batch(index, probes), peer: serial, peerName: "one by one", atMost: 1 / 3.0))
        }
        let ranges = Array(probes.prefix(100_000))
        let scan = perRange(ranges) { key in
            var sum: UInt64 = 0
            index.scan(from: key, through: .max, limit: 100) { (sum = sum &+ $1, true).1 }
            return sum
        }
        let treeScan = perRange(ranges) { tree.sum(from: $0, limit: 100) }
        figures.append(BenchFigure("100 entries from a key, \(name)", unit: "ns", ours: scan.nanos, peer: treeScan.nanos, peerName: "absl::btree_map"))
        precondition(scan.sum == treeScan.sum, "ranges differ")
        return figures
    }

    private func perRange(_ keys: [UInt64], _ range: (UInt64) -> UInt64) -> (nanos: Double, sum: UInt64) {
        var sum: UInt64 = 0
        let seconds = ProcessorTime.best(of: rounds) { sum = keys.reduce(0) { $0 &+ range($1) } }
        return (seconds / Double(keys.count) * 1e9, sum)
    }

    private static func load(_ keys: [UInt64]) -> LearnedIndex {
        guard let index = try? LearnedIndex(ascending: keys.span, values: keys.span) else { preconditionFailure("keys are ascending") }
        return index
    }

    private func batch(_ index: LearnedIndex, _ probes: [UInt64]) -> Double {
        var values = [UInt64](repeating: 0, count: probes.count)
        let seconds = ProcessorTime.best(of: rounds) { Self.fill(index, probes.span, &values) }
        precondition(values.reduce(0, &+) == probes.reduce(0, &+), "a batch answers wrongly")
        return seconds / Double(probes.count) * 1e9
    }

    private static func fill(_ index: LearnedIndex, _ probes: Span<UInt64>, _ values: inout [UInt64]) {
        var span = values.mutableSpan
        _ = index.lookup(probes, into: &span)
    }

    /// Random inserts one by one into what is empty at first.
    private func inserts() -> [BenchFigure] {
        let keys = IndexOrder.random.keys(count, seed: seed)
        let index = LearnedIndex()
        let ours = ProcessorTime.seconds { for key in keys { _ = index.insert(key, key) } }.seconds
        let tree = BTree()
        let theirs = ProcessorTime.seconds { for key in keys { _ = tree.insert(key, key) } }.seconds
        let report = index.report()
        let probes = probes(keys)
        let serial = perCall(probes, "index") { index.lookup($0) }
        let treeSerial = perCall(probes, "btree") { tree.find($0) }
        return [
            BenchFigure("random insert", unit: "ns", ours: ours / Double(count) * 1e9, peer: theirs / Double(count) * 1e9, peerName: "absl::btree_map", atMost: 1),
            BenchFigure("lookup after random inserts", unit: "ns", ours: serial, peer: treeSerial, peerName: "absl::btree_map", atMost: 0.4),
            BenchFigure("bytes an entry after random inserts", unit: "B", ours: Double(report.bytes - report.waitingBytes) / Double(report.keys), atMost: 24),
        ]
    }

    /// Each insert timed by itself; the clock's own time is in every figure of both sides.
    private func hostile(_ order: IndexOrder) -> [BenchFigure] {
        let keys = order.keys(min(count, 2_000_000), seed: seed)
        let index = LearnedIndex()
        let tree = BTree()
        let ours = spread(keys) { _ = index.insert($0, $0) }
        let theirs = spread(keys) { _ = tree.insert($0, $0) }
        let probes = probes(keys)
        let serial = perCall(probes, "index") { index.lookup($0) }
        let treeSerial = perCall(probes, "btree") { tree.find($0) }
        let report = index.report()
        let name = order.rawValue
        return [
            BenchFigure("insert, \(name)", unit: "ns", ours: ours.mean, peer: theirs.mean, peerName: "absl::btree_map", atMost: 1.2),
            BenchFigure("p99.9 insert, \(name)", unit: "ns", ours: ours.high, peer: ours.median, peerName: "its median", atMost: 10),
            BenchFigure("lookup, \(name)", unit: "ns", ours: serial, peer: treeSerial, peerName: "absl::btree_map", atMost: 1.2),
            BenchFigure("bytes an entry, \(name)", unit: "B", ours: Double(report.bytes - report.waitingBytes) / Double(report.keys), atMost: 24),
        ]
    }

    private func spread(_ keys: [UInt64], _ insert: (UInt64) -> Void) -> (mean: Double, median: Double, high: Double) {
        var times = [UInt32](repeating: 0, count: keys.count)
        var last = Clock.system.monotonicNanos()
        let start = last
        for (number, key) in keys.enumerated() {
            insert(key)
            let now = Clock.system.monotonicNanos()
            times[number] = UInt32(clamping: now - last)
            last = now
        }
        times.sort()
        return (Double(last - start) / Double(keys.count), Double(times[times.count / 2]), Double(times[times.count / 1000 * 999]))
    }
}
