internal import Columnar

extension ColumnBuilder {
    /// The staged values as a batch's column; `memory` holds what has to be made for it.
    func view(_ memory: ViewMemory) -> Column {
        var data: UnsafeRawPointer?
        switch form {
        case .integer, .real, .double, .interval: unsafe data = unsafe UnsafeRawPointer(values.base)
        case .bytes: unsafe data = unsafe stringEntries(memory)
        case .list: unsafe data = unsafe listEntries(memory)
        case .structure, .array, .null: break
        }
        return unsafe Column(
            type: type, count: rows, validity: viewValidity(memory), data: data, children: children.map { $0.view(memory) })
    }

    private func viewValidity(_ memory: ViewMemory) -> UnsafePointer<UInt64>? {
        if form == .null {
            let words = unsafe memory.allocate(validityWords(rows) * 8)
            unsafe words.initializeMemory(as: UInt8.self, repeating: 0, count: validityWords(rows) * 8)
            return unsafe UnsafePointer(words.assumingMemoryBound(to: UInt64.self))
        }
        return unsafe hasValidity ? UnsafePointer(validity.words()) : nil
    }

    private func stringEntries(_ memory: ViewMemory) -> UnsafeRawPointer {
        let entries = unsafe memory.allocate(rows * 16)
        let offsets = unsafe strings.offsets.elements(UInt32.self)
        let heap = unsafe UnsafeRawPointer(strings.heap.base)
        for row in 0..<rows {
            var index = row
            if strings.isDictionary {
                let code = unsafe strings.codes.elements(UInt32.self)[row]
                guard code != StringStaging.nullCode else {
                    unsafe storeStringEntry(entries + row * 16, heap, length: 0)
                    continue
                }
                index = Int(code)
            }
            let start = unsafe offsets[index]
            unsafe storeStringEntry(entries + row * 16, heap + Int(start), length: offsets[index + 1] - start)
        }
        return UnsafeRawPointer(entries)
    }

    private func listEntries(_ memory: ViewMemory) -> UnsafeRawPointer {
        let entries = unsafe memory.allocate(rows * 16)
        let ends = unsafe values.elements(UInt32.self)
        var start: UInt32 = 0
        for row in 0..<rows {
            let end = unsafe ends[row]
            unsafe entries.storeBytes(of: UInt64(start), toByteOffset: row * 16, as: UInt64.self)
            unsafe entries.storeBytes(of: UInt64(end - start), toByteOffset: row * 16 + 8, as: UInt64.self)
            start = end
        }
        return UnsafeRawPointer(entries)
    }
}
