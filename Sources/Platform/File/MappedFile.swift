public import Base
internal import CLinux
internal import Glibc

/// A whole file mapped read-only. The mapping goes when the object does.
@safe
public final class MappedFile: @unchecked Sendable {
    public let path: String
    public let count: Int
    private let base: UnsafeMutableRawPointer?

    public init(_ path: String) throws(LeibrixError) {
        let file = try File(path, .read)
        let size = try file.size()
        self.path = path
        self.count = size
        guard size > 0 else {
            unsafe base = nil
            return
        }
        let mapped = unsafe mmap(nil, size, PROT_READ, MAP_SHARED, file.descriptor, 0)
        guard unsafe mapped != MAP_FAILED else { throw .io("map", path) }
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

    /// Tells the kernel that the pages will be read soon.
    public func willNeed() {
        if let base = unsafe base { _ = unsafe madvise(base, count, MADV_WILLNEED) }
    }
}
