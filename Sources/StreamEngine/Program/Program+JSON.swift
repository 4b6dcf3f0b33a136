// Values out of JSON texts, by a path that is known when the query is planned: `$.a.b[0]`, or one key. A document is walked once, byte by
// byte, to the value; nothing is built. A document that ends too early or is no JSON on the way to the value fails its row.
//
// The path comes as a text of steps: for each key `k`, its length in two bytes and its bytes; for each index `i` and eight bytes.

extension Program {
    /// `aux` 1: the value as a text (a string without its quotes, escapes resolved); 0: as JSON; 2: the number of an array's elements.
    func runJSON(_ instruction: Instruction, _ count: Int) {
        mergeNulls(instruction, count)
        registers[Int(instruction.out)].hasNulls = true
        let (a, b) = (registers[Int(instruction.a)], registers[Int(instruction.b)])
        let out = registers[Int(instruction.out)]
        let wasMerged = a.hasNulls || b.hasNulls
        for row in 0..<count {
            if !wasMerged { out.nulls[row] = 0 }
            if out.nulls[row] != 0 { continue }
            var walk = JSONWalk(a.texts[row])
            let found = walk.find(b.texts[row])
            if walk.isBroken {
                fail(row, .invalidCast, instruction)
                out.nulls[row] = 1
            } else if !found {
                out.nulls[row] = 1
            } else {
                write(&walk, instruction, out, row)
            }
        }
    }

    private func write(_ walk: inout JSONWalk, _ instruction: Instruction, _ out: Vector, _ row: Int) {
        let start = walk.place
        let first = walk.byte
        if instruction.aux == 2 {
            out.ints[row] = walk.elements()
        } else if instruction.aux == 1 && first == UInt8(ascii: "\"") {
            out.texts[row] = unescaped(&walk)
        } else {
            walk.skip()
            if instruction.aux == 1 && first == UInt8(ascii: "n") {
                out.nulls[row] = 1
            } else {
                out.texts[row] = sliced(walk.text, start..<walk.place)
            }
        }
        if walk.isBroken {
            fail(row, .invalidCast, instruction)
            out.nulls[row] = 1
        }
    }

    private func sliced(_ text: TextRef, _ range: Range<Int>) -> TextRef {
        let place = scratch.take(max(range.count, 1))
        var index = 0
        while index < range.count {
            place.store(text.byte(range.lowerBound + index), at: index)
            index += 1
        }
        return TextRef.over(place, count: range.count)
    }

    /// A string's text: never longer than it is written.
    private func unescaped(_ walk: inout JSONWalk) -> TextRef {
        let place = scratch.take(max(walk.text.count - walk.place, 1))
        var length = 0
        walk.place += 1
        while walk.byte != UInt8(ascii: "\"") && !walk.isBroken {
            if walk.byte == UInt8(ascii: "\\") {
                length = escape(&walk, place, length)
            } else {
                place.store(walk.byte, at: length)
                length += 1
                walk.place += 1
            }
        }
        walk.place += 1
        return TextRef.over(place, count: length)
    }

    private func escape(_ walk: inout JSONWalk, _ place: Memory, _ length: Int) -> Int {
        walk.place += 1
        let code = walk.byte
        walk.place += 1
        switch code {
        case UInt8(ascii: "n"): place.store(UInt8(10), at: length)
        case UInt8(ascii: "t"): place.store(UInt8(9), at: length)
        case UInt8(ascii: "r"): place.store(UInt8(13), at: length)
        case UInt8(ascii: "b"): place.store(UInt8(8), at: length)
        case UInt8(ascii: "f"): place.store(UInt8(12), at: length)
        case UInt8(ascii: "u"): return encode(walk.codePoint(), place, length)
        default: place.store(code, at: length)
        }
        return length + 1
    }

    /// UTF-8 of a code point: at most as long as its escape.
    private func encode(_ point: UInt32, _ place: Memory, _ length: Int) -> Int {
        let low = { (shift: UInt32) in UInt8(0x80 | point >> shift & 0x3F) }
        switch point {
        case ..<0x80:
            place.store(UInt8(point), at: length)
            return length + 1
        case ..<0x800:
            place.store(UInt8(0xC0 | point >> 6), at: length)
            place.store(low(0), at: length + 1)
            return length + 2
        case ..<0x10000:
            place.store(UInt8(0xE0 | point >> 12), at: length)
            place.store(low(6), at: length + 1)
            place.store(low(0), at: length + 2)
            return length + 3
        default:
            place.store(UInt8(0xF0 | point >> 18 & 7), at: length)
            place.store(low(12), at: length + 1)
            place.store(low(6), at: length + 2)
            place.store(low(0), at: length + 3)
            return length + 4
        }
    }
}

