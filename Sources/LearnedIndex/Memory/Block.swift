// A piece of raw memory seen as 64-bit words that one writer changes while readers look: every access is atomic. The
// address is private to this type; what is safe about it is that nodes live until no reader can hold them (EpochDomain).
internal import CLinux

@safe struct Block: Equatable, @unchecked Sendable {
    private let address: UnsafeMutableRawPointer

    @inline(__always) init(_ address: UnsafeMutableRawPointer) { unsafe self.address = unsafe address }

    /// A block by the address that `bits` gave; zero is not one.
    @inline(__always) init(bits: UInt64) { unsafe address = UnsafeMutableRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped }

    @inline(__always) var bits: UInt64 { unsafe UInt64(UInt(bitPattern: address)) }

    /// The word at an index, read and written without ordering.
    @inline(__always) subscript(_ word: Int) -> UInt64 {
        get { unsafe lbx_word_load(address + word &* 8) }
        nonmutating set { unsafe lbx_word_store(address + word &* 8, newValue) }
    }

    @inline(__always) func acquire(_ word: Int) -> UInt64 { unsafe lbx_word_load_acquire(address + word &* 8) }
    @inline(__always) func loadOrdered(_ word: Int) -> UInt64 { unsafe lbx_word_load_ordered(address + word &* 8) }
    @inline(__always) func release(_ word: Int, _ value: UInt64) { unsafe lbx_word_store_release(address + word &* 8, value) }
    @inline(__always) func add(_ word: Int, _ value: UInt64) { unsafe _ = lbx_word_add(address + word &* 8, value) }

    @inline(__always) func replace(_ word: Int, _ expected: UInt64, with value: UInt64) -> Bool {
        unsafe lbx_word_replace(address + word &* 8, expected, value) != 0
    }

    /// Two words, the first at a multiple of 16 bytes, as one.
    @inline(__always) func pair(_ word: Int) -> (UInt64, UInt64) {
        let pair = unsafe lbx_pair_load(address + word &* 8)
        return (pair.first, pair.second)
    }
    @inline(__always) func setPair(_ word: Int, _ first: UInt64, _ second: UInt64) { unsafe lbx_pair_store(address + word &* 8, first, second) }

    @inline(__always) func prefetch(_ word: Int) { unsafe lbx_prefetch(address + word &* 8) }

    /// A 16-bit number inside the block, for tables that never change once their block is published.
    @inline(__always) func half(_ index: Int) -> Int { unsafe Int((address + index &* 2).load(as: UInt16.self)) }
    @inline(__always) func setHalf(_ index: Int, _ value: Int) { unsafe (address + index &* 2).storeBytes(of: UInt16(value), as: UInt16.self) }

    /// A byte inside the block that never changes once it is published.
    @inline(__always) func byte(_ offset: Int) -> UInt8 { unsafe (address + offset).load(as: UInt8.self) }

    /// Copies the bytes of `source` from an index on, and zeros up to the next whole word.
    func setBytes(_ source: Span<UInt8>, from start: Int, at offset: Int) {
        for index in start..<max(source.count, start) { unsafe (address + offset + index - start).storeBytes(of: source[index], as: UInt8.self) }
        for index in source.count - start..<(source.count - start + 7) & ~7 { unsafe (address + offset + index).storeBytes(of: 0, as: UInt8.self) }
    }

    static func allocateSmall(bytes: Int) -> Block { unsafe Block(UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)) }
    static func allocate(bytes: Int) -> Block { unsafe Block(UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)) }
    func releaseHuge() { unsafe lbx_huge_release(address) }
    func deallocate() { unsafe address.deallocate() }

    static func == (left: Block, right: Block) -> Bool { left.bits == right.bits }
}
