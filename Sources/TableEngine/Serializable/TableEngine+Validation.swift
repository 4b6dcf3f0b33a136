internal import Base
internal import Synchronization

extension TableEngine {
    /// Under the commit lock, before a transaction takes its number: throws 40001 when what it read has changed since.
    func validate(_ transaction: TableTransaction, _ commits: borrowing CommitState) throws(LeibrixError) {
        guard let reads = transaction.reads else { return }
        for commit in commits.recent where commit.number > transaction.view.snapshot && reads.isChanged(by: commit) {
            throw LeibrixError(
                .serializationFailure, "could not serialize access due to read/write dependencies among transactions",
                detail: "Commit \(commit.number) changed what this transaction has read.", hint: "The transaction might succeed if retried.")
        }
    }

    /// The newest commit that no SERIALIZABLE transaction needs to be validated against.
    ///
    /// One that begins counts itself first and takes its snapshot then: who finds none here finds none whose snapshot is below
    /// what was published when it looked.
    func validationFloor(_ newest: UInt64) -> UInt64 {
        serializables.load(ordering: .sequentiallyConsistent) == 0 ? newest : snapshots.horizon(newest: newest)
    }
}
