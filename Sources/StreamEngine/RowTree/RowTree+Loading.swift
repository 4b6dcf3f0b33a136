internal import Base

/// Reads trees that `RowTree.save` wrote.
final class TreeLoader {
    private let tree: RowTree
    private let loader: RowLoader

    init(_ tree: RowTree) {
        self.tree = tree
        loader = RowLoader(tree.store.kinds)
    }

    /// The root of the tree read; its rows are passed over where they are another core's.
    func read(_ reader: inout StateReader, keeps: Bool = true) throws(LeibrixError) -> UInt {
        var root: UInt = 0
        for _ in 0..<(try reader.integer()) {
            _ = try reader.word()
            _ = try reader.word()
            let copies = Int64(Int32(truncatingIfNeeded: try reader.word()))
            try loader.read(&reader)
            if keeps && copies > 0 { root = tree.change(root, loader.chunk.columns, 0, copies) }
        }
        return root
    }
}
