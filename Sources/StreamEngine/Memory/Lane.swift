// The engine's one way to raw memory. A lane is an address of typed values that an arena, a table or a batch owns; what
// uses a lane keeps its owner alive. Lanes are trivial: passing one costs no reference count.

@safe
struct Lane<Element: BitwiseCopyable>: BitwiseCopyable, @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>

    @inline(__always)
    init(_ base: UnsafeMutablePointer<Element>) { unsafe self.base = unsafe base }

    /// A lane that nothing may be read from: the flag beside it says so.
    @inline(__always)
    static var absent: Lane<Element> { unsafe Lane(UnsafeMutablePointer(bitPattern: 16)!) }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        get { unsafe base[index] }
        nonmutating set { unsafe base[index] = newValue }
    }

    @inline(__always)
    func advanced(by count: Int) -> Lane<Element> { unsafe Lane(base + count) }

    @inline(__always)
    func copy(from other: Lane<Element>, count: Int) { unsafe base.update(from: other.base, count: count) }

    @inline(__always)
    func fill(_ value: Element, count: Int) { unsafe base.update(repeating: value, count: count) }

    @inline(__always)
    var bytes: Memory { unsafe Memory(UnsafeMutableRawPointer(base)) }
}

/// An untyped address: records of state tables, and columns before their kind is known.
@safe
struct Memory: BitwiseCopyable, @unchecked Sendable {
    let base: UnsafeMutableRawPointer

    @inline(__always)
    init(_ base: UnsafeMutableRawPointer) { unsafe self.base = unsafe base }

    @inline(__always)
    static var absent: Memory { unsafe Memory(UnsafeMutableRawPointer(bitPattern: 16)!) }

    @inline(__always)
    init(address: UInt) { unsafe self.base = UnsafeMutableRawPointer(bitPattern: address)! }

    @inline(__always)
    var address: UInt { unsafe UInt(bitPattern: base) }

    @inline(__always)
    func lane<T: BitwiseCopyable>(_: T.Type) -> Lane<T> { unsafe Lane(base.assumingMemoryBound(to: T.self)) }

    @inline(__always)
    func advanced(by count: Int) -> Memory { unsafe Memory(base + count) }

    @inline(__always)
    func load<T: BitwiseCopyable>(_ offset: Int, as _: T.Type) -> T { unsafe base.load(fromByteOffset: offset, as: T.self) }

    @inline(__always)
    func store<T: BitwiseCopyable>(_ value: T, at offset: Int) {
        unsafe base.storeBytes(of: value, toByteOffset: offset, as: T.self)
    }

    @inline(__always)
    func copy(from other: Memory, count: Int) { unsafe base.copyMemory(from: other.base, byteCount: count) }

    @inline(__always)
    func move(from other: Memory, count: Int) { unsafe base.copyMemory(from: other.base, byteCount: count) }

    @inline(__always)
    func zero(count: Int) { _ = unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: count) }
}
