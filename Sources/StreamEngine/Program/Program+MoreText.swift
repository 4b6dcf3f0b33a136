// Functions of texts beyond the common ones, a row at a time.

extension Program {
    func runMoreText(_ function: MoreText, _ instruction: Instruction, _ count: Int) {
        switch function {
        case .reverse, .code, .unicode, .bytes, .char, .hex: copyNulls(instruction, count)
        default: mergeNulls(instruction, count)
        }
        let out = registers[Int(instruction.out)]
        let a = registers[Int(instruction.a)]
        let b = registers[Int(instruction.b)]
        for row in 0..<count {
            if registers[Int(instruction.out)].isNull(row) { continue }
            switch function {
            case .reverse: out.texts[row] = reversed(a.texts[row])
            case .bytes: out.ints[row] = Int64(a.texts[row].count)
            case .code: out.ints[row] = firstCode(a.texts[row]) ?? 0
            case .unicode: out.ints[row] = firstCode(a.texts[row]) ?? -1
            case .char: char(a.ints[row], row, instruction)
            case .hex: out.texts[row] = hex(a.texts[row])
            case .repeated: repeated(a.texts[row], b.ints[row], row, instruction)
            case .padLeft, .padRight: padded(function == .padLeft, row, instruction, count)
            case .trimSet: out.texts[row] = trimmed(a.texts[row], b.texts[row], instruction.aux)
            case .translate: translate(row, instruction, count)
            case .glob:
                let (text, pattern) = (contiguous(a.texts[row]), contiguous(b.texts[row]))
                out.bools[row] = isGlob(text, a.texts[row].count, pattern, b.texts[row].count) ? 1 : 0
            case .levenshtein: out.ints[row] = distance(a.texts[row], b.texts[row])
            }
        }
    }

    private func reversed(_ text: TextRef) -> TextRef {
        let bytes = contiguous(text)
        let place = scratch.take(max(text.count, 1))
        var at = 0
        while at < text.count {
            let width = RegexMatcher.character(bytes, at, text.count).1
            for index in 0..<width { place.store(bytes.load(at + index, as: UInt8.self), at: text.count - at - width + index) }
            at += width
        }
        return TextRef.over(place, count: text.count)
    }

    private func firstCode(_ text: TextRef) -> Int64? { text.count == 0 ? nil : Int64(RegexMatcher.character(contiguous(text), 0, text.count).0) }

    private func char(_ code: Int64, _ row: Int, _ instruction: Instruction) {
        let out = registers[Int(instruction.out)]
        out.texts[row] = .empty
        guard let number = UInt32(exactly: code), let scalar = Unicode.Scalar(number) else { return fail(row, .domain, instruction) }
        let place = scratch.take(4)
        var width = 0
        for byte in UTF8.encode(scalar)! {
            place.store(byte, at: width)
            width += 1
        }
        out.texts[row] = TextRef.over(place, count: width)
    }

    private func hex(_ text: TextRef) -> TextRef {
        let place = scratch.take(max(text.count * 2, 1))
        let digit = { (value: UInt8) -> UInt8 in value < 10 ? 48 + value : 55 + value }
        for index in 0..<text.count {
            place.store(digit(text.byte(index) >> 4), at: index * 2)
            place.store(digit(text.byte(index) & 15), at: index * 2 + 1)
        }
        return TextRef.over(place, count: text.count * 2)
    }

    /// Bytes a text that is made may have.
    private static var madeMax: Int64 { 16_777_216 }

    private func repeated(_ text: TextRef, _ times: Int64, _ row: Int, _ instruction: Instruction) {
        let out = registers[Int(instruction.out)]
        out.texts[row] = .empty
        if times <= 0 || text.count == 0 { return }
        guard times <= Self.madeMax / Int64(text.count) else { return fail(row, .overflow, instruction) }
        let place = scratch.take(text.count * Int(times))
        for index in 0..<Int(times) { text.copy(to: place.advanced(by: index * text.count)) }
        out.texts[row] = TextRef.over(place, count: text.count * Int(times))
    }

