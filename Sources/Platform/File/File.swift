// Files as the engines use them: positioned reads and writes, durable renames, mappings. Every failure names the call
// and the path, and a full disk has a code of its own.
public import Base
internal import CLinux
internal import Glibc

/// An open file. Closed when it goes.
@safe
public struct File: ~Copyable, Sendable {
    public enum Mode: Sendable { case read, write, create, createNew }

    public let path: String
    public let descriptor: Int32

    public init(_ path: String, _ mode: Mode) throws(LeibrixError) {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .write: O_RDWR
            case .create: O_RDWR | O_CREAT | O_TRUNC
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        let opened = unsafe open(path, flags | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .io("open", path) }
        self.path = path
        self.descriptor = opened
    }

    deinit { _ = close(descriptor) }

    public func size() throws(LeibrixError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .io("stat", path) }
        return Int(status.st_size)
    }

    /// Writes all of `bytes` at `offset`.
    public func write(_ bytes: RawSpan, at offset: Int) throws(LeibrixError) {
        var done = 0
        while done < bytes.byteCount {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .io("write", path) }
            done += written
        }
    }

    /// Reads `count` bytes at `offset`; fewer at the end of the file.
    public func read(_ count: Int, at offset: Int) throws(LeibrixError) -> [UInt8] {
        var failed = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = unsafe pread(descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
                if got < 0 && errno == EINTR { continue }
                if got <= 0 {
                    failed = got < 0
                    break
                }
                filled += got
            }
        }
        if failed { throw .io("read", path) }
        return bytes
    }

    public func truncate(to size: Int) throws(LeibrixError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .io("truncate", path) }
    }

    /// Data and metadata on stable storage.
    public func sync() throws(LeibrixError) {
        guard fsync(descriptor) == 0 else { throw .io("fsync", path) }
    }

    /// Data on stable storage, and of the metadata what reading it needs: nothing where the write stayed in allocated bytes.
    public func dataSync() throws(LeibrixError) {
        guard fdatasync(descriptor) == 0 else { throw .io("fdatasync", path) }
    }

    /// Asks the kernel to begin writing these bytes to the disk, so that a later `sync` has less to wait for.
    public func beginWriteback(_ count: Int, at offset: Int) {
        _ = lbx_begin_writeback(descriptor, Int64(offset), Int64(count))
    }

    /// Takes the file's exclusive lock without waiting; false when another process holds it.
    public func tryLock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
}

extension LeibrixError {
    /// An error from `errno` of a file call.
    package static func io(_ call: String, _ path: String, _ number: Int32 = errno) -> LeibrixError {
        let reason = unsafe String(cString: strerror(number))
        let message = "could not \(call) \(path): \(reason)"
        if number == ENOSPC || number == EDQUOT {
            return LeibrixError(.diskFull, message, hint: "Free space on that file system, or move --data to a larger one.")
        }
        return LeibrixError(.io, message)
    }
}
