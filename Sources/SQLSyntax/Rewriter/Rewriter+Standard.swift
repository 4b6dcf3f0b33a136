// Calls that PostgreSQL writes and DuckDB has with another grammar:
//
//   FROM unnest(a, b) t(x, y)               -> (SELECT unnest(a), unnest(b)) t(x, y)
//   FROM string_to_table(s, ',') t          -> unnest(string_to_array(s, ',')) t(t)
//   FROM (VALUES (1, 2)) v                  -> … v(column1, column2)
internal import Base

extension Rewriter {
    /// Functions of several rows, and the one that gives their list.
    private static let sets = ["regexp_split_to_table": "regexp_split_to_array", "string_to_table": "string_to_array"]

    /// Rules for a function's name before a bracket; the call begins at `first`, at the name or at its schema.
    mutating func rewriteStandardCall(from first: Int, nameAt name: Int) -> Bool {
        guard kind(name) == .word else { return false }
        let word = text.lowered(token(at: name))
        if let list = Rewriter.sets[word] { return rewriteSet(list, word, from: first, nameAt: name) }
        return word == "unnest" && rewriteUnnest(from: first, nameAt: name)
    }

    /// Puts `opening` in the place of the call's name and bracket, and `close` before the token `end`.
    private mutating func open(from first: Int, nameAt name: Int, _ opening: String, close: String?, at end: Int) -> Bool {
        if let close { closeWith(close, at: end) }
        replace(first, name + 2, with: opening)
        selectLists.append(false)
        return true
    }

    /// What is put in at one place comes from the inside out.
    private mutating func closeWith(_ text: String, at end: Int) {
        pending.insert((end, text), at: pending.firstIndex { $0.index < end } ?? pending.count)
    }

    /// The commas between the arguments of the bracket at `open`.
    private func commas(_ open: Int) -> [Int] {
        var depth = 0
        var found: [Int] = []
        for index in open..<afterBracket(open) {
            switch kind(index) {
            case .leftParen, .leftBracket, .leftBrace: depth += 1
            case .rightParen, .rightBracket, .rightBrace: depth -= 1
            case .comma where depth == 1: found.append(index)
            default: break
            }
        }
        return found
    }

    private func isItemOfFrom(_ first: Int) -> Bool {
        if isWord(first - 1, "from") || isWord(first - 1, "join") || isWord(first - 1, "lateral") { return true }
        return kind(first - 1) == .comma && !selectLists[selectLists.count - 1]
    }

    // MARK: Functions of several rows

    private mutating func rewriteSet(_ list: String, _ word: String, from first: Int, nameAt name: Int) -> Bool {
        let end = afterBracket(name + 1)
        guard isItemOfFrom(first) else {
            let alias = isItemStart(first) && isItemEnd(end) ? " AS \(word)" : ""
            return open(from: first, nameAt: name, "unnest(\(list)(", close: ")" + alias, at: end)
        }
        let isCounted = isWord(end, "with") && isWord(end + 1, "ordinality")
        var alias = isCounted ? end + 2 : end
        if isWord(alias, "as") { alias += 1 }
        let aliasToken = token(at: alias)
        let isNamed = aliasToken.kind == .quotedWord || aliasToken.kind == .word && !Rewriter.afterFunction.contains(text.lowered(aliasToken))
        let counted = isCounted ? ", ordinality" : ""
        if !isNamed {
            closeWith(" AS \(word)(\(word)\(counted))", at: isCounted ? end + 2 : end)
        } else if kind(alias + 1) != .leftParen {
            closeWith("(\(text.string(aliasToken))\(counted))", at: alias + 1)
        }
        return open(from: first, nameAt: name, "unnest(\(list)(", close: ")", at: end)
    }

    private mutating func rewriteUnnest(from first: Int, nameAt name: Int) -> Bool {
        guard isItemOfFrom(first) else { return false }
        let commas = commas(name + 1)
        guard !commas.isEmpty else { return false }
        for comma in commas { swaps[comma] = "), unnest(" }
        return open(from: first, nameAt: name, "(SELECT unnest(", close: ")", at: afterBracket(name + 1))
    }

    // MARK: VALUES

    /// (VALUES …) alias, as an item of FROM: its columns are column1 and so on.
    mutating func nameValues() {
        guard isWord(index + 1, "values"), kind(index + 2) == .leftParen, isItemOfFrom(index) else { return }
        var alias = afterBracket(index)
        if isWord(alias, "as") { alias += 1 }
        let name = token(at: alias)
        guard name.kind == .quotedWord || name.kind == .word && !Rewriter.afterFunction.contains(text.lowered(name)), kind(alias + 1) != .leftParen else { return }
        let columns = (0...commas(index + 2).count).map { "column\($0 + 1)" }
        closeWith("(\(columns.joined(separator: ", ")))", at: alias + 1)
    }
}
