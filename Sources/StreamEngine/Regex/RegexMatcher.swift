// Tries a pattern's instructions at a text, each at each place once (as RE2's bit-state search): in the order of preference, so the match found
// is the leftmost and, of those, the one that a backtracking matcher would take.

final class RegexMatcher {
    private let pattern: RegexPattern
    private let code: [RegexPattern.Instruction]
    /// Begin and end of the match and of each group; -1 for none.
    private(set) var places: [Int]
    private var visited: [UInt64] = []
    private var stack: [Job] = []
    private let ignoresCase: Bool

    /// An instruction to try at a place, or (where `pc` is negative) a place of a group to put back.
    private struct Job {
        var pc: Int
        var at: Int
    }

    init(_ pattern: RegexPattern) {
        self.pattern = pattern
        code = pattern.code
        ignoresCase = pattern.ignoresCase
        places = Array(repeating: -1, count: (pattern.groups + 1) * 2)
    }

    /// Finds the first match from a place on; `isWhole`: which must be the whole text.
    func find(_ text: Memory, count: Int, from start: Int = 0, isWhole: Bool = false) -> Bool {
        let words = (code.count * (count + 1) + 63) / 64
        if visited.count < words { visited = Array(repeating: 0, count: words) } else { for index in 0..<words { visited[index] = 0 } }
        var at = start
        while at <= count {
            if run(text, count, at, isWhole) { return true }
            if isWhole { return false }
            at += 1
            while at < count && text.load(at, as: UInt8.self) & 0xC0 == 0x80 { at += 1 }
        }
        return false
    }

    private func run(_ text: Memory, _ count: Int, _ start: Int, _ isWhole: Bool) -> Bool {
        for index in places.indices { places[index] = -1 }
        stack.removeAll(keepingCapacity: true)
        stack.append(Job(pc: 0, at: start))
        while let job = stack.popLast() {
            if job.pc < 0 {
                places[-job.pc - 1] = job.at
                continue
            }
            if follow(job, text, count, isWhole) { return true }
        }
        return false
    }

    private func follow(_ job: Job, _ text: Memory, _ count: Int, _ isWhole: Bool) -> Bool {
        var (pc, at) = (job.pc, job.at)
        while true {
            let bit = pc * (count + 1) + at
            if visited[bit >> 6] >> UInt64(bit & 63) & 1 == 1 { return false }
            visited[bit >> 6] |= 1 << UInt64(bit & 63)
            switch code[pc] {
            case .match: return !isWhole || at == count
            case .jump(let to): pc = to
            case .split(let first, let second):
                stack.append(Job(pc: second, at: at))
                pc = first
            case .save(let place):
                stack.append(Job(pc: -place - 1, at: places[place]))
                places[place] = at
                pc += 1
            case .check(let check):
                guard holds(check, text, count, at) else { return false }
                pc += 1
            case .character, .any, .set:
                guard at < count else { return false }
                let (character, width) = Self.character(text, at, count)
                guard takes(code[pc], character) else { return false }
                at += width
                pc += 1
            }
        }
    }

    private func takes(_ instruction: RegexPattern.Instruction, _ character: UInt32) -> Bool {
        switch instruction {
        case .character(let wanted): return wanted == (ignoresCase ? RegexPattern.folded(character) : character)
        case .any(let newlineToo): return newlineToo || character != 10
        case .set(let number):
            let set = pattern.sets[number]
            guard ignoresCase else { return set.contains(character) }
            let lower = RegexPattern.folded(character)
            let upper = (97...122).contains(lower) ? lower - 32 : character
            if set.isNegated { return set.contains(lower) && set.contains(upper) && set.contains(character) }
            return set.contains(lower) || set.contains(upper) || set.contains(character)
        default: return false
        }
    }

    private func holds(_ check: RegexPattern.Check, _ text: Memory, _ count: Int, _ at: Int) -> Bool {
        switch check {
        case .textStart: at == 0
        case .textEnd: at == count
        case .wordEdge: isWord(text, count, at - 1) != isWord(text, count, at)
        case .notWordEdge: isWord(text, count, at - 1) == isWord(text, count, at)
        }
    }

    private func isWord(_ text: Memory, _ count: Int, _ at: Int) -> Bool {
        guard at >= 0 && at < count else { return false }
        let byte = text.load(at, as: UInt8.self)
        return (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
    }

    /// The code point at a place of UTF-8, and its bytes.
    static func character(_ text: Memory, _ at: Int, _ count: Int) -> (UInt32, Int) {
        let first = UInt32(text.load(at, as: UInt8.self))
        let width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        if width == 1 || at + width > count { return (first, 1) }
        var character = first & (0xFF >> UInt32(width + 1))
        for index in 1..<width { character = character << 6 | UInt32(text.load(at + index, as: UInt8.self)) & 0x3F }
        return (character, width)
    }
}
