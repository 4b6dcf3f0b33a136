// `leibrix bench index`: ten million keys at scale 1, fifty at scale 5.

extension IndexBench {
    static func run(_ context: BenchContext) -> BenchReport {
        let bench = IndexBench(count: max(Int(context.scale * 10_000_000), 1_000), rounds: context.rounds, progress: context.progress)
        var report = BenchReport(
            name: "index",
            settings: [
                ("keys", "\(bench.count)"), ("threads", "1"), ("rounds", "\(context.rounds)"), ("peer", "absl::btree_map<uint64_t, uint64_t>"),
                ("time", "the thread's processor time; single inserts by the wall clock"),
            ])
        report.figures = bench.run()
        return report
    }
}