    /// To so many characters, cut or filled up with those of a text over and over.
    private func padded(_ isLeft: Bool, _ row: Int, _ instruction: Instruction, _ count: Int) {
        let out = registers[Int(instruction.out)]
        let fill = registers[Int(instruction.c)]
        if fill.isNull(row) { return setNull(row, instruction, count) }
        out.texts[row] = .empty
        let text = registers[Int(instruction.a)].texts[row]
        let wanted = registers[Int(instruction.b)].ints[row]
        guard wanted <= Self.madeMax / 4 else { return fail(row, .overflow, instruction) }
        let bytes = contiguous(text)
        var kept = 0
        var characters: Int64 = 0
        while kept < text.count && characters < wanted {
            kept += RegexMatcher.character(bytes, kept, text.count).1
            characters += 1
        }
        let missing = max(wanted - characters, 0)
        let pad = fill.texts[row]
        guard missing == 0 || pad.count > 0 else { return fail(row, .domain, instruction) }
        let padBytes = contiguous(pad)
        let place = scratch.take(max(kept + Int(missing) * 4, 1))
        var length = 0
        if !isLeft { append(bytes, 0..<kept, place, &length) }
        var at = 0
        for _ in 0..<Int(missing) {
            let width = RegexMatcher.character(padBytes, at, pad.count).1
            append(padBytes, at..<at + width, place, &length)
            at = at + width == pad.count ? 0 : at + width
        }
        if isLeft { append(bytes, 0..<kept, place, &length) }
        out.texts[row] = TextRef.over(place, count: length)
    }

    private func append(_ bytes: Memory, _ range: Range<Int>, _ place: Memory, _ length: inout Int) {
        if !range.isEmpty { place.advanced(by: length).copy(from: bytes.advanced(by: range.lowerBound), count: range.count) }
        length += range.count
    }

    /// Without the characters of a set at its left (bit 0 of `ends`) and its right (bit 1).
    private func trimmed(_ text: TextRef, _ set: TextRef, _ ends: Int64) -> TextRef {
        let (bytes, others) = (contiguous(text), contiguous(set))
        var low = 0
        var high = text.count
        while ends & 1 != 0 && low < high {
            let (character, width) = RegexMatcher.character(bytes, low, text.count)
            if place(of: character, others, set.count) == nil { break }
            low += width
        }
        while ends & 2 != 0 && high > low {
            var start = high - 1
            while start > low && bytes.load(start, as: UInt8.self) & 0xC0 == 0x80 { start -= 1 }
            if place(of: RegexMatcher.character(bytes, start, text.count).0, others, set.count) == nil { break }
            high = start
        }
        return TextRef.over(bytes.advanced(by: low), count: high - low)
    }

    /// Which character of a text it is, counted from 0.
    private func place(of character: UInt32, _ bytes: Memory, _ count: Int) -> Int? {
        var at = 0
        var number = 0
        while at < count {
            let (other, width) = RegexMatcher.character(bytes, at, count)
            if other == character { return number }
            at += width
            number += 1
        }
        return nil
    }

    /// Each character of a first set as the one at its place in a second, or none where that is shorter.
    private func translate(_ row: Int, _ instruction: Instruction, _ count: Int) {
        let to = registers[Int(instruction.c)]
        if to.isNull(row) { return setNull(row, instruction, count) }
        let text = registers[Int(instruction.a)].texts[row]
        let from = registers[Int(instruction.b)].texts[row]
        let (bytes, wanted, others) = (contiguous(text), contiguous(from), contiguous(to.texts[row]))
        let place = scratch.take(max(text.count * 4, 1))
        var length = 0
        var at = 0
        while at < text.count {
            let (character, width) = RegexMatcher.character(bytes, at, text.count)
            if let number = self.place(of: character, wanted, from.count) {
                if let range = range(number, others, to.texts[row].count) { append(others, range, place, &length) }
            } else {
                append(bytes, at..<at + width, place, &length)
            }
            at += width
        }
        registers[Int(instruction.out)].texts[row] = TextRef.over(place, count: length)
    }

