internal import Base
internal import Platform

/// The exclusive right to a data directory: an flock on `{directory}/lock`, which the kernel drops with the process.
final class DirectoryLock: Sendable {
    private let file: File

    /// Throws `directoryLocked` when another process (or another store of this one) holds it.
    init(_ directory: String) throws(LeibrixError) {
        let path = directory + "/lock"
        file = try File(path, .create)
        guard file.tryLock() else {
            throw LeibrixError(
                .directoryLocked, "the data directory \(directory) is in use by another process",
                hint: "Stop that process, or start with another --data directory.")
        }
    }
}
