// More functions of texts, and regular expressions.
internal import Base
internal import Columnar
internal import SQLPlanning

extension Binder {
    static let moreTextNames: Set<String> = [
        "reverse", "repeat", "lpad", "rpad", "ascii", "unicode", "ord", "chr", "strlen", "bit_length", "concat_ws", "trim", "ltrim", "rtrim", "translate", "left", "right",
        "~~*", "!~~*", "ilike_escape", "like_escape", "not_like_escape", "~~~", "^@", "hex", "to_hex", "levenshtein", "editdist3", "array_extract", "regexp_matches", "regexp_full_match",
        "regexp_extract", "regexp_replace",
    ]

    private static func isText(_ scalar: Scalar) -> Bool { scalar.type.base == .varchar || scalar.type.base == .null }
    private static func int(_ number: Int64) -> Scalar { .constant(.integer(number), .bigInt) }

    static func moreText(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        guard moreTextNames.contains(name), let first = arguments.first else { return nil }
        if name == "chr" {
            guard arguments.count == 1, first.type.isInteger, let code = Typing.cast(first, to: .bigInt) else { return nil }
            return .call(.moreText(.char), [code], .varchar)
        }
        if name == "concat_ws" { return joined(arguments) }
        guard isText(first) else { return nil }
        if name.hasPrefix("regexp_") { return regex(name, arguments) }
        return arguments.count == 1 ? ofOne(name, first) : counted(name, arguments) ?? ofTexts(name, arguments)
    }

    private static func ofOne(_ name: String, _ text: Scalar) -> Scalar? {
        switch name {
        case "reverse": .call(.moreText(.reverse), [text], .varchar)
        case "ascii": .call(.moreText(.code), [text], .integer)
        case "unicode", "ord": .call(.moreText(.unicode), [text], .integer)
        case "strlen": .call(.moreText(.bytes), [text], .bigInt)
        case "bit_length": .call(.multiply, [.call(.moreText(.bytes), [text], .bigInt), int(8)], .bigInt)
        case "hex", "to_hex": .call(.moreText(.hex), [text], .varchar)
        default: nil
        }
    }

    /// Those whose second argument is a number.
    private static func counted(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        guard arguments.count >= 2, arguments[1].type.isInteger, let number = Typing.cast(arguments[1], to: .bigInt) else { return nil }
        let text = arguments[0]
        let length = Scalar.call(.length, [text], .bigInt)
        let isNegative = Scalar.call(.less, [number, int(0)], .boolean)
        switch (name, arguments.count) {
        case ("repeat", 2): return .call(.moreText(.repeated), [text, number], .varchar)
        case ("lpad", 3) where isText(arguments[2]): return .call(.moreText(.padLeft), [text, number, arguments[2]], .varchar)
        case ("rpad", 3) where isText(arguments[2]): return .call(.moreText(.padRight), [text, number, arguments[2]], .varchar)
        case ("left", 2):
            let count = Scalar.choose([.init(isNegative, atLeastZero(.call(.add, [length, number], .bigInt)))], otherwise: number, .bigInt)
            return .call(.substring, [text, int(1), count], .varchar)
        case ("right", 2):
            let kept = atLeastZero(.choose([.init(isNegative, .call(.add, [length, number], .bigInt))], otherwise: number, .bigInt))
            let start = Scalar.call(.add, [atLeastZero(.call(.subtract, [length, kept], .bigInt)), int(1)], .bigInt)
            return .call(.substring, [text, start, kept], .varchar)
        case ("array_extract", 2):
            guard case .constant(.integer(let place), _) = number, place >= 1 else { return nil }
            return .call(.substring, [text, number, int(1)], .varchar)
        default: return nil
        }
    }

    private static func atLeastZero(_ number: Scalar) -> Scalar {
        .choose([.init(.call(.less, [number, int(0)], .boolean), int(0))], otherwise: number, .bigInt)
    }

