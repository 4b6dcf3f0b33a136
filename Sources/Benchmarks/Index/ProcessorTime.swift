internal import Glibc

/// The calling thread's processor time: what single-threaded work in memory costs, whoever else the machine serves.
enum ProcessorTime {
    static func seconds<T>(_ body: () -> T) -> (seconds: Double, value: T) {
        let start = now()
        let value = body()
        return (now() - start, value)
    }

    static func best(of rounds: Int, _ body: () -> Void) -> Double { (0..<max(rounds, 1)).map { _ in seconds(body).seconds }.min() ?? 0 }

    private static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
