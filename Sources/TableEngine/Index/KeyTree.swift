internal import LearnedIndex

/// The ordered map under an index.
enum KeyTree: Sendable {
    case words(LearnedIndex)
    case bytes(BytesIndex)

    var count: Int {
        switch self {
        case .words(let tree): tree.count
        case .bytes(let tree): tree.count
        }
    }

    /// Every byte held, free blocks included. O(1).
    var bytes: Int {
        switch self {
        case .words(let tree): tree.bytes
        case .bytes(let tree): tree.bytes
        }
    }

    var report: IndexReport {
        switch self {
        case .words(let tree): tree.report()
        case .bytes(let tree): tree.report()
        }
    }
}

extension TableIndex {
    /// The newest version with a whole key of a unique index.
    @inline(__always)
    func find(_ key: IndexKey) -> UInt64? {
        switch (tree, key) {
        case (.words(let tree), .word(let key)): tree.lookup(key)
        case (.bytes(let tree), .bytes(let key)): tree.lookup(key)
        default: nil
        }
    }
}
