/// A call of a regular expression whose pattern is a constant.
struct RegexCall: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Whether it is somewhere in the text, or is all of it.
        case contains, isWhole
        /// The text of a group of the first match; empty where there is none.
        case extract(Int)
        /// The first match, or all, by a text in which \0 to \9 stand for groups.
        case replace(String, all: Bool)
    }

    var kind: Kind
    var pattern: String
    var ignoresCase = false
    var dotAll = false

    /// nil where the pattern, or what it is to be used for, is not understood.
    var compiled: RegexPattern? {
        guard let made = RegexPattern(pattern, ignoresCase: ignoresCase, dotAll: dotAll) else { return nil }
        switch kind {
        case .contains, .isWhole: return made
        case .extract(let group): return (0...made.groups).contains(group) ? made : nil
        case .replace(let text, _): return Self.pieces(text).map { $0.allSatisfy { $0.group ?? 0 <= made.groups } } == true ? made : nil
        }
    }

    /// A replacement's parts: texts, and numbers of groups.
    static func pieces(_ text: String) -> [(text: String, group: Int?)]? {
        var pieces: [(text: String, group: Int?)] = []
        var literal = ""
        var rest = Substring(text)
        while let character = rest.popFirst() {
            guard character == "\\" else {
                literal.append(character)
                continue
            }
            guard let next = rest.popFirst() else { return nil }
            if next == "\\" {
                literal.append("\\")
            } else if let digit = next.wholeNumberValue, next.isASCII {
                pieces.append((literal, nil))
                pieces.append(("", digit))
                literal = ""
            } else {
                return nil
            }
        }
        pieces.append((literal, nil))
        return pieces.filter { $0.group != nil || !$0.text.isEmpty }
    }
}
