// Writes a planned column into a row group's memory. Bytes between buffers are zero, so that equal data is equal bytes.
internal import Columnar

/// The start of `place` in the row group at `start`, with the padding after it zeroed.
@inline(__always)
private func opened(_ place: BufferRef, _ start: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    let target = unsafe start + place.offset
    let padding = place.end - place.offset - place.length
    if padding > 0 { unsafe (target + place.length).initializeMemory(as: UInt8.self, repeating: 0, count: padding) }
    return unsafe target
}

extension ColumnBuilder {
    /// Steps: validity, data by encoding, then children; every buffer that `plan` placed is written exactly once.
    func encode(_ node: ColumnNode, at start: UnsafeMutableRawPointer) {
        if let place = node.validity {
            unsafe opened(place, start).copyMemory(from: validity.base, byteCount: place.length)
        }
        switch node.encoding {
        case .plain, .constant:
            if form == .bytes {
                unsafe encodeOffsets(node.data, node.heap, start)
            } else if let place = node.data {
                unsafe opened(place, start).copyMemory(from: values.base, byteCount: place.length)
            }
        case .frame:
            if case .integer(let kind) = form, let place = node.data {
                unsafe kind.encodeFrame(
                    values.base, base: node.base, width: Int(node.width), to: opened(place, start), rows)
            }
        case .strings: unsafe encodeOffsets(node.data, node.heap, start)
        case .dictionary:
            if let place = node.data { unsafe encodeCodes(width: Int(node.width), to: opened(place, start)) }
            unsafe encodeOffsets(node.dictionaryOffsets, node.heap, start)
        case .list:
            if let place = node.data {
                let target = unsafe opened(place, start)
                unsafe target.storeBytes(of: 0, as: UInt32.self)
                unsafe (target + 4).copyMemory(from: values.base, byteCount: rows * 4)
            }
        case .structure, .array, .allNull: break
        }
        for (child, builder) in zip(node.children, children) { unsafe builder.encode(child, at: start) }
    }

    private func encodeOffsets(_ offsets: BufferRef?, _ heap: BufferRef?, _ start: UnsafeMutableRawPointer) {
        guard let offsets, let heap else { return }
        unsafe opened(offsets, start).copyMemory(from: strings.offsets.base, byteCount: offsets.length)
        unsafe opened(heap, start).copyMemory(from: strings.heap.base, byteCount: heap.length)
    }

    private func encodeCodes(width: Int, to target: UnsafeMutableRawPointer) {
        let codes = unsafe strings.codes.elements(UInt32.self)
        if nulls > 0 {
            for row in 0..<rows where unsafe codes[row] == StringStaging.nullCode { unsafe codes[row] = 0 }
        }
        switch width {
        case 1:
            let stored = unsafe target.assumingMemoryBound(to: UInt8.self)
            for row in 0..<rows { unsafe stored[row] = UInt8(truncatingIfNeeded: codes[row]) }
        case 2:
            let stored = unsafe target.assumingMemoryBound(to: UInt16.self)
            for row in 0..<rows { unsafe stored[row] = UInt16(truncatingIfNeeded: codes[row]) }
        default: unsafe target.copyMemory(from: codes, byteCount: rows * 4)
        }
    }
}
