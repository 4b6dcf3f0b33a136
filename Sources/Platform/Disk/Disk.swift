// The disk as logs use it, behind a protocol: the machine's (`LinuxDisk`), or one in memory with a seed that forgets,
// tears and fails (`SimulatedDisk`). What is promised is what POSIX promises and no more: written bytes are durable after
// a sync of their file, a name after a sync of its directory.
public import Base

public protocol Disk: Sendable {
    /// Makes a directory and those above it; one that is there is no error.
    func createDirectory(_ path: String) throws(LeibrixError)
    /// Names of the files of a directory, sorted.
    func files(in directory: String) throws(LeibrixError) -> [String]
    func openFile(_ path: String, _ mode: File.Mode) throws(LeibrixError) -> any DiskFile
    /// The whole of a file that does not change any more, to be read where it lies.
    func mapFile(_ path: String) throws(LeibrixError) -> MappedFile
    /// Takes the place of what is called `target`. Durable after `syncDirectory`.
    func renameFile(_ path: String, to target: String) throws(LeibrixError)
    /// Nothing by that name is no error.
    func removeFile(_ path: String) throws(LeibrixError)
    func syncDirectory(_ path: String) throws(LeibrixError)
    /// The exclusive right to `path` as long as the returned object lives; nil when somebody else has it.
    func lockFile(_ path: String) throws(LeibrixError) -> (any Sendable & AnyObject)?
}

extension Disk {
    public func mapFile(_ path: String) throws(LeibrixError) -> MappedFile {
        let file = try openFile(path, .read)
        return try MappedFile(copying: file.read(file.size(), at: 0), path: path)
    }
}

/// An open file. Calls block; callers stand on a thread that may.
public protocol DiskFile: AnyObject, Sendable {
    func size() throws(LeibrixError) -> Int
    /// Writes all of `bytes` at `offset`. After an error some of them may be written.
    func write(_ bytes: RawSpan, at offset: Int) throws(LeibrixError)
    /// Up to `count` bytes; fewer at the end of the file.
    func read(_ count: Int, at offset: Int) throws(LeibrixError) -> [UInt8]
    /// What was written is on stable storage. After an error nobody knows what is, and trying again does not tell.
    func dataSync() throws(LeibrixError)
    /// As `dataSync`, with all metadata.
    func sync() throws(LeibrixError)
}
