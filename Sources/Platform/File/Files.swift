// What is done to files by name.
public import Base
internal import CLinux
internal import Glibc

public enum Files {
    public struct Entry: Sendable, Hashable {
        public var name: String
        public var isDirectory: Bool
    }

    public struct Status: Sendable, Hashable {
        public var size: Int
        /// Nanoseconds since 1970.
        public var modifiedNanos: Int64
        public var isDirectory: Bool
        public var inode: UInt64
    }

    /// nil when there is nothing by that name.
    public static func status(_ path: String) -> Status? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        return Status(
            size: Int(status.st_size), modifiedNanos: modified, isDirectory: status.st_mode & S_IFMT == S_IFDIR,
            inode: UInt64(status.st_ino))
    }

    public static func exists(_ path: String) -> Bool { status(path) != nil }

    /// Entries of a directory, sorted by name, without `.` and `..`.
    public static func list(_ path: String) throws(LeibrixError) -> [Entry] {
        guard let directory = unsafe opendir(path) else { throw .io("list", path) }
        defer { _ = unsafe closedir(directory) }
        var entries: [Entry] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name == "." || name == ".." { continue }
            let isDirectory = status(path + "/" + name)?.isDirectory ?? false
            entries.append(Entry(name: name, isDirectory: isDirectory))
        }
        return entries.sorted { $0.name < $1.name }
    }

    public static func createDirectory(_ path: String) throws(LeibrixError) {
        if status(path)?.isDirectory == true { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { try createDirectory(String(path[..<slash])) }
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .io("make directory", path) }
    }

    public static func read(_ path: String) throws(LeibrixError) -> [UInt8] {
        let file = try File(path, .read)
        return try file.read(file.size(), at: 0)
    }

    /// Replaces `path` with `bytes` so that a crash leaves the old or the new content, never a mixture.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(LeibrixError) {
        let temporary = path + ".new"
        let file = try File(temporary, .create)
        try unsafe file.write(bytes.span.bytes, at: 0)
        try file.sync()
        try rename(temporary, to: path)
    }

    /// Renames and makes the new name durable.
    public static func rename(_ path: String, to target: String) throws(LeibrixError) {
        try move(path, to: target)
        try syncDirectory(of: target)
    }

    /// Renames; the new name is durable after `syncDirectory`.
    public static func move(_ path: String, to target: String) throws(LeibrixError) {
        guard unsafe Glibc.rename(path, target) == 0 else { throw .io("rename", path) }
    }

    public static func remove(_ path: String) throws(LeibrixError) {
        guard unsafe unlink(path) == 0 || errno == ENOENT else { throw .io("delete", path) }
    }

    /// Deletes a directory and all below it; nothing there is no error.
    public static func removeTree(_ path: String) throws(LeibrixError) {
        guard let status = status(path) else { return }
        guard status.isDirectory else { return try remove(path) }
        for entry in try list(path) { try removeTree(path + "/" + entry.name) }
        guard unsafe rmdir(path) == 0 || errno == ENOENT else { throw .io("delete directory", path) }
    }

    public static func syncDirectory(of path: String) throws(LeibrixError) {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let opened = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw .io("open directory", directory) }
        defer { _ = close(opened) }
        guard fsync(opened) == 0 else { throw .io("fsync directory", directory) }
    }

    /// Bytes free for this process on the file system of `path`.
    public static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { return nil }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}
