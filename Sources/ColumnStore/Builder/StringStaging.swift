// Strings of a column on their way into a row group. They start as codes into a dictionary that grows with the distinct ones;
// a column with too few repetitions gives the dictionary up and keeps offsets into one heap of bytes.
//
//   dictionary:  codes[row] -> entry; offsets[entry] .. offsets[entry + 1] -> heap
//   strings:     offsets[row] .. offsets[row + 1] -> heap
//
// The table is open addressing with linear probing, at most half full: a slot holds the hash's upper 32 bits and code + 1.

@safe
struct StringStaging: ~Copyable {
    /// The staged code of a null; stored as 0.
    static let nullCode = UInt32.max

    private(set) var isDictionary = true
    /// Entries of the dictionary, or rows.
    private(set) var count = 0
    private(set) var codes = AlignedBuffer()
    private(set) var offsets = AlignedBuffer()
    private(set) var heap = AlignedBuffer()
    private(set) var heapBytes = 0
    /// Bytes of all rows' strings, repeated ones as often as they occur.
    private(set) var rowBytes = 0
    private var slots = AlignedBuffer(capacity: 64)
    private var slotMask = 7
    /// A column that gave up in the row group before is tried for fewer rows in this one.
    private var gaveUpBefore = false

    init() {
        unsafe offsets.elements(UInt32.self)[0] = 0
        clearSlots()
    }

    mutating func reset() {
        gaveUpBefore = !isDictionary
        isDictionary = true
        count = 0
        heapBytes = 0
        rowBytes = 0
        unsafe offsets.elements(UInt32.self)[0] = 0
        clearSlots()
    }

    private func clearSlots() {
        unsafe slots.base.initializeMemory(as: UInt8.self, repeating: 0, count: (slotMask &+ 1) &* 8)
    }

    /// Appends rows of 16-byte string entries; a row whose bit in `validity` (starting at `firstBit`) is 0 becomes empty.
    mutating func append(
        _ entries: UnsafeRawPointer, validity: UnsafePointer<UInt64>?, firstBit: Int, count rows: Int, at row: Int
    ) {
        var done = 0
        if isDictionary {
            codes.reserve((row &+ rows) &* 4, keeping: row &* 4)
            done = unsafe appendCodes(entries, validity: validity, firstBit: firstBit, count: rows, at: row)
            if isDictionary, isPoorDictionary(rows: row &+ rows) { expand(rows: row &+ rows) }
        }
        if done < rows {
            unsafe appendStrings(
                entries + done &* 16, validity: validity, firstBit: firstBit &+ done, count: rows &- done, at: row &+ done)
        }
    }

    /// Appends rows that are all null.
    mutating func appendNulls(_ rows: Int, at row: Int) {
        if isDictionary {
            codes.reserve((row &+ rows) &* 4, keeping: row &* 4)
            for index in 0..<rows { unsafe codes.elements(UInt32.self)[row &+ index] = Self.nullCode }
            return
        }
        offsets.reserve((row &+ rows &+ 1) &* 4, keeping: (row &+ 1) &* 4)
        for index in 1...rows { unsafe offsets.elements(UInt32.self)[row &+ index] = UInt32(truncatingIfNeeded: heapBytes) }
        count = row &+ rows
    }

    private func isPoorDictionary(rows: Int) -> Bool {
        let trial = gaveUpBefore ? ColumnStoreLimits.dictionaryTrialRows / 4 : ColumnStoreLimits.dictionaryTrialRows
        return rows >= trial && count &* 8 > rows &* ColumnStoreLimits.dictionaryTrialEighths
    }

    // MARK: Dictionary

