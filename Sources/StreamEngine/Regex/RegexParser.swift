/// Reads a pattern into a tree.
struct RegexParser {
    indirect enum Node {
        case empty
        case character(UInt32)
        case any(newlineToo: Bool)
        case set(Int)
        case check(RegexPattern.Check)
        case sequence([Node])
        case either([Node])
        case group(Int, Node)
        case repeated(Node, Int, Int?, isLazy: Bool)
    }

    private let text: [UInt32]
    private var at = 0
    private let dotAll: Bool
    private var depth = 0
    private(set) var groups = 0
    private(set) var sets: [RegexPattern.Set] = []
    private(set) var ignoresCase = false

    init(_ pattern: String, dotAll: Bool) {
        text = pattern.unicodeScalars.map(\.value)
        self.dotAll = dotAll
    }

    private static func code(_ character: Character) -> UInt32 { character.unicodeScalars.first?.value ?? 0 }

    private func sees(_ characters: String) -> Bool {
        let wanted = characters.unicodeScalars.map(\.value)
        return at + wanted.count <= text.count && Array(text[at..<at + wanted.count]) == wanted
    }

    private mutating func take(_ characters: String) -> Bool {
        guard sees(characters) else { return false }
        at += characters.unicodeScalars.count
        return true
    }

    mutating func parse() -> Node? {
        // Flags stand at the beginning alone.
        if take("(?i)") { ignoresCase = true }
        guard let node = either(), at == text.count else { return nil }
        return node
    }

    private mutating func either() -> Node? {
        depth += 1
        defer { depth -= 1 }
        guard depth < 200 else { return nil }
        var options: [Node] = []
        repeat {
            guard let option = sequence() else { return nil }
            options.append(option)
        } while take("|")
        return options.count == 1 ? options[0] : .either(options)
    }

