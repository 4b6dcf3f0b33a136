// A regular expression in RE2's syntax, as far as streams take it: no back references and no looking around, so that a match costs no more
// than pattern times text. Compiled once to the instructions of a backtracking machine.

/// What a pattern is compiled to.
struct RegexPattern {
    enum Instruction {
        case character(UInt32)
        case any(newlineToo: Bool)
        case set(Int)
        /// First tried, then tried.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        case check(Check)
        case match
    }

    enum Check { case textStart, textEnd, wordEdge, notWordEdge }

    /// Code points in ranges, or all but them.
    struct Set {
        var ranges: [ClosedRange<UInt32>] = []
        var isNegated = false

        func contains(_ character: UInt32) -> Bool {
            for range in ranges where range.contains(character) { return !isNegated }
            return isNegated
        }
    }

    fileprivate(set) var code: [Instruction] = []
    fileprivate(set) var sets: [Set] = []
    /// Groups in parentheses.
    fileprivate(set) var groups = 0
    fileprivate(set) var ignoresCase: Bool

    /// Instructions a pattern may have: {n,m} repeats its part.
    private static let codeMax = 10_000

    /// nil for what is no pattern, or none that is understood. `dotAll`: a dot is a line's end too.
    init?(_ pattern: String, ignoresCase: Bool, dotAll: Bool) {
        self.ignoresCase = ignoresCase
        var parser = RegexParser(pattern, dotAll: dotAll)
        guard let tree = parser.parse() else { return nil }
        self.ignoresCase = ignoresCase || parser.ignoresCase
        groups = parser.groups
        sets = parser.sets
        code.append(.save(0))
        guard emit(tree) else { return nil }
        code += [.save(1), .match]
    }

    /// As compared where case does not matter.
    static func folded(_ character: UInt32) -> UInt32 {
        if character < 128 { return (65...90).contains(character) ? character + 32 : character }
        guard let scalar = Unicode.Scalar(character) else { return character }
        let lower = scalar.properties.lowercaseMapping.unicodeScalars
        return lower.count == 1 ? lower.first?.value ?? character : character
    }

    private mutating func emit(_ node: RegexParser.Node) -> Bool {
        if code.count > Self.codeMax { return false }
        switch node {
        case .empty: break
        case .character(let character): code.append(.character(ignoresCase ? Self.folded(character) : character))
        case .any(let newlineToo): code.append(.any(newlineToo: newlineToo))
        case .set(let number): code.append(.set(number))
        case .check(let check): code.append(.check(check))
        case .sequence(let parts): for part in parts where !emit(part) { return false }
        case .group(let number, let inner):
            code.append(.save(number * 2))
            guard emit(inner) else { return false }
            code.append(.save(number * 2 + 1))
        case .either(let options): return emit(options)
        case .repeated(let inner, let least, let most, let isLazy): return emit(inner, least, most, isLazy)
        }
        return true
    }

    private mutating func emit(_ options: [RegexParser.Node]) -> Bool {
        var ends: [Int] = []
        for (index, option) in options.enumerated() {
            let isLast = index == options.count - 1
            let split = code.count
            if !isLast { code.append(.split(0, 0)) }
            guard emit(option) else { return false }
            if isLast { continue }
            ends.append(code.count)
            code.append(.jump(0))
            code[split] = .split(split + 1, code.count)
        }
        for end in ends { code[end] = .jump(code.count) }
        return true
    }

    private mutating func emit(_ inner: RegexParser.Node, _ least: Int, _ most: Int?, _ isLazy: Bool) -> Bool {
        for _ in 0..<least where !emit(inner) { return false }
        guard let most else {
            let split = code.count
            code.append(.split(0, 0))
            guard emit(inner) else { return false }
            code.append(.jump(split))
            code[split] = isLazy ? .split(code.count, split + 1) : .split(split + 1, code.count)
            return true
        }
        var splits: [Int] = []
        for _ in least..<most {
            splits.append(code.count)
            code.append(.split(0, 0))
            guard emit(inner) else { return false }
        }
        for split in splits { code[split] = isLazy ? .split(code.count, split + 1) : .split(split + 1, code.count) }
        return true
    }
}
