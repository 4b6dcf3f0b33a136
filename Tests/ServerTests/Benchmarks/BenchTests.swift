// Every benchmark, small: it runs, its answers agree with the peer's, and its report can be read. No time is asserted.
import Benchmarks
import Foundation
import Testing

@Suite(.serialized) struct BenchTests {
    static let cache = TemporaryFolder("bench")

    private var context: BenchContext {
        BenchContext(scale: 0.01, rounds: 1, cache: Self.cache.path, executable: BuiltExecutable.leibrix, extensions: BuiltExecutable.extensions)
    }

    @Test(arguments: Bench.all.map(\.name))
    func small(_ name: String) throws {
        for report in try Bench.run(name, context) {
            #expect(!report.figures.isEmpty)
            #expect(report.figures.allSatisfy { $0.ours.isFinite && $0.ours >= 0 })
            #expect(report.table.contains(report.figures[0].name))
            try report.save(to: Self.cache.path + "/results")
            let data = try Data(contentsOf: URL(fileURLWithPath: Self.cache.path + "/results/\(report.name).json"))
            #expect(try JSONSerialization.jsonObject(with: data) is [String: Any])
        }
    }

    @Test func anUnknownNameIsRefused() {
        #expect(throws: (any Error).self) { _ = try Bench.run("no such benchmark", context) }
    }

    @Test func boundsAreJudged() {
        #expect(BenchFigure("a", unit: "s", ours: 2, peer: 1, atMost: 1).holds == false)
        #expect(BenchFigure("a", unit: "s", ours: 1, peer: 2, atMost: 1).holds == true)
        #expect(BenchFigure("a", unit: "/s", ours: 1, peer: 1, atLeast: 2).holds == false)
        #expect(BenchFigure("a", unit: "us", ours: 100, atMost: 150).holds == true)
        #expect(BenchFigure("a", unit: "us", ours: 100).holds == nil)
    }
}
