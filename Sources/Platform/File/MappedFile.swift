public import Base
internal import CLinux
internal import Glibc

/// A whole file mapped read-only. The mapping goes when the object does.
@safe
public final class MappedFile: @unchecked Sendable {
    public let path: String
    public let count: Int
    private let isFile: Bool
    private let base: UnsafeMutableRawPointer?

    public init(_ path: String) throws(LeibrixError) {
        let file = try File(path, .read)
        let size = try file.size()
        self.path = path
        self.count = size
        isFile = true
        guard size > 0 else {
            unsafe base = nil
            return
        }
        let mapped = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, file.descriptor, 0)
        guard unsafe mapped != MAP_FAILED else { throw .io("map", path) }
        unsafe base = mapped
    }

    /// Bytes in memory as if they were a file's: for disks that are none.
    public init(copying content: [UInt8], path: String) throws(LeibrixError) {
        self.path = path
        count = content.count
        isFile = false
        guard count > 0 else {
            unsafe base = nil
            return
        }
        let mapped = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { throw .io("map", path) }
        unsafe content.withUnsafeBytes { unsafe mapped.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        unsafe base = mapped
    }

    deinit { if let base = unsafe base { _ = unsafe munmap(base, count) } }

    public var bytes: RawSpan {
        @_lifetime(borrow self) get {
            let span = unsafe RawSpan(_unsafeStart: base ?? UnsafeMutableRawPointer(bitPattern: 16)!, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The first byte; valid as long as the object. For layouts that hand addresses to DuckDB.
    @unsafe public var start: UnsafeRawPointer? { unsafe UnsafeRawPointer(base) }

    /// Maps in whole pages around these bytes, reading them from the disk where they are not in memory. A page that cannot be
    /// read is an error here instead of a signal at its first use. O(bytes); much cheaper than a fault a page.
    public func populate(offset: Int, count: Int) throws(LeibrixError) {
        guard let base = unsafe base, count > 0 else { return }
        precondition(offset >= 0 && offset <= self.count && count <= self.count - offset)
        let first = offset & ~4095
        let length = offset + count - first
        guard unsafe madvise(base + first, length, Self.populateRead) != 0 else { return }
        // Kernels before 5.14 do not know the advice: their pages come by faults.
        guard errno == EINVAL else { throw .io("read", path, errno == EFAULT ? EIO : errno) }
    }

    /// MADV_POPULATE_READ, which glibc's headers have from 2.35 on.
    private static let populateRead: Int32 = 22

    /// Takes the pages out of this process's memory: the next look brings them back, from the disk where the machine's cache has let
    /// go of them. Does nothing to bytes that were copied, which nothing could bring back.
    public func release() {
        if isFile, let base = unsafe base { _ = unsafe madvise(base, count, MADV_DONTNEED) }
    }

    /// Bytes of pages that are in the machine's memory. O(pages).
    public var residentBytes: Int {
        guard let base = unsafe base, count > 0 else { return 0 }
        var pages = [UInt8](repeating: 0, count: (count + 4_095) / 4_096)
        let failed = unsafe pages.withUnsafeMutableBufferPointer { unsafe mincore(base, count, $0.baseAddress) }
        return failed == 0 ? pages.reduce(0) { $0 + Int($1 & 1) } * 4_096 : 0
    }

    /// Tells the kernel that the pages will be read soon.
    public func willNeed() {
        if let base = unsafe base { _ = unsafe madvise(base, count, MADV_WILLNEED) }
    }
}
