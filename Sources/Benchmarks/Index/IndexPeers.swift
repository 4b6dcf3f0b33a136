// What the index is measured beside: absl::btree_map, and one linear model with galloping over a sorted array, which is as
// fast as evenly spread keys can be found and cannot be inserted into.
internal import CBTree

/// Owns a B-tree of Abseil's.
@safe
struct BTree: ~Copyable {
    private let tree: OpaquePointer

    init() { unsafe tree = lbx_btree_new() }
    deinit { unsafe lbx_btree_free(tree) }

    func insert(_ key: UInt64, _ value: UInt64) -> Bool { unsafe lbx_btree_insert(tree, key, value) != 0 }

    func find(_ key: UInt64) -> UInt64? {
        var value: UInt64 = 0
        return unsafe lbx_btree_find(tree, key, &value) != 0 ? value : nil
    }

    func sum(from key: UInt64, limit: Int) -> UInt64 { unsafe lbx_btree_sum(tree, key, Int64(limit)) }

    func load(_ keys: [UInt64]) { unsafe keys.withUnsafeBufferPointer { unsafe lbx_btree_load(tree, $0.baseAddress, Int64($0.count)) } }
}

/// Sorted keys, their values, and one line through them.
struct SortedArray {
    private let keys: [UInt64]
    private let values: [UInt64]
    private let base: UInt64
    private let slope: Double

    init(_ keys: [UInt64]) {
        self.keys = keys
        values = keys
        base = keys.first ?? 0
        slope = keys.count > 1 ? Double(keys.count - 1) / Double(keys[keys.count - 1] - base) : 0
    }

    @inline(never) func find(_ key: UInt64) -> UInt64? {
        unsafe keys.withUnsafeBufferPointer { keys in
            let count = keys.count
            guard count > 0, key >= base else { return nil }
            let start = min(Int(Double(key - base) * slope), count - 1)
            var low = start
            var high = start + 1
            var step = 8
            if unsafe keys[start] < key {
                while unsafe high < count && keys[high] < key {
                    low = high
                    high += step
                    step *= 2
                }
                high = min(high + 1, count)
            } else {
                while unsafe low > 0 && keys[low] > key {
                    high = low + 1
                    low -= step
                    step *= 2
                }
                low = max(low, 0)
            }
            while low < high {
                let middle = (low + high) / 2
                if unsafe keys[middle] < key { low = middle + 1 } else { high = middle }
            }
            return unsafe low < count && keys[low] == key ? values[low] : nil
        }
    }
}
