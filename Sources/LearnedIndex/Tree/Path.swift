/// The way from the root to a leaf: the writer's, where it changes more than the leaf.
struct Path {
    struct Step {
        let node: Inner
        let index: Int
    }

    var steps: [Step] = []
    var leaf: Entry

    init(_ tree: LearnedTree, to key: UInt64) {
        var entry = tree.root
        steps.reserveCapacity(Limits.depthMax)
        while entry.link.isInner {
            let node = entry.link.inner
            let index = node.child(for: key)
            steps.append(Step(node: node, index: index))
            entry = node.entry(index)
        }
        leaf = entry
    }
}
