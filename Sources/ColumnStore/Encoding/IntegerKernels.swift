// Loops over a column of integers. Generic functions over raw memory, specialised per width by one switch a column.

/// The least and the greatest value of a non-empty run.
@inline(__always)
private func extremes<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, _ start: UnsafeRawPointer, _ count: Int) -> (Int128, Int128)? {
    let values = unsafe start.assumingMemoryBound(to: T.self)
    var low = unsafe values[0]
    var high = low
    for index in 0..<count {
        let value = unsafe values[index]
        low = value < low ? value : low
        high = value > high ? value : high
    }
    guard let least = Int128(exactly: low), let greatest = Int128(exactly: high) else { return nil }
    return (least, greatest)
}

@inline(__always)
private func narrow<T: FixedWidthInteger & BitwiseCopyable, S: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, to _: S.Type, _ source: UnsafeRawPointer, base: T, _ target: UnsafeMutableRawPointer, _ count: Int
) {
    let values = unsafe source.assumingMemoryBound(to: T.self)
    let stored = unsafe target.assumingMemoryBound(to: S.self)
    for index in 0..<count { unsafe stored[index] = S(truncatingIfNeeded: values[index] &- base) }
}

@inline(__always)
private func narrow<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, width: Int, _ source: UnsafeRawPointer, base: Int64, _ target: UnsafeMutableRawPointer, _ count: Int
) {
    let base = T(truncatingIfNeeded: base)
    switch width {
    case 1: unsafe narrow(type, to: UInt8.self, source, base: base, target, count)
    case 2: unsafe narrow(type, to: UInt16.self, source, base: base, target, count)
    case 4: unsafe narrow(type, to: UInt32.self, source, base: base, target, count)
    default: unsafe narrow(type, to: UInt64.self, source, base: base, target, count)
    }
}

@inline(__always)
private func sketchAll<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, _ start: UnsafeRawPointer, _ count: Int, _ registers: UnsafeMutablePointer<UInt8>
) {
    let values = unsafe start.assumingMemoryBound(to: T.self)
    for index in 0..<count { unsafe sketchInsert(registers, hashInteger(values[index])) }
}

/// Marks in `seen` (one bit a value above `base`) which values occur.
@inline(__always)
private func mark<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, _ start: UnsafeRawPointer, base: Int64, _ count: Int, _ seen: UnsafeMutablePointer<UInt64>
) {
    let values = unsafe start.assumingMemoryBound(to: T.self)
    let base = T(truncatingIfNeeded: base)
    for index in 0..<count {
        let offset = Int(truncatingIfNeeded: unsafe values[index] &- base)
        unsafe seen[offset &>> 6] |= 1 &<< UInt64(offset & 63)
    }
}

extension IntegerKind {
    /// nil when a bound is above what Int128 holds.
    func bounds(_ start: UnsafeRawPointer, _ count: Int) -> (Int128, Int128)? {
        switch self {
        case .int8: unsafe extremes(Int8.self, start, count)
        case .int16: unsafe extremes(Int16.self, start, count)
        case .int32: unsafe extremes(Int32.self, start, count)
        case .int64: unsafe extremes(Int64.self, start, count)
        case .int128: unsafe extremes(Int128.self, start, count)
        case .uint8: unsafe extremes(UInt8.self, start, count)
        case .uint16: unsafe extremes(UInt16.self, start, count)
        case .uint32: unsafe extremes(UInt32.self, start, count)
        case .uint64: unsafe extremes(UInt64.self, start, count)
        case .uint128: unsafe extremes(UInt128.self, start, count)
        }
    }

    /// Writes `count` values as unsigned offsets from `base` of `width` bytes.
    func encodeFrame(_ source: UnsafeRawPointer, base: Int64, width: Int, to target: UnsafeMutableRawPointer, _ count: Int) {
        switch self {
        case .int8, .uint8: break  // nothing is narrower
        case .int16, .uint16: unsafe narrow(UInt16.self, width: width, source, base: base, target, count)
        case .int32, .uint32: unsafe narrow(UInt32.self, width: width, source, base: base, target, count)
        case .int64, .uint64: unsafe narrow(UInt64.self, width: width, source, base: base, target, count)
        case .int128, .uint128: unsafe narrow(UInt128.self, width: width, source, base: base, target, count)
        }
    }

