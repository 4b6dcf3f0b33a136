public import Base
public import DuckDBKit
internal import Synchronization

/// A connection on which the names of some datasets read their sources, for one statement. It belongs to an instance that
/// reaches files and networks: whoever runs a client's text on it has checked that it reads these names and nothing else.
/// Used by one thread at a time; calls block.
public final class SourceLease: Sendable {
    public let connection: Connection
    private let verification: @Sendable () throws(LeibrixError) -> Void
    private let ending: Mutex<(@Sendable () -> Void)?>

    init(
        _ connection: Connection, verify: @escaping @Sendable () throws(LeibrixError) -> Void, release: @escaping @Sendable () -> Void
    ) {
        self.connection = connection
        verification = verify
        ending = Mutex(release)
    }

    deinit { release() }

    /// After the last row, before the answer is called whole: throws `sourceChanged` when the files that were read are others by now.
    public func verify() throws(LeibrixError) { try verification() }

    /// Takes the names away. Idempotent.
    public func release() {
        let ending = ending.withLock { ending in
            defer { ending = nil }
            return ending
        }
        ending?()
    }
}