/// A place in a JSON text.
struct JSONWalk {
    let text: TextRef
    var place = 0
    private(set) var isBroken = false

    init(_ text: TextRef) { self.text = text }

    /// The byte here; 0 behind the end, which no JSON text holds.
    @inline(__always)
    var byte: UInt8 {
        mutating get {
            if place < text.count { return text.byte(place) }
            isBroken = true
            return 0
        }
    }

    private mutating func space() {
        while place < text.count, text.byte(place) == 32 || (9...13).contains(text.byte(place)) { place += 1 }
    }

    /// Goes to the value at the path; false where there is none.
    mutating func find(_ path: TextRef) -> Bool {
        var step = 0
        space()
        while step < path.count {
            if path.byte(step) == UInt8(ascii: "k") {
                let count = Int(path.byte(step + 1)) | Int(path.byte(step + 2)) << 8
                if !member(path, step + 3, count) { return false }
                step += 3 + count
            } else {
                var index = 0
                for offset in 0..<8 { index |= Int(path.byte(step + 1 + offset)) << (8 * offset) }
                if !element(index) { return false }
                step += 9
            }
        }
        _ = byte
        return !isBroken
    }

    private mutating func member(_ path: TextRef, _ start: Int, _ count: Int) -> Bool {
        guard byte == UInt8(ascii: "{") else { return false }
        place += 1
        space()
        while byte != UInt8(ascii: "}") && !isBroken {
            guard byte == UInt8(ascii: "\"") else {
                isBroken = true
                return false
            }
            let key = place + 1
            string()
            let isSame = place - 1 - key == count && isEqual(key, path, start, count)
            space()
            if byte != UInt8(ascii: ":") { isBroken = true }
            place += 1
            space()
            if isBroken || isSame { return !isBroken }
            skip()
            next(UInt8(ascii: "}"))
        }
        return false
    }

    private func isEqual(_ key: Int, _ path: TextRef, _ start: Int, _ count: Int) -> Bool {
        for index in 0..<count where text.byte(key + index) != path.byte(start + index) { return false }
        return true
    }

    private mutating func element(_ wanted: Int) -> Bool {
        guard byte == UInt8(ascii: "[") else { return false }
        place += 1
        space()
        var index = 0
        while byte != UInt8(ascii: "]") && !isBroken {
            if index == wanted { return true }
            skip()
            next(UInt8(ascii: "]"))
            index += 1
        }
        return false
    }

    /// How many elements the array here has; 0 of anything else.
    mutating func elements() -> Int64 {
        guard byte == UInt8(ascii: "[") else { return 0 }
        place += 1
        space()
        var count: Int64 = 0
        while byte != UInt8(ascii: "]") && !isBroken {
            skip()
            next(UInt8(ascii: "]"))
            count += 1
        }
        return count
    }

    /// Over a comma, or to the end.
    private mutating func next(_ end: UInt8) {
        space()
        if byte == UInt8(ascii: ",") {
            place += 1
            space()
        } else if byte != end {
            isBroken = true
        }
    }

    /// Over a string.
    private mutating func string() {
        place += 1
        while byte != UInt8(ascii: "\"") && !isBroken { place += text.byte(place) == UInt8(ascii: "\\") ? 2 : 1 }
        place += 1
    }

    /// Over one value, however deep: brackets are counted.
    mutating func skip() {
        var depth = 0
        repeat {
            switch byte {
            case UInt8(ascii: "\""): string()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                place += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 9...13, 32: place += 1
            default: word()
            }
            if isBroken { return }
        } while depth > 0
    }

    /// A number, true, false or null.
    private mutating func word() {
        let start = place
        while place < text.count {
            let byte = text.byte(place)
            let isPart = (48...57).contains(byte) || (97...122).contains(byte) || byte == 43 || byte == 45 || byte == 46 || byte == 69
            if !isPart { break }
            place += 1
        }
        if place == start { isBroken = true }
    }

    /// Behind `\u`: four digits, and those of the other half of a pair.
    mutating func codePoint() -> UInt32 {
        let high = digits()
        guard (0xD800..<0xDC00).contains(high), place + 1 < text.count, text.byte(place) == UInt8(ascii: "\\"), text.byte(place + 1) == UInt8(ascii: "u") else { return high }
        place += 2
        let low = digits()
        return 0x10000 + (high - 0xD800) << 10 + (low &- 0xDC00) & 0x3FF
    }

    private mutating func digits() -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let code = byte
            place += 1
            switch code {
            case 48...57: value = value << 4 | UInt32(code - 48)
            case 97...102: value = value << 4 | UInt32(code - 87)
            case 65...70: value = value << 4 | UInt32(code - 55)
            default: isBroken = true
            }
        }
        return value
    }
}
