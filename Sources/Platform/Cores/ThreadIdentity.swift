internal import Glibc

/// Which thread this is, among those that live.
public struct ThreadIdentity: Hashable, Sendable {
    private let number: UInt

    /// The calling thread's.
    @inline(__always)
    public static var current: ThreadIdentity { ThreadIdentity(number: UInt(pthread_self())) }
}