    func sketch(_ start: UnsafeRawPointer, _ count: Int, into sketch: inout DistinctSketch) {
        unsafe sketch.withRegisters { registers in
            switch self {
            case .int8: unsafe sketchAll(Int8.self, start, count, registers)
            case .int16: unsafe sketchAll(Int16.self, start, count, registers)
            case .int32: unsafe sketchAll(Int32.self, start, count, registers)
            case .int64: unsafe sketchAll(Int64.self, start, count, registers)
            case .int128: unsafe sketchAll(Int128.self, start, count, registers)
            case .uint8: unsafe sketchAll(UInt8.self, start, count, registers)
            case .uint16: unsafe sketchAll(UInt16.self, start, count, registers)
            case .uint32: unsafe sketchAll(UInt32.self, start, count, registers)
            case .uint64: unsafe sketchAll(UInt64.self, start, count, registers)
            case .uint128: unsafe sketchAll(UInt128.self, start, count, registers)
            }
        }
    }

    /// The exact number of distinct values of a run whose greatest is less than 2^16 above `base`; each is put into `sketch` once.
    func sketchNarrow(
        _ start: UnsafeRawPointer, base: Int64, span: Int, _ count: Int, scratch: inout AlignedBuffer, into sketch: inout DistinctSketch
    ) -> UInt64 {
        let words = validityWords(span + 1)
        scratch.reserve(words * 8, keeping: 0)
        let seen = unsafe scratch.words()
        unsafe seen.update(repeating: 0, count: words)
        switch width {
        case 1: unsafe mark(UInt8.self, start, base: base, count, seen)
        case 2: unsafe mark(UInt16.self, start, base: base, count, seen)
        case 4: unsafe mark(UInt32.self, start, base: base, count, seen)
        case 8: unsafe mark(UInt64.self, start, base: base, count, seen)
        default: unsafe mark(UInt128.self, start, base: base, count, seen)
        }
        var distinct: UInt64 = 0
        unsafe sketch.withRegisters { registers in
            for word in 0..<words {
                var bits = unsafe seen[word]
                distinct += UInt64(bits.nonzeroBitCount)
                while bits != 0 {
                    let offset = Int64(word * 64 + bits.trailingZeroBitCount)
                    unsafe sketchInsert(registers, hashInteger(base &+ offset))
                    bits &= bits &- 1
                }
            }
        }
        return distinct
    }
}

@inline(__always)
private func fill<T: BitwiseCopyable>(
    _: T.Type, _ start: UnsafeMutableRawPointer, _ validity: UnsafePointer<UInt64>, _ count: Int, seed: Int
) {
    let values = unsafe start.assumingMemoryBound(to: T.self)
    let value = unsafe values[seed]
    for word in 0..<validityWords(count) {
        let first = word &* 64
        let step = Swift.min(64, count &- first)
        var nulls = unsafe ~validity[word]
        if step < 64 { nulls &= (1 &<< UInt64(step)) &- 1 }
        while nulls != 0 {
            unsafe values[first &+ nulls.trailingZeroBitCount] = value
            nulls &= nulls &- 1
        }
    }
}

/// Overwrites the slots of nulls with the value of row `seed`.
func fillNulls(
    _ start: UnsafeMutableRawPointer, width: Int, validity: UnsafePointer<UInt64>, count: Int, seed: Int
) {
    switch width {
    case 1: unsafe fill(UInt8.self, start, validity, count, seed: seed)
    case 2: unsafe fill(UInt16.self, start, validity, count, seed: seed)
    case 4: unsafe fill(UInt32.self, start, validity, count, seed: seed)
    case 8: unsafe fill(UInt64.self, start, validity, count, seed: seed)
    default: unsafe fill(UInt128.self, start, validity, count, seed: seed)
    }
}
