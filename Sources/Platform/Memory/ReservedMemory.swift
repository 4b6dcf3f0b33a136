public import Base
internal import CLinux
internal import Glibc

/// Addresses set aside, whose pages cost memory from their first use on: arrays that grow in place and never move.
///
/// All zero at first. Given back when the object goes.
@safe
public final class ReservedMemory: @unchecked Sendable {
    public let count: Int
    @unsafe public let base: UnsafeMutableRawPointer

    /// Throws `memoryBudget` when the address space has no such gap.
    public init(bytes: Int) throws(LeibrixError) {
        precondition(bytes > 0)
        count = (bytes + Self.pageBytes - 1) & ~(Self.pageBytes - 1)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let mapped = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw LeibrixError(
                .memoryBudget, "no address space for \(count) bytes: \(unsafe String(cString: strerror(errno)))",
                hint: "Raise the process's address-space limit (ulimit -v).")
        }
        unsafe base = mapped
    }

    deinit { _ = unsafe munmap(base, count) }

    public static let pageBytes = 4_096

    /// Gives the pages wholly inside the range back; they read as zero from now on.
    public func discard(offset: Int, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= self.count)
        let first = (offset + Self.pageBytes - 1) & ~(Self.pageBytes - 1)
        let end = (offset + count) & ~(Self.pageBytes - 1)
        if end > first { _ = unsafe madvise(base + first, end - first, MADV_DONTNEED) }
    }
}