    /// Returns how many rows were appended; fewer than all when the dictionary was given up on the way.
    private mutating func appendCodes(
        _ entries: UnsafeRawPointer, validity: UnsafePointer<UInt64>?, firstBit: Int, count rows: Int, at row: Int
    ) -> Int {
        for index in 0..<rows {
            if let validity = unsafe validity, unsafe validityBits(validity, from: firstBit &+ index, count: 1) == 0 {
                unsafe codes.elements(UInt32.self)[row &+ index] = Self.nullCode
                continue
            }
            let entry = unsafe entries + index &* 16
            let length = unsafe entry.load(as: UInt32.self)
            rowBytes &+= Int(length)
            let code = unsafe length <= shortStringMax ? codeOfShort(entry, length) : codeOfLong(entry, length)
            unsafe codes.elements(UInt32.self)[row &+ index] = code
            if count > ColumnStoreLimits.dictionaryEntriesMax {
                expand(rows: row &+ index &+ 1)
                return index &+ 1
            }
        }
        return rows
    }

    @inline(__always)
    private mutating func codeOfShort(_ entry: UnsafeRawPointer, _ length: UInt32) -> UInt32 {
        let key = unsafe ShortString(entry: entry)
        let hash = key.hash
        var slot = Int(truncatingIfNeeded: hash) & slotMask
        while true {
            let content = unsafe slots.words()[slot]
            if content == 0 { break }
            if content &>> 32 == hash &>> 32 {
                let code = Int(content & 0xFFFF_FFFF) &- 1
                let start = unsafe offsets.elements(UInt32.self)[code]
                let known = unsafe offsets.elements(UInt32.self)[code &+ 1] &- start
                if known == length, unsafe ShortString(heap: heap.base + Int(start), length: length) == key {
                    return UInt32(truncatingIfNeeded: code)
                }
            }
            slot = (slot &+ 1) & slotMask
        }
        return unsafe insert(entry + 4, length, hash: hash, slot: slot)
    }

    @inline(__always)
    private mutating func codeOfLong(_ entry: UnsafeRawPointer, _ length: UInt32) -> UInt32 {
        let bytes = unsafe entry.load(fromByteOffset: 8, as: UnsafeRawPointer.self)
        let hash = unsafe Checksum.xxh3(bytes, Int(length))
        var slot = Int(truncatingIfNeeded: hash) & slotMask
        while true {
            let content = unsafe slots.words()[slot]
            if content == 0 { break }
            if content &>> 32 == hash &>> 32 {
                let code = Int(content & 0xFFFF_FFFF) &- 1
                let start = unsafe offsets.elements(UInt32.self)[code]
                let known = unsafe offsets.elements(UInt32.self)[code &+ 1] &- start
                if known == length, unsafe equalBytes(heap.base + Int(start), bytes, Int(length)) {
                    return UInt32(truncatingIfNeeded: code)
                }
            }
            slot = (slot &+ 1) & slotMask
        }
        return unsafe insert(bytes, length, hash: hash, slot: slot)
    }

    @inline(never)
    private mutating func insert(_ bytes: UnsafeRawPointer, _ length: UInt32, hash: UInt64, slot: Int) -> UInt32 {
        let code = count
        unsafe slots.words()[slot] = (hash & 0xFFFF_FFFF_0000_0000) | UInt64(code &+ 1)
        unsafe appendBytes(bytes, Int(length), at: code)
        count = code &+ 1
        if count &* 2 > slotMask { growSlots() }
        return UInt32(truncatingIfNeeded: code)
    }

    private mutating func growSlots() {
        let capacity = (slotMask &+ 1) &* 2
        slots = AlignedBuffer(capacity: capacity &* 8)
        slotMask = capacity &- 1
        clearSlots()
        let starts = unsafe offsets.elements(UInt32.self)
        for code in 0..<count {
            let length = unsafe starts[code &+ 1] &- starts[code]
            let hash = unsafe hashString(heap.base + Int(starts[code]), length: length)
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            while unsafe slots.words()[slot] != 0 { slot = (slot &+ 1) & slotMask }
            unsafe slots.words()[slot] = (hash & 0xFFFF_FFFF_0000_0000) | UInt64(code &+ 1)
        }
    }

    // MARK: Strings

