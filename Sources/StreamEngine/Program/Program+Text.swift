extension Program {
    func runText(_ function: TextFunction, _ instruction: Instruction, _ count: Int) {
        switch function {
        case .lower, .upper, .length, .trim, .trimLeft, .trimRight: copyNulls(instruction, count)
        case .hash: return hashTexts(instruction, count)
        case .json: return runJSON(instruction, count)
        default: mergeNulls(instruction, count)
        }
        let out = registers[Int(instruction.out)]
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        for row in 0..<count {
            if out.isNull(row) { continue }
            let text = a.texts[row]
            switch function {
            case .length: out.ints[row] = Int64(characters(text))
            case .concat: out.texts[row] = joined(text, b.texts[row])
            case .lower: out.texts[row] = cased(text, upper: false)
            case .upper: out.texts[row] = cased(text, upper: true)
            case .trim: out.texts[row] = trimmed(text, left: true, right: true)
            case .trimLeft: out.texts[row] = trimmed(text, left: true, right: false)
            case .trimRight: out.texts[row] = trimmed(text, left: false, right: true)
            case .contains: out.bools[row] = find(b.texts[row], in: text) >= 0 ? 1 : 0
            case .startsWith: out.bools[row] = matches(b.texts[row], text, at: 0) ? 1 : 0
            case .endsWith: out.bools[row] = matches(b.texts[row], text, at: text.count - b.texts[row].count) ? 1 : 0
            case .like: out.bools[row] = isLike(text, b.texts[row], 0, 0) ? 1 : 0
            case .substring: substring(row, instruction, count)
            case .replace: replace(row, instruction, count)
            case .splitPart: splitPart(row, instruction, count)
            case .position:
                let place = find(b.texts[row], in: text)
                out.ints[row] = place < 0 ? 0 : Int64(characters(text, upTo: place)) + 1
            case .hash, .json: break
            }
        }
    }

    private func hashTexts(_ instruction: Instruction, _ count: Int) {
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        registers[Int(instruction.out)].hasNulls = false
        for row in 0..<count { out.ints[row] = a.isNull(row) ? 0 : Int64(bitPattern: a.texts[row].hash(0)) }
    }

    /// Code points: bytes that do not continue another.
    private func characters(_ text: TextRef) -> Int { characters(text, upTo: text.count) }

    private func characters(_ text: TextRef, upTo end: Int) -> Int {
        var characters = 0
        for index in 0..<end where text.byte(index) & 0xC0 != 0x80 { characters += 1 }
        return characters
    }

    private func joined(_ a: TextRef, _ b: TextRef) -> TextRef {
        let count = a.count + b.count
        let place = scratch.take(count)
        a.copy(to: place)
        b.copy(to: place.advanced(by: a.count))
        return TextRef.over(place, count: count)
    }

    /// Letters of ASCII here, all others the long way.
    private func cased(_ text: TextRef, upper: Bool) -> TextRef {
        let place = scratch.take(text.count)
        for index in 0..<text.count {
            let byte = text.byte(index)
            if byte >= 0x80 { return scratch.text(upper ? text.string.uppercased() : text.string.lowercased()) }
            let isLetter = upper ? (97...122).contains(byte) : (65...90).contains(byte)
            place.store(isLetter ? byte ^ 32 : byte, at: index)
        }
        return TextRef.over(place, count: text.count)
    }

    private func slice(_ text: TextRef, _ range: Range<Int>) -> TextRef {
        let place = scratch.take(range.count)
        for (index, source) in range.enumerated() { place.store(text.byte(source), at: index) }
        return TextRef.over(place, count: range.count)
    }

    private func trimmed(_ text: TextRef, left: Bool, right: Bool) -> TextRef {
        var low = 0
        var high = text.count
        if left { while low < high && text.byte(low) == 32 { low += 1 } }
        if right { while high > low && text.byte(high - 1) == 32 { high -= 1 } }
        return low == 0 && high == text.count ? text : slice(text, low..<high)
    }

    private func matches(_ needle: TextRef, _ text: TextRef, at start: Int) -> Bool {
        if start < 0 || start + needle.count > text.count { return false }
        for index in 0..<needle.count where needle.byte(index) != text.byte(start + index) { return false }
        return true
    }

    private func find(_ needle: TextRef, in text: TextRef) -> Int {
        if needle.count > text.count { return -1 }
        for start in 0...(text.count - needle.count) where matches(needle, text, at: start) { return start }
        return -1
    }

    /// `%` any run of bytes, `_` one character; `aux` is the escape byte, or -1. Backtracks to the last `%` alone.
    private func isLike(_ text: TextRef, _ pattern: TextRef, _ textStart: Int, _ patternStart: Int) -> Bool {
        var at = textStart
        var place = patternStart
        var retryPlace = -1
        var retryAt = 0
        while at < text.count {
            let wanted = place < pattern.count ? pattern.byte(place) : 0
            if place < pattern.count && wanted == UInt8(ascii: "%") {
                retryPlace = place
                retryAt = at
                place += 1
            } else if place < pattern.count && wanted == UInt8(ascii: "_") {
                at += 1
                while at < text.count && text.byte(at) & 0xC0 == 0x80 { at += 1 }
                place += 1
            } else if place < pattern.count && wanted == text.byte(at) {
                at += 1
                place += 1
            } else if retryPlace >= 0 {
                retryAt += 1
                at = retryAt
                place = retryPlace + 1
            } else {
                return false
            }
        }
        while place < pattern.count && pattern.byte(place) == UInt8(ascii: "%") { place += 1 }
        return place == pattern.count
    }

    /// Characters from a 1-based start; negative starts count from the end. `c` holds the length.
    private func substring(_ row: Int, _ instruction: Instruction, _ count: Int) {
        let text = registers[Int(instruction.a)].texts[row]
        let length = registers[Int(instruction.c)]
        if length.isNull(row) { return setNull(row, instruction, count) }
        let total = Int64(characters(text))
        var start = registers[Int(instruction.b)].ints[row]
        start = start > 0 ? start - 1 : start < 0 ? max(total + start, start + total) : -1
        let end = start.addingReportingOverflow(length.ints[row])
        let low = max(start, 0)
        let high = min(end.overflow ? total : max(end.partialValue, 0), total)
        let out = registers[Int(instruction.out)]
        guard low < high else {
            out.texts[row] = .empty
            return
        }
        out.texts[row] = slice(text, byteOffset(text, Int(low))..<byteOffset(text, Int(high)))
    }

    private func byteOffset(_ text: TextRef, _ character: Int) -> Int {
        var seen = -1
        for index in 0..<text.count where text.byte(index) & 0xC0 != 0x80 {
            seen += 1
            if seen == character { return index }
        }
        return text.count
    }

    private func replace(_ row: Int, _ instruction: Instruction, _ count: Int) {
        let text = registers[Int(instruction.a)].texts[row]
        let needle = registers[Int(instruction.b)].texts[row]
        let with = registers[Int(instruction.c)]
        if with.isNull(row) { return setNull(row, instruction, count) }
        let out = registers[Int(instruction.out)]
        if needle.count == 0 || find(needle, in: text) < 0 {
            out.texts[row] = text
            return
        }
        let other = with.texts[row]
        var found = 0
        var at = 0
        while at < text.count {
            let isThere = matches(needle, text, at: at)
            found += isThere ? 1 : 0
            at += isThere ? needle.count : 1
        }
        let place = scratch.take(max(text.count + found * (other.count - needle.count), 1))
        var length = 0
        at = 0
        while at < text.count {
            if matches(needle, text, at: at) {
                other.copy(to: place.advanced(by: length))
                length += other.count
                at += needle.count
            } else {
                place.store(text.byte(at), at: length)
                length += 1
                at += 1
            }
        }
        out.texts[row] = TextRef.over(place, count: length)
    }

    /// The part between separators, counted from 1, or from the end where negative; empty where there are fewer.
    private func splitPart(_ row: Int, _ instruction: Instruction, _ count: Int) {
        let text = registers[Int(instruction.a)].texts[row]
        let separator = registers[Int(instruction.b)].texts[row]
        let places = registers[Int(instruction.c)]
        if places.isNull(row) { return setNull(row, instruction, count) }
        let out = registers[Int(instruction.out)]
        var wanted = places.ints[row]
        if separator.count == 0 { return splitCharacters(text, wanted, row, out) }
        if wanted < 0 { wanted += parts(text, separator) + 1 } else if wanted == 0 { wanted = 1 }
        var at = 0
        var start = 0
        var number: Int64 = 1
        while separator.count > 0 && at + separator.count <= text.count && number <= wanted {
            if matches(separator, text, at: at) {
                if number == wanted { break }
                number += 1
                at += separator.count
                start = at
            } else {
                at += 1
            }
        }
        let isEnd = separator.count == 0 || at + separator.count > text.count
        out.texts[row] = number == wanted ? slice(text, start..<(isEnd ? text.count : at)) : .empty
    }

    /// Without a separator each character is a part.
    private func splitCharacters(_ text: TextRef, _ place: Int64, _ row: Int, _ out: Vector) {
        let total = Int64(characters(text))
        let index = place > 0 ? place - 1 : total + place
        guard place != 0, index >= 0, index < total else {
            out.texts[row] = .empty
            return
        }
        out.texts[row] = slice(text, byteOffset(text, Int(index))..<byteOffset(text, Int(index) + 1))
    }

    private func parts(_ text: TextRef, _ separator: TextRef) -> Int64 {
        var parts: Int64 = 1
        var at = 0
        while separator.count > 0 && at + separator.count <= text.count {
            let isThere = matches(separator, text, at: at)
            parts += isThere ? 1 : 0
            at += isThere ? separator.count : 1
        }
        return parts
    }
}
