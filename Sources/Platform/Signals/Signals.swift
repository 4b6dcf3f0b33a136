internal import CLinux
internal import Glibc

/// Signals as events on a thread of their own.
public enum Signals {
    public enum Kind: Sendable, CaseIterable {
        case interrupt, terminate, hangup

        var number: Int32 {
            switch self {
            case .interrupt: SIGINT
            case .terminate: SIGTERM
            case .hangup: SIGHUP
            }
        }
    }

    private static let pool = BlockingPool(name: "signals", threads: 1)

    /// Calls `body` for each of `kinds` that comes, one after the other, for the rest of the process. Called once.
    public static func handle(_ kinds: [Kind], _ body: @escaping @Sendable (Kind) -> Void) {
        let numbers = kinds.map(\.number)
        let pipe = unsafe lbx_signal_pipe(numbers, Int32(numbers.count))
        guard pipe >= 0 else { return }
        pool.start {
            var byte: UInt8 = 0
            while true {
                let got = unsafe read(pipe, &byte, 1)
                if got < 0 && errno == EINTR { continue }
                guard got == 1 else { return }
                if let kind = Kind.allCases.first(where: { $0.number == Int32(byte) }) { body(kind) }
            }
        }
    }
}