    private static func ofTexts(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        guard arguments.allSatisfy(isText) else { return nil }
        let lower = { (text: Scalar) in Scalar.call(.lower, [text], .varchar) }
        switch (name, arguments.count) {
        case ("trim", 2): return .call(.moreText(.trimSet), arguments + [int(3)], .varchar)
        case ("ltrim", 2): return .call(.moreText(.trimSet), arguments + [int(1)], .varchar)
        case ("rtrim", 2): return .call(.moreText(.trimSet), arguments + [int(2)], .varchar)
        case ("translate", 3): return .call(.moreText(.translate), arguments, .varchar)
        case ("~~*", 2): return .call(.like, [lower(arguments[0]), lower(arguments[1])], .boolean)
        case ("!~~*", 2): return .call(.not, [.call(.like, [lower(arguments[0]), lower(arguments[1])], .boolean)], .boolean)
        case ("like_escape", 3), ("not_like_escape", 3):
            guard case .constant(.string(let pattern), _) = arguments[1], case .constant(.string(let escape), _) = arguments[2], let made = escaped(pattern, escape) else { return nil }
            let whole = Scalar.call(.regex(RegexCall(kind: .isWhole, pattern: made, dotAll: true)), [arguments[0]], .boolean)
            return name == "like_escape" ? whole : .call(.not, [whole], .boolean)
        case ("~~~", 2): return .call(.moreText(.glob), arguments, .boolean)
        case ("^@", 2): return .call(.startsWith, arguments, .boolean)
        case ("levenshtein", 2), ("editdist3", 2): return .call(.moreText(.levenshtein), arguments, .bigInt)
        default: return nil
        }
    }

    /// LIKE with an escape as a regular expression.
    private static func escaped(_ pattern: String, _ escape: String) -> String? {
        guard escape.count <= 1 else { return nil }
        var result = ""
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            var literal = character
            if character == escape.first {
                guard let next = rest.popFirst() else { return nil }
                literal = next
            } else if character == "%" || character == "_" {
                result += character == "%" ? ".*" : "."
                continue
            }
            let isPlain = literal.isLetter || literal.isNumber || !literal.isASCII
            result += (isPlain ? "" : "\\") + String(literal)
        }
        return result
    }

    /// CONCAT_WS: what is NULL is left out, its separator too.
    private static func joined(_ arguments: [Scalar]) -> Scalar? {
        guard arguments.count >= 2, isText(arguments[0]) else { return nil }
        let separator = arguments[0]
        var whole = Scalar.null(.varchar)
        for argument in arguments.dropFirst() {
            guard let piece = Typing.cast(argument, to: .varchar) else { return nil }
            let both = Scalar.call(.concat, [.call(.concat, [whole, separator], .varchar), piece], .varchar)
            whole = .choose([.init(.call(.isNull, [piece], .boolean), whole), .init(.call(.isNull, [whole], .boolean), piece)], otherwise: both, .varchar)
        }
        let filled = Scalar.choose([.init(.call(.isNotNull, [whole], .boolean), whole)], otherwise: .constant(.string(""), .varchar), .varchar)
        return .choose([.init(.call(.isNotNull, [separator], .boolean), filled)], otherwise: .null(.varchar), .varchar)
    }

    // MARK: regular expressions

    private static func regex(_ name: String, _ arguments: [Scalar]) -> Scalar? {
        var texts: [String] = []
        var group = 0
        for argument in arguments.dropFirst() {
            switch argument {
            case .constant(.string(let text), _): texts.append(text)
            case .constant(.integer(let number), _) where name == "regexp_extract": group = Int(clamping: number)
            default: return nil
            }
        }
        let own = name == "regexp_replace" ? 2 : 1
        guard texts.count >= own, texts.count <= own + 1 else { return nil }
        let options = texts.count > own ? texts[own] : ""
        guard options.allSatisfy({ "cisg".contains($0) }), !options.contains("g") || name == "regexp_replace" else { return nil }
        let kind: RegexCall.Kind
        switch name {
        case "regexp_matches": kind = .contains
        case "regexp_full_match": kind = .isWhole
        case "regexp_extract": kind = .extract(group)
        default: kind = .replace(texts[1], all: options.contains("g"))
        }
        let call = RegexCall(kind: kind, pattern: texts[0], ignoresCase: options.contains("i"), dotAll: options.contains("s"))
        guard call.compiled != nil else { return nil }
        return .call(.regex(call), [arguments[0]], name == "regexp_matches" || name == "regexp_full_match" ? .boolean : .varchar)
    }
}
