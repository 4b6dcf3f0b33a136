// Rows in an order, each as often as it is there: what MIN, MAX, quantiles and first rows need where rows may be taken back.
//
// Treaps (Seidel and Aragon 1996) in one store: binary search trees by the order that are heaps by a number that is as good
// as random, so that their depth is logarithmic whatever comes. Whoever owns a tree keeps its root's address; zero is
// the empty tree. A node is a record of the store, whose four words mean:
//
//     0 left   8 right   16 rows in the tree below and here   24 how often the row is there (low half) | its heap number (high)
//
// Columns are compared in the order of `Order`; rows that are equal there are one node.

final class RowTree {
    struct Order: BitwiseCopyable, Sendable {
        var column: Int32
        var isDescending: Bool
        var nullsFirst: Bool

        init(_ column: Int, isDescending: Bool = false, nullsFirst: Bool = false) {
            self.column = Int32(column)
            self.isDescending = isDescending
            self.nullsFirst = nullsFirst
        }
    }

    let store: RowStore
    private let order: Lane<Order>
    private let orderCount: Int
    private var number: UInt64 = 0x2545_F491_4F6C_DD1D
    /// Rows that were taken back and were not there.
    private(set) var missing = 0
    private let arena = Arena()

    /// `order` names every column that tells rows apart.
    init(_ kinds: [LaneKind], order: [Order]) {
        store = RowStore(kinds)
        orderCount = order.count
        self.order = arena.lane(Order.self, count: order.count)
        for (index, part) in order.enumerated() { self.order[index] = part }
    }

    /// Rows with the same values everywhere are one; the columns in the order given, ascending.
    convenience init(_ kinds: [LaneKind]) { self.init(kinds, order: kinds.indices.map { Order($0) }) }

    /// Different rows held, over all trees.
    var count: Int { store.count }

    /// Adds a row (`weight` +1) or takes it back (-1); returns the new root. O(log n).
    func change(_ root: UInt, _ columns: Lane<Vector>, _ row: Int, _ weight: Int64) -> UInt {
        if root == 0 {
            if weight < 0 {
                missing += 1
                return 0
            }
            return make(columns, row, weight).address
        }
        let node = Memory(address: root)
        let side = compare(columns, row, node)
        if side == 0 {
            node.copies += weight
            if node.copies <= 0 {
                let rest = join(node.left, node.right)
                store.remove(node)
                return rest
            }
        } else if side < 0 {
            node.left = change(node.left, columns, row, weight)
            if node.left != 0, Memory(address: node.left).heapNumber > node.heapNumber { return rotateRight(node) }
        } else {
            node.right = change(node.right, columns, row, weight)
            if node.right != 0, Memory(address: node.right).heapNumber > node.heapNumber { return rotateLeft(node) }
        }
        count(node)
        return root
    }

    private func make(_ columns: Lane<Vector>, _ row: Int, _ weight: Int64) -> Memory {
        number ^= number << 13
        number ^= number >> 7
        number ^= number << 17
        let node = store.add(Chunk(count: 1, columns: columns), row, time: 0, serial: Int64(bitPattern: number & 0x7FFF_FFFF_0000_0000))
        node.copies = weight
        node.rows = weight
        return node
    }

    @inline(__always)
    private func count(_ node: Memory) { node.rows = node.copies + rows(node.left) + rows(node.right) }

    /// Rows in a tree, copies counted.
    @inline(__always)
    func rows(_ root: UInt) -> Int64 { root == 0 ? 0 : Memory(address: root).rows }

    private func rotateRight(_ node: Memory) -> UInt {
        let top = Memory(address: node.left)
        node.left = top.right
        top.right = node.address
        count(node)
        count(top)
        return top.address
    }

    private func rotateLeft(_ node: Memory) -> UInt {
        let top = Memory(address: node.right)
        node.right = top.left
        top.left = node.address
        count(node)
        count(top)
        return top.address
    }

    /// Two trees as one, all rows of the first before those of the second.
    private func join(_ first: UInt, _ second: UInt) -> UInt {
        if first == 0 { return second }
        if second == 0 { return first }
        let (a, b) = (Memory(address: first), Memory(address: second))
        if a.heapNumber > b.heapNumber {
            a.right = join(a.right, second)
            count(a)
            return first
        }
        b.left = join(first, b.left)
        count(b)
        return second
    }

    /// Gives back a tree's rows.
    func remove(_ root: UInt) {
        if root == 0 { return }
        let node = Memory(address: root)
        remove(node.left)
        remove(node.right)
        store.remove(node)
    }

