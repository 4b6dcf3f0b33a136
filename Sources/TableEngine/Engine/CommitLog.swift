public import Base

/// Where commits become durable. The engine calls `append` under its commit lock, so commits are in the log in the order of their
/// numbers, and `wait` outside of it.
public protocol CommitLog: Sendable {
    /// What `append` will be given: encoded before the commit lock is taken, rows read where they lie.
    func encode(_ records: borrowing CommitRecords) throws(LeibrixError) -> [UInt8]

    /// Takes one transaction's records over; must not block. Throwing refuses the commit, with nothing written.
    func append(_ payload: [UInt8], number: UInt64) throws(LeibrixError) -> UInt64

    /// Returns when everything up to the position that `append` gave is durable; throws when it never will be.
    func wait(for position: UInt64) async throws(LeibrixError)
}
