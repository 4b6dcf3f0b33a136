// What committers, the writer and the allocator share, behind one lock that is held for copies of bytes and never for I/O.
internal import Base

struct LogState {
    typealias Body = @Sendable (LeibrixError?) -> Void

    struct Waiter {
        let position: LSN
        let body: Body
    }

    struct AdmissionWaiter {
        let bytes: Int
        let body: Body
    }

    /// Appended and not yet taken by the writer.
    var pending = AppendBuffer()
    /// Somebody is about to wait for a record of `pending`.
    var isHurried = false
    /// Where the next record begins.
    var end: LSN
    /// The first position without an allocated file.
    var allocatedEnd: LSN
    /// Positions promised to admissions that have not appended.
    var reserved: UInt64 = 0
    /// Bytes admitted or appended and not yet on the disk.
    var buffered = 0
    var waiters: [Waiter] = []
    var admissions: [AdmissionWaiter] = []
    /// Not nil: the disk failed, nothing is appended any more.
    var failure: LeibrixError?
    var isClosed = false
    /// The writer has ended: nothing becomes durable any more.
    var isOver = false
    /// No file could be allocated, or a write found the disk full, and none succeeded since.
    var isFull = false
    /// A write found the disk full under allocated bytes: the group waits, nothing more is admitted.
    var isStalled = false
    var holds: [UInt64: LSN] = [:]
    var nextHold: UInt64 = 0
    /// The oldest segment that is there.
    var firstSegment: UInt64
    var counts = Counts()

    struct Counts {
        var records = 0
        var bytes = 0
        var groups = 0
    }

    /// Takes a reservation when there is room on disk and in memory.
    mutating func reserve(_ bytes: Int, geometry: Geometry, bufferedMax: Int) -> Bool {
        let space = geometry.spaceMax(bytes)
        guard end.rawValue + reserved + space <= allocatedEnd.rawValue, hasMemory(bytes, bufferedMax) else { return false }
        reserved += space
        buffered += bytes
        return true
    }

    func hasMemory(_ bytes: Int, _ bufferedMax: Int) -> Bool { buffered == 0 || buffered + bytes <= bufferedMax }

    mutating func release(_ bytes: Int, geometry: Geometry) {
        reserved -= geometry.spaceMax(bytes)
        buffered -= bytes
    }

    /// Admissions at the head of the queue that fit now, in order.
    mutating func takeAdmissible(geometry: Geometry, bufferedMax: Int) -> [Body] {
        var ripe = 0
        while ripe < admissions.count, reserve(admissions[ripe].bytes, geometry: geometry, bufferedMax: bufferedMax) { ripe += 1 }
        guard ripe > 0 else { return [] }
        defer { admissions.removeFirst(ripe) }
        return admissions[..<ripe].map(\.body)
    }

    mutating func takeWaiters(upTo durable: LSN) -> [Body] {
        guard !waiters.isEmpty else { return [] }
        let ripe = waiters.filter { $0.position <= durable }.map(\.body)
        if ripe.count == waiters.count { waiters.removeAll(keepingCapacity: true) } else { waiters.removeAll { $0.position <= durable } }
        return ripe
    }

    /// Everybody who waits, when nothing is to be waited for any more.
    mutating func takeEverybody() -> [Body] {
        defer {
            waiters = []
            admissions = []
        }
        return waiters.map(\.body) + admissions.map(\.body)
    }
}
