// Stream engines of PyPI, in a Python of their own (scripts/setup --bench). A script prints one line of JSON at its end.
internal import Base
internal import Foundation

struct PythonPeer {
    private let python: String
    private let folder: String

    /// nil, and said so, where it is not installed.
    init?(_ context: BenchContext, module: String, folder: String) {
        python = "\(FileManager.default.currentDirectoryPath)/.deps/venv-bench/bin/python"
        self.folder = folder
        guard FileManager.default.isExecutableFile(atPath: python),
            (try? ChildProcess.output(python, ["-c", "import \(module)"], folder: folder)) != nil
        else {
            context.progress("LEFT OUT: \(module) is not installed; scripts/setup --bench does that")
            return nil
        }
    }

    /// Runs a script with arguments and returns the numbers it printed.
    func run(_ script: String, _ arguments: [String]) throws -> [String: Double] {
        let path = "\(folder)/\(UUID().uuidString).py"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        let output = try ChildProcess.output(python, [path] + arguments, folder: folder)
        guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("{") }),
            let numbers = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Double]
        else { throw LeibrixError(.internal, "a peer printed no figures", detail: String(output.suffix(400))) }
        return numbers
    }
}

/// laminardb, the original.
enum LaminarScripts {
    /// Arguments: the stream's query, rows a second, rows. Latencies from when a row was due, in nanoseconds.
    static let latency = """
        import json, sys, time, threading, pyarrow as pa, laminardb
        query, rate, rows = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
        c = laminardb.open(":memory:")
        c.execute("CREATE SOURCE numbers (k BIGINT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '0' SECOND)")
        c.execute("CREATE STREAM out AS " + query)
        c.start()
        seen = []
        def take(result):
            now = time.perf_counter_ns()
            for n in result.to_arrow().column("w").to_pylist(): seen.append((n, now))
        c.subscribe_stream_callback("out", take)
        start = time.perf_counter_ns() + 200_000_000
        due = []
        for n in range(rows):
            at = start + int(n * 1e9 / rate)
            while time.perf_counter_ns() < at: time.sleep(max(0, (at - time.perf_counter_ns()) / 1e9 - 0.0001))
            due.append(at)
            c.insert("numbers", pa.record_batch({"k": pa.array([n % 1000], pa.int64()), "v": pa.array([n + 6], pa.int64()), "ts": pa.array([n * 1000], pa.timestamp("us"))}))
        time.sleep(2)
        took = sorted(now - due[n - 7] for n, now in seen if 0 <= n - 7 < rows)
        at = lambda f: float(took[min(len(took) - 1, int(len(took) * f))]) if took else 0.0
        print(json.dumps({"median": at(0.5), "p99": at(0.99), "p999": at(0.999), "seen": float(len(took))}))
        sys.stdout.flush()
        import os; os._exit(0)
        """

    /// Arguments: the stream's query, a Parquet file. Rows a second until the last result came.
    static let throughput = """
        import json, sys, time, pyarrow as pa, pyarrow.parquet as pq, laminardb
        query, path = sys.argv[1], sys.argv[2]
        table = pq.read_table(path)
        table = table.cast(pa.schema([("k", pa.int64()), ("v", pa.int64()), ("ts", pa.timestamp("us"))]))
        batches = [b for b in table.combine_chunks().to_batches(max_chunksize=1024)]
        last = batches[-1].column(2)[len(batches[-1]) - 1].value + 100 * 86400 * 1000000
        c = laminardb.open(":memory:")
        c.execute("CREATE SOURCE numbers (k BIGINT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '0' SECOND)")
        c.execute("CREATE STREAM out AS " + query)
        c.start()
        got = {"rows": 0, "at": time.perf_counter()}
        def take(result):
            got["rows"] += result.num_rows
            got["at"] = time.perf_counter()
        c.subscribe_stream_callback("out", take)
        start = time.perf_counter()
        for b in batches: c.insert("numbers", b)
        c.insert("numbers", pa.record_batch({"k": pa.array([-1], pa.int64()), "v": pa.array([0], pa.int64()), "ts": pa.array([last], pa.timestamp("us"))}))
        pushed = time.perf_counter()
        while time.perf_counter() - max(got["at"], pushed) < 3: time.sleep(0.05)
        end = max(got["at"], pushed) if got["rows"] else pushed
        print(json.dumps({"rate": table.num_rows / (end - start), "results": float(got["rows"]), "pushed": pushed - start}))
        sys.stdout.flush()
        import os; os._exit(0)
        """
}
