// Finds functions (and accessors, initialisers, subscripts) by their braces: a brace opens a function when the text since
// the last statement boundary declares one and no function is open around it. Closures and nested functions count as
// part of the function that holds them.

struct FunctionSpan: Hashable {
    let name: String
    /// 1-based, inclusive: from the declaration's own line to its closing brace.
    let firstLine: Int
    let lastLine: Int
    var length: Int { lastLine - firstLine + 1 }
}

enum FunctionScanner {
    static func functions(in file: SourceFile) -> [FunctionSpan] {
        var walker = Walker(isSwift: file.isSwift)
        for byte in CodeText(file).bytes { walker.take(byte) }
        return walker.found
    }

    private struct Walker {
        let isSwift: Bool
        var found: [FunctionSpan] = []
        private var line = 1
        private var header: [UInt8] = []
        private var headerLine = 1
        private var parentheses = 0
        private var depth = 0
        private var open: (name: String, line: Int, depth: Int)?

        init(isSwift: Bool) { self.isSwift = isSwift }

        mutating func take(_ byte: UInt8) {
            switch byte {
            case 10:
                line += 1
                header.append(32)
                if isSwift && parentheses == 0 && open == nil && Walker.endsStatement(header) { reset() }
            case UInt8(ascii: "("): parentheses += 1; add(byte)
            case UInt8(ascii: ")"): parentheses -= 1; add(byte)
            case UInt8(ascii: "{"): openBrace()
            case UInt8(ascii: "}"): closeBrace()
            case UInt8(ascii: ";"): if parentheses == 0 { reset() }
            case UInt8(ascii: ":") where !isSwift && Walker.isLabel(header): reset()
            default: add(byte)
            }
        }

        private mutating func add(_ byte: UInt8) {
            if header.allSatisfy({ $0 == 32 }) {
                headerLine = line
                if byte == 32 { return }
            }
            header.append(byte)
        }

        private mutating func reset() {
            header.removeAll(keepingCapacity: true)
            headerLine = line
        }

        private mutating func openBrace() {
            if open == nil, let name = declaredName(String(decoding: header, as: UTF8.self)) {
                open = (name, headerLine, depth)
            }
            depth += 1
            reset()
        }

        private mutating func closeBrace() {
            depth -= 1
            if let inside = open, inside.depth == depth {
                found.append(FunctionSpan(name: inside.name, firstLine: inside.line, lastLine: line))
                open = nil
            }
            reset()
        }

        /// A Swift declaration may break its line after an operator, a comma or `where`; a stored property ends with its line.
        private static func endsStatement(_ header: [UInt8]) -> Bool {
            let words = String(decoding: header, as: UTF8.self).split(separator: " ")
            guard let first = words.first else { return true }
            if first.hasPrefix("@") || first.hasPrefix("#") { return false }
            return !words.contains { ["func", "init", "subscript", "deinit", "class", "struct", "enum", "extension", "protocol", "actor"].contains($0) || $0.hasPrefix("init") || $0.hasPrefix("subscript") }
        }

        /// `public:` and its like in a C++ class.
        private static func isLabel(_ header: [UInt8]) -> Bool {
            ["public", "private", "protected"].contains(String(decoding: header, as: UTF8.self).filter { $0 != " " })
        }

        private func declaredName(_ header: String) -> String? { isSwift ? swiftName(header) : cName(header) }

        private func swiftName(_ header: String) -> String? {
            let words = header.split(separator: " ").map(String.init)
            if let at = words.firstIndex(of: "func"), at + 1 < words.count { return Walker.name(words[at + 1]) }
            if words.contains("deinit") { return "deinit" }
            if let word = words.first(where: { $0.hasPrefix("init(") || $0.hasPrefix("init?(") || $0.hasPrefix("init<") }) {
                return Walker.name(word)
            }
            if words.contains(where: { $0.hasPrefix("subscript(") || $0.hasPrefix("subscript<") }) { return "subscript" }
            if let at = words.firstIndex(of: "var") ?? words.firstIndex(of: "let"), at + 1 < words.count {
                return Walker.name(words[at + 1])
            }
            return nil
        }

        private func cName(_ header: String) -> String? {
            let words = header.split(separator: " ").map(String.init)
            let holders: Set<String> = ["namespace", "class", "struct", "union", "enum", "extern"]
            guard header.contains("("), let first = words.first, !header.contains("= ") else { return nil }
            if holders.contains(first) && !header.contains(")") { return nil }
            let before = header.split(separator: "(")[0].split(separator: " ").last.map(String.init) ?? first
            return before.filter { $0 != "*" && $0 != "&" }
        }

        private static func name(_ word: String) -> String {
            String(word.prefix { $0 != "(" && $0 != "<" && $0 != ":" && $0 != "?" })
        }
    }
}
