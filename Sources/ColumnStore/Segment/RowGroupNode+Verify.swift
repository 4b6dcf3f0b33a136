// What a row group's bytes must be for the scan to trust them: the chunk's checksum, then everything that is used as an index
// or handed to DuckDB as text. A chunk is looked at while its bytes are in the cache from hashing.
//
// Checksums tell accidents; the other checks hold even for a file whose checksums were made to match.
internal import Columnar

extension RowGroupNode {
    func verifyContent(at start: UnsafeRawPointer, types: [DataType], checksums: Bool = true) throws(FormatFault) {
        for index in columns.indices { try unsafe verifyContent(of: index, at: start, type: types[index], checksums: checksums) }
    }

    /// One column's chunk.
    func verifyContent(of index: Int, at start: UnsafeRawPointer, type: DataType, checksums: Bool = true) throws(FormatFault) {
        let chunk = columns[index]
        guard unsafe !checksums || Checksum.xxh3(start + chunk.span.offset, chunk.span.length) == chunk.checksum else {
            throw FormatFault("column \(index): the checksum does not match")
        }
        do {
            try unsafe chunk.root.verifyContent(at: start, type: type)
        } catch {
            throw FormatFault("column \(index): \(error.reason)")
        }
    }
}

extension ColumnNode {
    /// `unionMembers` is set for a union's tags.
    func verifyContent(at start: UnsafeRawPointer, type: DataType, unionMembers: Int? = nil) throws(FormatFault) {
        if let validity { try unsafe verifyValidity(start + validity.offset) }
        if encoding == .allNull { return }
        if type.physicalForm == .bytes {
            try unsafe verifyBytes(start, type)
        } else if let data, encoding == .list {
            try unsafe verifyLists(start + data.offset)
        } else if let data, let limit = IntegerLimit(type, unionMembers: unionMembers) {
            try unsafe verifyIntegers(start + data.offset, limit, type)
        }
        let members: Int? = if case .union(let fields) = type.base { fields.count } else { nil }
        for (index, (child, childType)) in zip(children, type.childTypes).enumerated() {
            try unsafe child.verifyContent(at: start, type: childType, unionMembers: index == 0 ? members : nil)
        }
    }

    private func verifyBytes(_ start: UnsafeRawPointer, _ type: DataType) throws(FormatFault) {
        switch encoding {
        case .dictionary:
            try unsafe verifyStrings(dictionaryOffsets, count: Int(dictionaryCount), start, type)
            if let data { try unsafe verifyCodes(start + data.offset) }
        default: try unsafe verifyStrings(data, count: encoding == .constant ? 1 : rows, start, type)
        }
    }

    private func verifyValidity(_ words: UnsafeRawPointer) throws(FormatFault) {
        let nulls = unsafe countNulls(words.assumingMemoryBound(to: UInt64.self), from: 0, count: rows)
        guard UInt64(nulls) == statistics.nullCount else {
            throw FormatFault("\(nulls) nulls where statistics say \(statistics.nullCount)")
        }
    }

    private func verifyLists(_ offsets: UnsafeRawPointer) throws(FormatFault) {
        guard let end = unsafe ascendingEnd(offsets, rows), end == children[0].rows else {
            throw FormatFault("list offsets that do not ascend to the number of elements")
        }
    }

    private func verifyCodes(_ codes: UnsafeRawPointer) throws(FormatFault) {
        let most: UInt64 =
            switch width {
            case 1: unsafe greatest(UInt8.self, codes, rows)
            case 2: unsafe greatest(UInt16.self, codes, rows)
            default: unsafe greatest(UInt32.self, codes, rows)
            }
        guard most < UInt64(dictionaryCount) else {
            throw FormatFault("code \(most) in a dictionary of \(dictionaryCount)")
        }
    }

    // MARK: Strings

    private func verifyStrings(
        _ offsets: BufferRef?, count: Int, _ start: UnsafeRawPointer, _ type: DataType
    ) throws(FormatFault) {
        guard let offsets, let heap else { return }
        let ends = unsafe start + offsets.offset
        guard let end = unsafe ascendingEnd(ends, count), end <= heap.length else {
            throw FormatFault("string offsets that do not ascend within the heap")
        }
        let bytes = unsafe start + heap.offset
        let places = unsafe ends.assumingMemoryBound(to: UInt32.self)
        if let longest = statistics.lengthMax {
            for index in 0..<count where unsafe places[index + 1] - places[index] > longest {
                throw FormatFault("a string longer than the \(longest) bytes that statistics say")
            }
        }
        if type.isText { try unsafe verifyText(bytes, end, places, count) }
        if type.base == .bit { try unsafe verifyBits(bytes, places, count) }
    }

