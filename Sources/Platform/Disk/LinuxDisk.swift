public import Base

/// The machine's disk.
public struct LinuxDisk: Disk {
    public init() {}

    public func createDirectory(_ path: String) throws(LeibrixError) { try Files.createDirectory(path) }

    public func files(in directory: String) throws(LeibrixError) -> [String] {
        try Files.list(directory).filter { !$0.isDirectory }.map(\.name)
    }

    public func openFile(_ path: String, _ mode: File.Mode) throws(LeibrixError) -> any DiskFile {
        LinuxDiskFile(try File(path, mode))
    }

    public func mapFile(_ path: String) throws(LeibrixError) -> MappedFile { try MappedFile(path) }

    public func renameFile(_ path: String, to target: String) throws(LeibrixError) { try Files.move(path, to: target) }
    public func removeFile(_ path: String) throws(LeibrixError) { try Files.remove(path) }
    public func syncDirectory(_ path: String) throws(LeibrixError) { try Files.syncDirectory(of: path + "/.") }

    public func lockFile(_ path: String) throws(LeibrixError) -> (any Sendable & AnyObject)? {
        let file = try File(path, .create)
        return file.tryLock() ? LinuxDiskFile(file) : nil
    }
}

private final class LinuxDiskFile: DiskFile {
    private let file: File

    init(_ file: consuming File) { self.file = file }

    func size() throws(LeibrixError) -> Int { try file.size() }
    func write(_ bytes: RawSpan, at offset: Int) throws(LeibrixError) { try file.write(bytes, at: offset) }
    func read(_ count: Int, at offset: Int) throws(LeibrixError) -> [UInt8] { try file.read(count, at: offset) }
    func dataSync() throws(LeibrixError) { try file.dataSync() }
    func sync() throws(LeibrixError) { try file.sync() }
}