    @inline(__always)
    private mutating func appendBytes(_ bytes: UnsafeRawPointer, _ length: Int, at index: Int) {
        heap.reserve(heapBytes &+ length, keeping: heapBytes)
        offsets.reserve((index &+ 2) &* 4, keeping: (index &+ 1) &* 4)
        unsafe (heap.base + heapBytes).copyMemory(from: bytes, byteCount: length)
        heapBytes &+= length
        unsafe offsets.elements(UInt32.self)[index &+ 1] = UInt32(truncatingIfNeeded: heapBytes)
    }

    private mutating func appendStrings(
        _ entries: UnsafeRawPointer, validity: UnsafePointer<UInt64>?, firstBit: Int, count rows: Int, at row: Int
    ) {
        offsets.reserve((row &+ rows &+ 1) &* 4, keeping: (row &+ 1) &* 4)
        let ends = unsafe offsets.elements(UInt32.self) + 1
        for index in 0..<rows {
            if let validity = unsafe validity, unsafe validityBits(validity, from: firstBit &+ index, count: 1) == 0 {
                unsafe ends[row &+ index] = UInt32(truncatingIfNeeded: heapBytes)
                continue
            }
            let entry = unsafe entries + index &* 16
            let length = Int(unsafe entry.load(as: UInt32.self))
            heap.reserve(heapBytes &+ length, keeping: heapBytes)
            let target = unsafe heap.base + heapBytes
            if length <= Int(shortStringMax) {
                // Twelve bytes whatever the length: the heap has slack, and the next string overwrites what is too much.
                unsafe target.storeBytes(of: entry.loadUnaligned(fromByteOffset: 4, as: UInt64.self), as: UInt64.self)
                unsafe target.storeBytes(
                    of: entry.load(fromByteOffset: 12, as: UInt32.self), toByteOffset: 8, as: UInt32.self)
            } else {
                unsafe target.copyMemory(from: entry.load(fromByteOffset: 8, as: UnsafeRawPointer.self), byteCount: length)
            }
            heapBytes &+= length
            unsafe ends[row &+ index] = UInt32(truncatingIfNeeded: heapBytes)
        }
        count = row &+ rows
        rowBytes = heapBytes
    }

    /// Turns codes into strings of their own: one copy of what was staged, once a row group at most.
    @inline(never)
    mutating func expand(rows: Int) {
        var newOffsets = AlignedBuffer(capacity: (rows &+ 1) &* 4)
        var newHeap = AlignedBuffer(capacity: rowBytes &+ 64)
        newOffsets.reserve((rows &+ 1) &* 4, keeping: 0)
        newHeap.reserve(rowBytes, keeping: 0)
        var end = 0
        unsafe newOffsets.elements(UInt32.self)[0] = 0
        let starts = unsafe offsets.elements(UInt32.self)
        for row in 0..<rows {
            let code = Int(unsafe codes.elements(UInt32.self)[row])
            if code < count {
                let length = Int(unsafe starts[code &+ 1] &- starts[code])
                newHeap.reserve(end &+ length, keeping: end)
                unsafe (newHeap.base + end).copyMemory(from: heap.base + Int(starts[code]), byteCount: length)
                end &+= length
            }
            unsafe newOffsets.elements(UInt32.self)[row &+ 1] = UInt32(truncatingIfNeeded: end)
        }
        swap(&offsets, &newOffsets)
        swap(&heap, &newHeap)
        heapBytes = end
        rowBytes = end
        count = rows
        isDictionary = false
    }
}

@inline(__always)
func equalBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
    var at = 0
    while at &+ 8 <= count {
        if unsafe a.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            != b.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        {
            return false
        }
        at &+= 8
    }
    while at < count {
        if unsafe a.load(fromByteOffset: at, as: UInt8.self) != b.load(fromByteOffset: at, as: UInt8.self) { return false }
        at &+= 1
    }
    return true
}

extension StringStaging {
    /// A row that turned out to be null after it was appended.
    mutating func setNull(_ row: Int) {
        if isDictionary { unsafe codes.elements(UInt32.self)[row] = Self.nullCode }
    }
}
