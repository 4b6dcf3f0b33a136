internal import Base
internal import Benchmarks
internal import Leibrix

enum BenchCommand: Command {
    static let name = "bench"
    static let summary = "Measure this machine, each figure beside its peer in the same run."
    static let usage = "NAME"
    static let flags = [
        Arguments.Flag("scale", placeholder: "N", "TPC-H's scale factor (default 1)."),
        Arguments.Flag("threads", placeholder: "N", "Threads that execute statements, here and in the peer (default: processors)."),
        Arguments.Flag("rounds", placeholder: "N", "Runs of each measure; the best counts (default 3)."),
        Arguments.Flag("cache", placeholder: "DIR", "Where generated data is kept between runs (default .build/bench)."),
        Arguments.Flag("results", placeholder: "DIR", "Where the figures are kept as JSON (default bench-results)."),
    ]
    static var more: String { "Benchmarks:\n\n" + HelpText.table([("all", "every one below")] + Bench.all.map { ($0.name, $0.summary) }) }

    static func run(_ arguments: Arguments) async throws(LeibrixError) -> Int32 {
        guard let name = arguments.operands.first else {
            throw LeibrixError(.configuration, "which benchmark?", hint: "One of all, \(Bench.all.map(\.name).joined(separator: ", ")).")
        }
        let context = try context(arguments)
        do {
            if name == "duckdb-resident" {
                Console.line("resident \(try Bench.duckdbResident(context))")
                return 0
            }
            var holds = true
            for report in try Bench.run(name, context) {
                Console.line("\n" + report.table)
                try report.save(to: arguments.value("results") ?? "bench-results")
                holds = holds && report.holds
            }
            return holds ? 0 : 1
        } catch let error as LeibrixError {
            throw error
        } catch {
            throw LeibrixError(.internal, "the benchmark failed: \(error)")
        }
    }

    private static func context(_ arguments: Arguments) throws(LeibrixError) -> BenchContext {
        func number(_ flag: String, _ fallback: Double) throws(LeibrixError) -> Double {
            guard let text = arguments.value(flag) else { return fallback }
            guard let value = Double(text), value > 0 else { throw LeibrixError(.configuration, "--\(flag) wants a number, not \(text)") }
            return value
        }
        return BenchContext(
            scale: try number("scale", 1), threads: Int(try number("threads", Double(Machine.processors))), rounds: Int(try number("rounds", 3)),
            cache: arguments.value("cache"), progress: { Console.line($0) })
    }
}
