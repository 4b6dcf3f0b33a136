// Source text with comments and the insides of literals blanked: what is left is code, at the same offsets and lines.
// Enough of Swift's and C++'s lexical grammar for rules that look for words and braces; it does not parse.

struct CodeText {
    private(set) var bytes: [UInt8]
    private let source: [UInt8]
    private var at = 0
    private let isSwift: Bool

    init(_ file: SourceFile) {
        source = file.text
        bytes = file.text
        isSwift = file.isSwift
        scan(untilCloseParenthesis: false)
    }

    var lines: [String] { SourceFile.lines(of: bytes) }

    private func peek(_ ahead: Int = 0) -> UInt8 { at + ahead < source.count ? source[at + ahead] : 0 }

    private func starts(_ word: String) -> Bool {
        let utf8 = Array(word.utf8)
        return at + utf8.count <= source.count && source[at..<at + utf8.count].elementsEqual(utf8)
    }

    private mutating func blank() {
        if source[at] != 10 { bytes[at] = 32 }
        at += 1
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where at < source.count { blank() }
    }

    /// Walks code; inside a string's interpolation it stops at the parenthesis that closes it.
    private mutating func scan(untilCloseParenthesis: Bool) {
        var depth = 0
        while at < source.count {
            switch peek() {
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"): while at < source.count, peek() != 10 { blank() }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): skipBlockComment()
            case UInt8(ascii: "#") where isSwift && hashesBeforeQuote() > 0: skipString(hashes: hashesBeforeQuote())
            case UInt8(ascii: "R") where !isSwift && peek(1) == UInt8(ascii: "\""): skipRawCString()
            case UInt8(ascii: "\""): skipString(hashes: 0)
            case UInt8(ascii: "'") where !isSwift && !isDigitSeparator: skipCharacter()
            case UInt8(ascii: "("): depth += 1; at += 1
            case UInt8(ascii: ")"):
                if untilCloseParenthesis && depth == 0 { return }
                depth -= 1
                at += 1
            default: at += 1
            }
        }
    }

    /// C++14's 1'000'000.
    private var isDigitSeparator: Bool {
        guard at > 0 else { return false }
        let before = source[at - 1]
        return (48...57).contains(before) && (48...57).contains(peek(1))
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                blank(2)
                if !isSwift && depth > 1 { depth = 1 }
            } else if starts("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while at < source.count && depth > 0
    }

    private func hashesBeforeQuote() -> Int {
        var count = 0
        while peek(count) == UInt8(ascii: "#") { count += 1 }
        return peek(count) == UInt8(ascii: "\"") ? count : 0
    }

    private mutating func skipString(hashes: Int) {
        blank(hashes)
        let fence = String(repeating: "#", count: hashes)
        let isLong = isSwift && starts("\"\"\"")
        let quote = isLong ? "\"\"\"" : "\""
        blank(quote.utf8.count)
        while at < source.count, !starts(quote + fence) {
            if isSwift && starts("\\" + fence + "(") {
                blank(2 + hashes)
                scan(untilCloseParenthesis: true)
                if at < source.count { blank() }
            } else if starts("\\" + fence) {
                blank(2 + hashes)
            } else if peek() == 10 && !isLong {
                return
            } else {
                blank()
            }
        }
        blank(quote.utf8.count + hashes)
    }

    private mutating func skipRawCString() {
        var delimiter = [UInt8]()
        var cursor = at + 2
        while cursor < source.count, source[cursor] != UInt8(ascii: "(") { delimiter.append(source[cursor]); cursor += 1 }
        let end = ")" + String(decoding: delimiter, as: UTF8.self) + "\""
        while at < source.count, !starts(end) { blank() }
        blank(end.utf8.count)
    }

    private mutating func skipCharacter() {
        blank()
        while at < source.count, peek() != UInt8(ascii: "'"), peek() != 10 { blank(peek() == UInt8(ascii: "\\") ? 2 : 1) }
        blank()
    }
}