    private mutating func sequence() -> Node? {
        var parts: [Node] = []
        while at < text.count && !sees("|") && !sees(")") {
            guard let atom = atom(), let part = repeated(atom) else { return nil }
            parts.append(part)
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func repeated(_ atom: Node) -> Node? {
        var node = atom
        var isRepeated = false
        while let (least, most) = quantifier() {
            // RE2 takes no repetition of a repetition without parentheses.
            if isRepeated { return nil }
            if let most, most < least || most > 1_000 { return nil }
            if least > 1_000 { return nil }
            node = .repeated(node, least, most, isLazy: take("?"))
            isRepeated = true
        }
        return node
    }

    private mutating func quantifier() -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard sees("{") else { return nil }
        let start = at
        at += 1
        guard let least = number() else {
            at = start
            return nil
        }
        if take("}") { return (least, least) }
        if take(",") {
            if take("}") { return (least, nil) }
            if let most = number(), take("}") { return (least, most) }
        }
        at = start
        return nil
    }

    private mutating func number() -> Int? {
        var value: Int?
        while at < text.count, (48...57).contains(text[at]), (value ?? 0) < 100_000 {
            value = (value ?? 0) * 10 + Int(text[at] - 48)
            at += 1
        }
        return value
    }

    private mutating func atom() -> Node? {
        if take("(") { return group() }
        if take("[") { return bracket() }
        if take(".") { return .any(newlineToo: dotAll) }
        if take("^") { return .check(.textStart) }
        if take("$") { return .check(.textEnd) }
        if take("\\") { return escape() }
        if sees("*") || sees("+") || sees("?") { return nil }
        at += 1
        return .character(text[at - 1])
    }

    private mutating func group() -> Node? {
        var number: Int?
        if take("?:") {
        } else if take("?P<") || take("?<") {
            while at < text.count && text[at] != Self.code(">") { at += 1 }
            guard take(">") else { return nil }
            groups += 1
            number = groups
        } else if sees("?") {
            return nil
        } else {
            groups += 1
            number = groups
        }
        guard let inner = either(), take(")") else { return nil }
        return number.map { .group($0, inner) } ?? .sequence([inner])
    }

    // MARK: sets

    private static let digits: [ClosedRange<UInt32>] = [48...57]
    private static let word: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
    private static let space: [ClosedRange<UInt32>] = [9...10, 12...13, 32...32]
    private static let named: [String: [ClosedRange<UInt32>]] = [
        "alpha": [65...90, 97...122], "digit": digits, "alnum": [48...57, 65...90, 97...122], "upper": [65...90], "lower": [97...122], "space": [9...13, 32...32],
        "punct": [33...47, 58...64, 91...96, 123...126], "xdigit": [48...57, 65...70, 97...102], "word": word, "blank": [9...9, 32...32], "cntrl": [0...31, 127...127],
        "print": [32...126], "graph": [33...126], "ascii": [0...127],
    ]

    private mutating func add(_ ranges: [ClosedRange<UInt32>], isNegated: Bool = false) -> Node {
        sets.append(RegexPattern.Set(ranges: ranges, isNegated: isNegated))
        return .set(sets.count - 1)
    }

    private static func inverted(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        result.append(next...0x10FFFF)
        return result
    }

    /// What a letter behind a backslash stands for among characters.
    private static func class_(_ letter: UInt32) -> [ClosedRange<UInt32>]? {
        switch letter {
        case code("d"): digits
        case code("w"): word
        case code("s"): space
        case code("D"): inverted(digits)
        case code("W"): inverted(word)
        case code("S"): inverted(space)
        default: nil
        }
    }

    private mutating func escape() -> Node? {
        guard at < text.count else { return nil }
        if let ranges = Self.class_(text[at]) {
            at += 1
            return add(ranges)
        }
        if take("b") { return .check(.wordEdge) }
        if take("B") { return .check(.notWordEdge) }
        if take("A") { return .check(.textStart) }
        if take("z") { return .check(.textEnd) }
        return escaped().map { .character($0) }
    }

    private mutating func escaped() -> UInt32? {
        guard at < text.count else { return nil }
        let letter = text[at]
        at += 1
        switch letter {
        case Self.code("n"): return 10
        case Self.code("t"): return 9
        case Self.code("r"): return 13
        case Self.code("f"): return 12
        case Self.code("v"): return 11
        case Self.code("a"): return 7
        case Self.code("x"): return hexadecimal()
        default:
            // Letters and digits mean something, or nothing.
            let isPlain = letter < 128 && !(48...57).contains(letter) && !(65...90).contains(letter) && !(97...122).contains(letter)
            return isPlain ? letter : nil
        }
    }

    private mutating func hexadecimal() -> UInt32? {
        let isLong = take("{")
        var digits = ""
        while at < text.count, digits.count < (isLong ? 6 : 2), let scalar = Unicode.Scalar(text[at]), Character(scalar).isHexDigit {
            digits.append(Character(scalar))
            at += 1
        }
        if isLong && !take("}") || !isLong && digits.count != 2 { return nil }
        return UInt32(digits, radix: 16)
    }

    private mutating func bracket() -> Node? {
        let isNegated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while isFirst || !sees("]") {
            guard at < text.count else { return nil }
            isFirst = false
            if sees("[:") {
                guard let found = posix() else { return nil }
                ranges += found
                continue
            }
            if sees("\\"), at + 1 < text.count, let known = Self.class_(text[at + 1]) {
                at += 2
                ranges += known
                continue
            }
            guard let low = member() else { return nil }
            guard sees("-"), at + 1 < text.count, text[at + 1] != Self.code("]") else {
                ranges.append(low...low)
                continue
            }
            at += 1
            guard let high = member(), high >= low else { return nil }
            ranges.append(low...high)
        }
        at += 1
        return add(ranges, isNegated: isNegated)
    }

    private mutating func member() -> UInt32? {
        if take("\\") { return escaped() }
        guard at < text.count else { return nil }
        at += 1
        return text[at - 1]
    }

    private mutating func posix() -> [ClosedRange<UInt32>]? {
        at += 2
        let isNegated = take("^")
        var name = ""
        while at < text.count, let scalar = Unicode.Scalar(text[at]), Character(scalar).isLetter {
            name.append(Character(scalar))
            at += 1
        }
        guard take(":]"), let ranges = Self.named[name] else { return nil }
        return isNegated ? Self.inverted(ranges) : ranges
    }
}