    /// All text is UTF-8, and no string begins inside of a character.
    private func verifyText(
        _ bytes: UnsafeRawPointer, _ end: Int, _ places: UnsafePointer<UInt32>, _ count: Int
    ) throws(FormatFault) {
        let text = unsafe bytes.assumingMemoryBound(to: UInt8.self)
        if unsafe isASCII(bytes, end) { return }
        guard (try? unsafe UTF8Span(validating: Span(_unsafeStart: text, count: end))) != nil else {
            throw FormatFault("text that is not UTF-8")
        }
        for index in 0..<count where unsafe Int(places[index]) < end && text[Int(places[index])] & 0xC0 == 0x80 {
            throw FormatFault("a string that begins inside of a character")
        }
    }

    /// A bit string is a byte with the number of unused bits, then the bits.
    private func verifyBits(
        _ bytes: UnsafeRawPointer, _ places: UnsafePointer<UInt32>, _ count: Int
    ) throws(FormatFault) {
        for index in 0..<count {
            let length = unsafe places[index + 1] - places[index]
            // The empty string stands for a null.
            if length == 0 { continue }
            let unused = unsafe bytes.load(fromByteOffset: Int(places[index]), as: UInt8.self)
            guard unused < 8, length > 1 || unused == 0 else { throw FormatFault("a bit string with \(unused) unused bits") }
        }
    }

    // MARK: Integers

    private func verifyIntegers(_ data: UnsafeRawPointer, _ limit: IntegerLimit, _ type: DataType) throws(FormatFault) {
        let count = encoding == .constant ? 1 : rows
        var most: UInt64 =
            switch width {
            case 1: unsafe greatest(UInt8.self, data, count)
            case 2: unsafe greatest(UInt16.self, data, count)
            case 4: unsafe greatest(UInt32.self, data, count)
            default: unsafe greatest(UInt64.self, data, count, shift: limit.shift)
            }
        if encoding == .frame {
            let (sum, overflow) = most.addingReportingOverflow(UInt64(bitPattern: base))
            guard base >= 0, !overflow else { throw FormatFault("a base of \(base) for \(type)") }
            most = sum &>> (width < 8 ? limit.shift : 0)
        }
        guard most < limit.end else { throw FormatFault("\(most) for \(type)") }
    }
}

/// A bound that values must stay below for DuckDB to be safe with them, as unsigned numbers after a shift.
private struct IntegerLimit {
    var end: UInt64
    var shift: UInt64 = 0

    init?(_ type: DataType, unionMembers: Int?) {
        let dayMicros: UInt64 = 86_400_000_000
        switch type.base {
        case _ where unionMembers != nil: end = UInt64(unionMembers ?? 0)
        case .boolean: end = 2
        case .enumeration(let labels): end = UInt64(labels.count)
        case .time: end = dayMicros + 1
        case .timeNS: end = dayMicros * 1000 + 1
        case .timeTZ:
            // Microseconds in the upper 40 bits, the offset in the lower 24.
            end = dayMicros + 1
            shift = 24
        default: return nil
        }
    }
}

/// The last of `count` + 1 offsets, nil unless they begin at 0 and never fall.
private func ascendingEnd(_ offsets: UnsafeRawPointer, _ count: Int) -> Int? {
    let places = unsafe offsets.assumingMemoryBound(to: UInt32.self)
    var falls: UInt32 = unsafe places[0]
    for index in 0..<count { falls |= unsafe places[index &+ 1] < places[index] ? 1 : 0 }
    return unsafe falls == 0 ? Int(places[count]) : nil
}

@inline(__always)
private func greatest<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, _ start: UnsafeRawPointer, _ count: Int, shift: UInt64 = 0
) -> UInt64 {
    let values = unsafe start.assumingMemoryBound(to: T.self)
    var result: T = 0
    let shift = T(truncatingIfNeeded: shift)
    for index in 0..<count {
        let value = unsafe values[index] &>> shift
        result = value > result ? value : result
    }
    return UInt64(truncatingIfNeeded: result)
}

private func isASCII(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
    var high: UInt64 = 0
    var at = 0
    while at &+ 8 <= count {
        high |= unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        at &+= 8
    }
    while at < count {
        high |= unsafe UInt64(bytes.load(fromByteOffset: at, as: UInt8.self))
        at &+= 1
    }
    return high & 0x8080_8080_8080_8080 == 0
}
