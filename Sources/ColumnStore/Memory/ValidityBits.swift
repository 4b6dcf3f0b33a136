// Runs of validity bits: one bit a value, 1 = valid, lowest bit first, in 64-bit words.

/// The words that `bits` bits take.
@inline(__always)
func validityWords(_ bits: Int) -> Int { (bits &+ 63) &>> 6 }

/// Up to 64 bits of `words` from bit `start`; bits past `count` are 0.
@inline(__always)
func validityBits(_ words: UnsafePointer<UInt64>, from start: Int, count: Int) -> UInt64 {
    let word = start &>> 6
    let shift = UInt64(start & 63)
    var bits = unsafe words[word] &>> shift
    if shift != 0, Int(shift) &+ count > 64 { bits |= unsafe words[word &+ 1] &<< (64 &- shift) }
    return count == 64 ? bits : bits & ((1 &<< UInt64(count)) &- 1)
}

/// Sets `count` bits from bit `start` to the lowest bits of `bits`.
@inline(__always)
private func putBits(_ words: UnsafeMutablePointer<UInt64>, at start: Int, _ bits: UInt64, count: Int) {
    let word = start &>> 6
    let shift = UInt64(start & 63)
    let mask: UInt64 = count == 64 ? ~0 : (1 &<< UInt64(count)) &- 1
    unsafe words[word] = unsafe (words[word] & ~(mask &<< shift)) | (bits &<< shift)
    if shift != 0, Int(shift) &+ count > 64 {
        let rest = 64 &- shift
        unsafe words[word &+ 1] = unsafe (words[word &+ 1] & ~(mask &>> rest)) | (bits &>> rest)
    }
}

/// Copies `count` bits and returns how many of them are 0.
func copyValidity(
    to target: UnsafeMutablePointer<UInt64>, at start: Int, from source: UnsafePointer<UInt64>, at sourceStart: Int, count: Int
) -> Int {
    var done = 0
    var valid = 0
    while done < count {
        let step = Swift.min(64, count &- done)
        let bits = unsafe validityBits(source, from: sourceStart &+ done, count: step)
        unsafe putBits(target, at: start &+ done, bits, count: step)
        valid &+= bits.nonzeroBitCount
        done &+= step
    }
    return count &- valid
}

/// Sets `count` bits from bit `start` to 1.
func setValid(_ target: UnsafeMutablePointer<UInt64>, at start: Int, count: Int) {
    var done = 0
    while done < count {
        let step = Swift.min(64, count &- done)
        unsafe putBits(target, at: start &+ done, step == 64 ? ~0 : (1 &<< UInt64(step)) &- 1, count: step)
        done &+= step
    }
}

/// How many of `count` bits from bit `start` are 0.
func countNulls(_ words: UnsafePointer<UInt64>, from start: Int, count: Int) -> Int {
    var done = 0
    var valid = 0
    while done < count {
        let step = Swift.min(64, count &- done)
        valid &+= unsafe validityBits(words, from: start &+ done, count: step).nonzeroBitCount
        done &+= step
    }
    return count &- valid
}

/// The first row whose bit is 1, or nil.
func firstValid(_ words: UnsafePointer<UInt64>, count: Int) -> Int? {
    var done = 0
    while done < count {
        let step = Swift.min(64, count &- done)
        let bits = unsafe validityBits(words, from: done, count: step)
        if bits != 0 { return done &+ bits.trailingZeroBitCount }
        done &+= step
    }
    return nil
}