    /// The bytes of a text's character at a place, counted from 0.
    private func range(_ number: Int, _ bytes: Memory, _ count: Int) -> Range<Int>? {
        var at = 0
        for _ in 0..<number where at < count { at += RegexMatcher.character(bytes, at, count).1 }
        return at < count ? at..<at + RegexMatcher.character(bytes, at, count).1 : nil
    }

    /// The shell's patterns: `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before what stands for itself. By bytes, as DuckDB's.
    private func isGlob(_ text: Memory, _ count: Int, _ pattern: Memory, _ patternCount: Int) -> Bool {
        var (at, place, retryAt, retryPlace) = (0, 0, 0, -1)
        while at < count {
            if place < patternCount, pattern.load(place, as: UInt8.self) == UInt8(ascii: "*") {
                retryPlace = place
                retryAt = at
                place += 1
            } else if place < patternCount, let next = globStep(text.load(at, as: UInt8.self), pattern, place, patternCount) {
                at += 1
                place = next
            } else if retryPlace >= 0 {
                retryAt += 1
                at = retryAt
                place = retryPlace + 1
            } else {
                return false
            }
        }
        while place < patternCount && pattern.load(place, as: UInt8.self) == UInt8(ascii: "*") { place += 1 }
        return place == patternCount
    }

    /// Where the pattern goes on when it takes the byte; nil when it does not.
    private func globStep(_ byte: UInt8, _ pattern: Memory, _ place: Int, _ count: Int) -> Int? {
        let wanted = pattern.load(place, as: UInt8.self)
        switch wanted {
        case UInt8(ascii: "?"): return place + 1
        case UInt8(ascii: "\\") where place + 1 < count: return pattern.load(place + 1, as: UInt8.self) == byte ? place + 2 : nil
        case UInt8(ascii: "["): return globSet(byte, pattern, place + 1, count)
        default: return wanted == byte ? place + 1 : nil
        }
    }

    private func globSet(_ byte: UInt8, _ pattern: Memory, _ start: Int, _ count: Int) -> Int? {
        var place = start
        let isNegated = place < count && pattern.load(place, as: UInt8.self) == UInt8(ascii: "!")
        if isNegated { place += 1 }
        var isIn = false
        var isFirst = true
        while place < count, isFirst || pattern.load(place, as: UInt8.self) != UInt8(ascii: "]") {
            isFirst = false
            let low = pattern.load(place, as: UInt8.self)
            var high = low
            if place + 2 < count, pattern.load(place + 1, as: UInt8.self) == UInt8(ascii: "-"), pattern.load(place + 2, as: UInt8.self) != UInt8(ascii: "]") {
                high = pattern.load(place + 2, as: UInt8.self)
                place += 2
            }
            isIn = isIn || byte >= low && byte <= high
            place += 1
        }
        return place < count && isIn != isNegated ? place + 1 : nil
    }

    /// Single bytes to put in, take out or exchange (Levenshtein 1966), a row of the table at a time.
    private func distance(_ a: TextRef, _ b: TextRef) -> Int64 {
        let row = scratch.take((b.count + 1) * 8).lane(Int64.self)
        for column in 0...b.count { row[column] = Int64(column) }
        for line in 0..<a.count {
            var diagonal = row[0]
            row[0] = Int64(line + 1)
            for column in 0..<b.count {
                let above = row[column + 1]
                let change = diagonal + (a.byte(line) == b.byte(column) ? 0 : 1)
                row[column + 1] = min(change, min(above, row[column]) + 1)
                diagonal = above
            }
        }
        return row[b.count]
    }
}
