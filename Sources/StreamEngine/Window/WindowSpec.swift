/// How event time is cut, in the units of the event-time column (microseconds, or what a BIGINT column counts).
///
/// Windows are half-open and aligned to 1970-01-01 plus the offset. A window's end tells which window it is.
struct WindowSpec: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case tumble, hop, cumulate, session }

    var kind: Kind
    var size: Int64
    /// hop: distance of starts; cumulate: distance of ends; tumble: the size.
    var step: Int64
    var offset: Int64

    static func tumble(_ size: Int64, offset: Int64 = 0) -> WindowSpec {
        WindowSpec(kind: .tumble, size: size, step: size, offset: offset)
    }
    static func hop(_ size: Int64, step: Int64, offset: Int64 = 0) -> WindowSpec {
        WindowSpec(kind: .hop, size: size, step: step, offset: offset)
    }
    static func cumulate(_ size: Int64, step: Int64, offset: Int64 = 0) -> WindowSpec {
        WindowSpec(kind: .cumulate, size: size, step: step, offset: offset)
    }
    static func session(gap: Int64) -> WindowSpec { WindowSpec(kind: .session, size: gap, step: gap, offset: 0) }

    /// Most windows one row belongs to.
    var windowsPerRow: Int { Int((size + step - 1) / step) }

    /// The latest end of a window that `time` belongs to.
    @inline(__always)
    func lastEnd(_ time: Int64) -> Int64 {
        switch kind {
        case .tumble, .cumulate: floorDivide(time &- offset, size) &* size &+ offset &+ size
        default: floorDivide(time &- offset, step) &* step &+ offset &+ size
        }
    }

    /// The end of the window `index` steps before the latest; nil when `time` does not belong to it.
    @inline(__always)
    func end(_ time: Int64, _ index: Int) -> Int64? {
        let end = lastEnd(time) &- Int64(index) &* step
        return end > time ? end : nil
    }

    /// The start of the window that ends there.
    @inline(__always)
    func start(end: Int64) -> Int64 {
        kind == .cumulate ? floorDivide(end &- 1 &- offset, size) &* size &+ offset : end &- size
    }
}
