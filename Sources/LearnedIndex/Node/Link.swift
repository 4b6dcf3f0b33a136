// A link to a node, in one word, so that the node and how to search it change together:
//
//   bits  0..4   a leaf's model shift; 31: it has no model
//   bit   5      1: an inner node
//   bits  6..47  the block's address, 64-byte aligned
//   bits 48..63  a leaf's slots
//
// A parent's entry for a child is four words: separator (the least key that may be under the child), link, and the model
// of a leaf, base and multiplier. A reader may see a link with the model of its predecessor: a model only says where to
// start looking.

struct Link: Equatable {
    let bits: UInt64

    static let noModel = 31
    private static let addressMask: UInt64 = 0x0000_FFFF_FFFF_FFC0

    @inline(__always) init(bits: UInt64) { self.bits = bits }
    @inline(__always) init(inner: Block) { bits = inner.bits | 32 }
    @inline(__always) init(leaf: Block, slots: Int, shift: Int) { bits = leaf.bits | UInt64(shift) | UInt64(slots) << 48 }

    @inline(__always) var isInner: Bool { bits & 32 != 0 }
    @inline(__always) var block: Block { Block(bits: bits & Self.addressMask) }
    @inline(__always) var slots: Int { Int(truncatingIfNeeded: bits >> 48) }
    @inline(__always) var shift: UInt64 { bits & 31 }
    @inline(__always) var hasModel: Bool { shift != UInt64(Self.noModel) }
    @inline(__always) var leaf: Leaf { Leaf(block: block, slots: slots) }
    @inline(__always) var inner: Inner { Inner(block: block) }
}

/// A line from keys to slots: `(key - base) * multiplier * 2^(shift - 64)`, zero below the base. Exact in integers, and so
/// never falling: the model's order is the keys' order.
struct Model: Equatable {
    var base: UInt64
    var multiplier: UInt64
    var shift: UInt64

    static let none = Model(base: 0, multiplier: 0, shift: UInt64(Link.noModel))

    @inline(__always) func position(_ key: UInt64) -> UInt64 {
        let distance = key > base ? key &- base : 0
        return (distance << (shift & 31)).multipliedFullWidth(by: multiplier).high
    }

    /// The position inside `count` places.
    @inline(__always) func place(_ key: UInt64, of count: Int) -> Int { Int(truncatingIfNeeded: min(position(key), UInt64(truncatingIfNeeded: count &- 1))) }

    /// The line that puts `first` at place `low` and `last` at `high`.
    init(from first: UInt64, at low: Double, to last: UInt64, at high: Double) {
        guard last > first, high > low else {
            self.init(base: first, multiplier: 0, shift: 0)
            return
        }
        let slope = (high - low) / Double(last - first)
        var shift: UInt64 = 0
        var scaled = slope
        while scaled >= 1, shift < 30 {
            scaled /= 2
            shift += 1
        }
        let back = low / slope
        let base = back >= Double(first) ? 0 : first - UInt64(back)
        self.init(base: base, multiplier: UInt64(min(scaled, 0.999_999_999_999) * 18_446_744_073_709_551_616.0), shift: shift)
    }

    init(base: UInt64, multiplier: UInt64, shift: UInt64) {
        self.base = base
        self.multiplier = multiplier
        self.shift = shift
    }
}

/// A child as its parent knows it.
struct Entry {
    var separator: UInt64
    var link: Link
    var base: UInt64
    var multiplier: UInt64

    static let words = 4

    @inline(__always) init(separator: UInt64, link: Link, base: UInt64, multiplier: UInt64) {
        self.separator = separator
        self.link = link
        self.base = base
        self.multiplier = multiplier
    }

    init(separator: UInt64, leaf: Leaf) {
        let model = leaf.model
        self.init(
            separator: separator, link: Link(leaf: leaf.block, slots: leaf.slots, shift: Int(model.shift)), base: model.base,
            multiplier: model.multiplier)
    }

    init(separator: UInt64, inner: Inner) { self.init(separator: separator, link: Link(inner: inner.block), base: 0, multiplier: 0) }

    /// Reads the words at `word`. The link is read first and with acquire, so that what it points to is seen whole.
    @inline(__always) init(_ block: Block, at word: Int) {
        let link = Link(bits: block.acquire(word &+ 1))
        self.init(separator: block[word], link: link, base: block[word &+ 2], multiplier: block[word &+ 3])
    }

    @inline(__always) func store(_ block: Block, at word: Int) {
        block[word] = separator
        block[word &+ 2] = base
        block[word &+ 3] = multiplier
        block.release(word &+ 1, link.bits)
    }

    @inline(__always) var model: Model { Model(base: base, multiplier: multiplier, shift: link.shift) }

    /// Where in the leaf to start looking for a key.
    @inline(__always) func hint(_ key: UInt64) -> Int { model.place(key, of: link.slots) }
}
