// Text by its UTF-8, as DuckDB reads it: ordered by bytes, LIKE's `_` one code point, no escape character of its own.

enum TextMatch {
    static func order(_ x: String, _ y: String) -> Int {
        var (x, y) = (x, y)
        return x.withUTF8 { a in
            y.withUTF8 { b in
                let shared = min(a.count, b.count)
                var index = 0
                while index < shared {
                    let (left, right) = unsafe (a[index], b[index])
                    if left != right { return left < right ? -1 : 1 }
                    index += 1
                }
                return a.count - b.count
            }
        }
    }

    static func like(_ text: String, _ pattern: String, ignoresCase: Bool) -> Bool {
        ignoresCase
            ? like(Array(ScalarProgram.lowered(text).utf8), Array(ScalarProgram.lowered(pattern).utf8))
            : like(Array(text.utf8), Array(pattern.utf8))
    }

    /// Greedy with one place to come back to, the last `%`: O(text * pattern) at worst, no recursion.
    private static func like(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
        var (t, p) = (0, 0)
        var (starPattern, starText) = (-1, 0)
        while t < text.count {
            if p < pattern.count, pattern[p] == UInt8(ascii: "%") {
                starPattern = p
                starText = t
                p += 1
            } else if p < pattern.count, pattern[p] == UInt8(ascii: "_") {
                t += codePointLength(text, t)
                p += 1
            } else if p < pattern.count, pattern[p] == text[t] {
                t += 1
                p += 1
            } else if starPattern >= 0 {
                starText += 1
                t = starText
                p = starPattern + 1
            } else {
                return false
            }
        }
        while p < pattern.count, pattern[p] == UInt8(ascii: "%") { p += 1 }
        return p == pattern.count
    }

    private static func codePointLength(_ text: [UInt8], _ index: Int) -> Int {
        var end = index + 1
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return end - index
    }
}

extension ScalarProgram {
    static func text(_ function: TextFunction, _ text: String) -> Scalar {
        switch function {
        case .lower: .string(lowered(text))
        case .upper: .string(raised(text))
        case .length: .integer(Int64(text.unicodeScalars.count))
        case .octetLength: .integer(Int64(text.utf8.count))
        case .trim: .string(trimmed(text, front: true, back: true))
        case .leftTrim: .string(trimmed(text, front: true, back: false))
        case .rightTrim: .string(trimmed(text, front: false, back: true))
        }
    }

    /// Code point by code point, as DuckDB does: one never becomes two.
    static func lowered(_ text: String) -> String { mapped(text) { $0.properties.lowercaseMapping } }
    static func raised(_ text: String) -> String {
        mapped(text) { $0 == "\u{DF}" ? "\u{1E9E}" : $0.properties.uppercaseMapping }
    }

    private static func mapped(_ text: String, _ mapping: (Unicode.Scalar) -> String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let image = mapping(scalar).unicodeScalars
            out.append(image.count == 1 ? image[image.startIndex] : scalar)
        }
        return String(out)
    }

    private static func trimmed(_ text: String, front: Bool, back: Bool) -> String {
        var slice = text.utf8[...]
        if front { slice = slice.drop { $0 == 0x20 } }
        while back, slice.last == 0x20 { slice = slice.dropLast() }
        return String(Substring(slice))
    }

    /// Code points from 1; a start before the text counts from its end, 0 is the place before the first.
    static func substring(_ text: Scalar, _ from: Scalar, _ length: Scalar?) -> Scalar {
        guard case .string(let text) = text, case .integer(let from) = from else { return .null }
        let count = Int64(text.unicodeScalars.count)
        var (start, end) = (from > 0 ? from - 1 : from < 0 ? count &+ from : -1, count)
        if let length {
            guard case .integer(let length) = length else { return .null }
            let (stop, overflow) = start.addingReportingOverflow(length)
            end = overflow ? (length < 0 ? 0 : count) : stop
            if end < start { swap(&start, &end) }
        }
        start = max(0, min(start, count))
        end = max(0, min(end, count))
        guard start < end else { return .string("") }
        return .string(String(String.UnicodeScalarView(text.unicodeScalars.dropFirst(Int(start)).prefix(Int(end - start)))))
    }
}
