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

    /// Tells the kernel that the pages will be read soon.
    public func willNeed() {
        if let base = unsafe base { _ = unsafe madvise(base, count, MADV_WILLNEED) }
    }
}