    // MARK: looking

    /// How many rows stand before this one, and how often it is there itself. O(log n).
    func place(_ root: UInt, _ columns: Lane<Vector>, _ row: Int) -> (before: Int64, copies: Int64) {
        var link = root
        var before: Int64 = 0
        while link != 0 {
            let node = Memory(address: link)
            let side = compare(columns, row, node)
            if side < 0 {
                link = node.left
                continue
            }
            before += rows(node.left)
            if side == 0 { return (before, node.copies) }
            before += node.copies
            link = node.right
        }
        return (before, 0)
    }

    /// The node of a row; nil when it is not there. O(log n).
    func find(_ root: UInt, _ columns: Lane<Vector>, _ row: Int) -> Memory? {
        var link = root
        while link != 0 {
            let node = Memory(address: link)
            let side = compare(columns, row, node)
            if side == 0 { return node }
            link = side < 0 ? node.left : node.right
        }
        return nil
    }

    /// The row with `index` others before it; nil behind the last. O(log n).
    func row(_ root: UInt, at index: Int64) -> Memory? {
        RowTree.row(root, at: index)
    }

    @inline(__always)
    static func row(_ root: UInt, at index: Int64) -> Memory? {
        var link = root
        var left = index
        while link != 0 {
            let node = Memory(address: link)
            let below = node.left == 0 ? 0 : Memory(address: node.left).rows
            if left < below {
                link = node.left
            } else if left < below + node.copies {
                return node
            } else {
                left -= below + node.copies
                link = node.right
            }
        }
        return nil
    }

    /// Each node in order.
    func each(_ root: UInt, _ body: (Memory) -> Void) {
        if root == 0 { return }
        let node = Memory(address: root)
        each(node.left, body)
        body(node)
        each(node.right, body)
    }

    /// Negative where a row of vectors stands before a node's.
    func compare(_ columns: Lane<Vector>, _ row: Int, _ node: Memory) -> Int {
        var index = 0
        while index < orderCount {
            let part = order[index]
            let side = compareColumn(columns[Int(part.column)], row, node, part)
            if side != 0 { return side }
            index += 1
        }
        return 0
    }

    private func compareColumn(_ vector: Vector, _ row: Int, _ node: Memory, _ part: Order) -> Int {
        let column = Int(part.column)
        let (isNull, isOtherNull) = (vector.isNull(row), store.isNull(node, column))
        if isNull || isOtherNull { return isNull == isOtherNull ? 0 : isNull == part.nullsFirst ? -1 : 1 }
        let offset = Int(store.offsets[column])
        let side: Int
        switch store.kindLane[column] {
        case .bool: side = Int(vector.bools[row]) - Int(node.load(offset, as: Int64.self))
        case .int:
            let other = node.load(offset, as: Int64.self)
            side = vector.ints[row] < other ? -1 : vector.ints[row] > other ? 1 : 0
        case .double:
            let other = node.load(offset, as: Double.self)
            side = isLess(vector.doubles[row], other) ? -1 : isLess(other, vector.doubles[row]) ? 1 : 0
        case .huge:
            let other = node.loadHuge(offset)
            side = vector.huges[row] < other ? -1 : vector.huges[row] > other ? 1 : 0
        case .text: side = TextRef.compare(vector.texts[row], node.load(offset, as: TextRef.self))
        }
        return part.isDescending ? -side : side
    }

    // MARK: surviving

    func save(_ root: UInt, _ writer: inout StateWriter) {
        var nodes = 0
        each(root) { _ in nodes += 1 }
        writer.add(nodes)
        each(root) { store.save($0, &writer) }
    }
}

extension Memory {
    // The words of a tree's node.
    @inline(__always)
    var left: UInt {
        get { load(0, as: UInt.self) }
        nonmutating set { store(newValue, at: 0) }
    }
    @inline(__always)
    var right: UInt {
        get { load(8, as: UInt.self) }
        nonmutating set { store(newValue, at: 8) }
    }
    @inline(__always)
    var rows: Int64 {
        get { load(16, as: Int64.self) }
        nonmutating set { store(newValue, at: 16) }
    }
    @inline(__always)
    var copies: Int64 {
        get { Int64(load(24, as: Int32.self)) }
        nonmutating set { store(Int32(truncatingIfNeeded: newValue), at: 24) }
    }
    @inline(__always)
    var heapNumber: UInt32 { load(28, as: UInt32.self) }
}
