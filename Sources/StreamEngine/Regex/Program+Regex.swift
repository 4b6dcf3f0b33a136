/// A compiled pattern and what is done with its matches, one a program.
final class RegexRunner {
    let call: RegexCall
    let matcher: RegexMatcher
    let pieces: [(text: [UInt8], group: Int?)]
    /// What is made of one row.
    var bytes: [UInt8] = []

    init?(_ call: RegexCall) {
        guard let pattern = call.compiled else { return nil }
        self.call = call
        matcher = RegexMatcher(pattern)
        if case .replace(let text, _) = call.kind { pieces = (RegexCall.pieces(text) ?? []).map { (Array($0.text.utf8), $0.group) } } else { pieces = [] }
    }

    /// Writes the text with its matches replaced to `bytes`; false where there is none.
    func replace(_ text: Memory, _ count: Int, all: Bool) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        var at = 0
        var lastEnd = -1
        var isFound = false
        while at <= count, matcher.find(text, count: count, from: at) {
            let (start, end) = (matcher.places[0], matcher.places[1])
            append(text, at..<start)
            if start == lastEnd && end == start {
                // No empty match right behind the last one: on by a character.
                if start >= count { break }
                let width = RegexMatcher.character(text, start, count).1
                append(text, start..<start + width)
                at = start + width
                continue
            }
            isFound = true
            for piece in pieces {
                if let group = piece.group {
                    let (low, high) = (matcher.places[group * 2], matcher.places[group * 2 + 1])
                    if low >= 0 && high >= low { append(text, low..<high) }
                } else {
                    bytes += piece.text
                }
            }
            at = end
            lastEnd = end
            if !all { break }
        }
        if isFound && at < count { append(text, at..<count) }
        return isFound
    }

    private func append(_ text: Memory, _ range: Range<Int>) { for index in range { bytes.append(text.load(index, as: UInt8.self)) } }
}

extension Program {
    func runRegex(_ instruction: Instruction, _ count: Int) {
        copyNulls(instruction, count)
        let a = registers[Int(instruction.a)]
        let out = registers[Int(instruction.out)]
        let runner = regexes[Int(instruction.aux)]
        for row in 0..<count where !a.isNull(row) {
            let text = a.texts[row]
            let bytes = contiguous(text)
            switch runner.call.kind {
            case .contains: out.bools[row] = runner.matcher.find(bytes, count: text.count) ? 1 : 0
            case .isWhole: out.bools[row] = runner.matcher.find(bytes, count: text.count, isWhole: true) ? 1 : 0
            case .extract(let group):
                out.texts[row] = .empty
                if runner.matcher.find(bytes, count: text.count) {
                    let (low, high) = (runner.matcher.places[group * 2], runner.matcher.places[group * 2 + 1])
                    if low >= 0 && high > low { out.texts[row] = TextRef.over(bytes.advanced(by: low), count: high - low) }
                }
            case .replace(_, let all): out.texts[row] = runner.replace(bytes, text.count, all: all) ? kept(runner.bytes) : text
            }
        }
    }

    /// A text's bytes, one behind the other.
    func contiguous(_ text: TextRef) -> Memory {
        if !text.isInline { return text.far }
        let place = scratch.take(16)
        text.copy(to: place)
        return place
    }

    func kept(_ bytes: [UInt8]) -> TextRef {
        let place = scratch.take(max(bytes.count, 1))
        var index = 0
        while index < bytes.count {
            place.store(bytes[index], at: index)
            index += 1
        }
        return TextRef.over(place, count: bytes.count)
    }
}
