internal import Columnar

extension ColumnBuilder {
    func planStrings(_ node: inout ColumnNode, _ context: inout PlanContext, isRoot: Bool) {
        if strings.isDictionary, !isDictionaryWorthwhile { strings.expand(rows: rows) }
        measureStrings(&node, isRoot: isRoot)
        if !strings.isDictionary {
            node.encoding = .strings
            node.data = context.cursor.place((rows + 1) * 4)
            node.heap = context.cursor.place(strings.heapBytes)
        } else if strings.count == 1, nulls == 0 {
            node.encoding = .constant
            node.data = context.cursor.place(2 * 4)
            node.heap = context.cursor.place(strings.heapBytes)
        } else {
            node.encoding = .dictionary
            node.width = UInt8(codeWidth)
            node.dictionaryCount = UInt32(strings.count)
            node.data = context.cursor.place(rows * codeWidth)
            node.dictionaryOffsets = context.cursor.place((strings.count + 1) * 4)
            node.heap = context.cursor.place(strings.heapBytes)
        }
    }

    private var codeWidth: Int { strings.count <= 256 ? 1 : strings.count <= 65_536 ? 2 : 4 }

    /// A dictionary must save a quarter: below that, strings in a row are the quicker ones to scan.
    private var isDictionaryWorthwhile: Bool {
        let dictionary = rows * codeWidth + (strings.count + 1) * 4 + strings.heapBytes
        let inRow = (rows + 1) * 4 + strings.rowBytes
        return dictionary * 4 <= inRow * 3
    }

    /// Bounds, and distinct values when they are wanted: over the dictionary's entries where there is one.
    private func measureStrings(_ node: inout ColumnNode, isRoot: Bool) {
        let isExact = strings.isDictionary
        let count = strings.count
        let offsets = unsafe strings.offsets.elements(UInt32.self)
        let heap = unsafe UnsafeRawPointer(strings.heap.base)
        let skipsNulls = !isExact && nulls > 0
        var least: StringKey?
        var greatest: StringKey?
        var longest: UInt32 = 0
        unsafe sketch.withRegisters { registers in
            for index in 0..<count {
                let start = unsafe offsets[index]
                let length = unsafe offsets[index &+ 1] &- start
                let bytes = unsafe heap + Int(start)
                longest = Swift.max(longest, length)
                if skipsNulls, isNull(index) { continue }
                let key = unsafe StringKey(bytes.assumingMemoryBound(to: UInt8.self), length: length)
                if least == nil || key < least! { least = key }
                if greatest == nil || greatest! < key { greatest = key }
                if isRoot { unsafe sketchInsert(registers, hashString(bytes, length: length)) }
            }
        }
        node.statistics.lengthMax = longest
        if isExact, isRoot { node.statistics.distinct = UInt64(count) }
        if type.isText, let least, let greatest, let bound = greatest.upperBound {
            node.statistics.min = .string(least.lowerBound)
            node.statistics.max = .string(bound)
        }
    }
}
