// What queries over pg_catalog write and DuckDB lacks or reads otherwise:
//
//   x = ANY(t.column)                -> list_contains(t.column, x): DuckDB has no subquery in an outer join's condition
//   FROM generate_series(…) s        -> … s(s): in PostgreSQL the alias of such a function names its column too
//   '{a,"b c"}'::text[]              -> ['a', 'b c']::text[]
//   json_agg(…)                      -> json_group_array(…), and others that have another name
//   xmin, tableoid                   -> numbers: hidden columns, which relations here do not have
//   CAST(x AS pg_catalog.text)       -> CAST(x AS text)
//   x::oid                           -> x::object_number, which is our type oid: DuckDB's is a BIGINT
internal import Base

extension Rewriter {
    private static let renamed = [
        "json_agg": "json_group_array", "jsonb_agg": "json_group_array", "every": "bool_and",
        "json_object_agg": "json_group_object", "jsonb_object_agg": "json_group_object", "to_jsonb": "to_json",
    ]
    private static let setFunctions: Set<String> = ["generate_series", "unnest", "generate_subscripts"]
    static let afterFunction: Set<String> = [
        "as", "where", "join", "left", "right", "inner", "cross", "full", "on", "order", "group", "limit", "union", "natural", "with",
        "tablesample", "window", "having", "except", "intersect", "offset", "fetch", "for", "using", "lateral", "positional", "asof",
        "semi", "anti", "qualify",
    ]
    private static let beforeOperand: Set<String> = ["where", "and", "or", "not", "on", "when", "select", "then", "else", "having", "case"]

    /// Rules for a word that no dot stands before. True if something was replaced.
    mutating func rewriteCatalogWord(_ token: Token) -> Bool {
        if rewriteMembership() || rewriteHiddenColumn() || rewriteTypeSchema() { return true }
        guard kind(index + 1) == .leftParen else { return false }
        if rewriteStandardCall(from: index, nameAt: index) { return true }
        nameFunctionColumn(nameAt: index)
        return rename(from: index, nameAt: index)
    }

    /// The same for a function behind pg_catalog's name, which begins at the token `first`.
    mutating func rewriteCatalogFunction(from first: Int, nameAt name: Int) -> Bool {
        if rewriteStandardCall(from: first, nameAt: name) { return true }
        nameFunctionColumn(nameAt: name)
        return rename(from: first, nameAt: name)
    }

    private mutating func rename(from first: Int, nameAt name: Int) -> Bool {
        guard kind(name) == .word, let other = Rewriter.renamed[text.lowered(token(at: name))] else { return false }
        replace(first, name + 1, with: other)
        return true
    }

    // MARK: x = ANY(column)

    private mutating func rewriteMembership() -> Bool {
        let operandEnd = endOfName(index)
        guard text.isSymbol(token(at: operandEnd), "="), isWord(operandEnd + 1, "any"), kind(operandEnd + 2) == .leftParen,
            isOperandStart(index), token(at: operandEnd + 3).isName
        else { return false }
        let close = endOfName(operandEnd + 3)
        guard kind(close) == .rightParen, !isWord(operandEnd + 3, "select") else { return false }
        let operand = text.string(token(at: index).start..<token(at: operandEnd - 1).end)
        let column = text.string(token(at: operandEnd + 3).start..<token(at: close - 1).end)
        replace(index, close + 1, with: "list_contains(\(column), \(operand))")
        return true
    }

    /// After name.name…
    private func endOfName(_ first: Int) -> Int {
        var end = first + 1
        while kind(end) == .dot, token(at: end + 1).isName { end += 2 }
        return end
    }

    /// Whether nothing before the token takes it as its own operand.
    private func isOperandStart(_ index: Int) -> Bool {
        switch kind(index - 1) {
        case .leftParen, .comma: true
        case .word: Rewriter.beforeOperand.contains(text.lowered(token(at: index - 1)))
        default: false
        }
    }

    // MARK: AS pg_catalog.type

    private mutating func rewriteTypeSchema() -> Bool {
        guard isWord(index, "as") else { return false }
        let isQualified = isWord(index + 1, "pg_catalog") && kind(index + 2) == .dot
        let type = index + (isQualified ? 3 : 1)
        if isName(token(at: type), "oid"), kind(type + 1) == .rightParen || kind(type + 1) == .leftBracket, isInCast(index) {
            replace(index + 1, type + 1, with: Rewriter.oidType)
            return true
        }
        guard isQualified else { return false }
        replace(index + 1, index + 3, with: "")
        return true
    }

    /// Whether the bracket around the token is that of CAST( or TRY_CAST(.
    private func isInCast(_ index: Int) -> Bool {
        var depth = 0
        for place in stride(from: index - 1, through: 0, by: -1) {
            switch kind(place) {
            case .rightParen: depth += 1
            case .leftParen where depth > 0: depth -= 1
            case .leftParen: return isWord(place - 1, "cast") || isWord(place - 1, "try_cast")
            default: break
            }
        }
        return false
    }

    // MARK: xmin, tableoid

    private static let hidden = ["xmin": "(1::xid)", "tableoid": "(0::\(oidType))"]

    private mutating func rewriteHiddenColumn() -> Bool {
        let end = endOfName(index)
        let name = text.lowered(token(at: end - 1))
        guard let value = Rewriter.hidden[name], kind(end) != .leftParen, end - index <= 3, !isWord(index - 1, "as"), namesCatalog else {
            return false
        }
        let alias = isItemStart(index) && isItemEnd(end) ? " AS \(name)" : ""
        replace(index, end, with: value + alias)
        return true
    }

    /// Whether a relation of pg_catalog is named: other relations may have columns of these names.
    private var namesCatalog: Bool {
        text.tokens.contains { $0.kind == .word && text.lowered($0).hasPrefix("pg_") }
    }

    // MARK: FROM f(…) alias

    /// Adds the column's name behind the alias, unless the text uses the function's name as its column's, as DuckDB has it.
    private mutating func nameFunctionColumn(nameAt name: Int) {
        guard !selectLists[selectLists.count - 1], kind(name) == .word else { return }
        let function = text.lowered(token(at: name))
        guard Rewriter.setFunctions.contains(function) else { return }
        var alias = afterBracket(name + 1)
        if isWord(alias, "as") { alias += 1 }
        let aliasToken = token(at: alias)
        guard aliasToken.isName, kind(alias + 1) != .leftParen, !usesAsColumn(function) else { return }
        guard aliasToken.kind != .word || !Rewriter.afterFunction.contains(text.lowered(aliasToken)) else { return }
        pending.insert((alias + 1, "(\(text.string(aliasToken)))"), at: insertionPoint(alias + 1))
    }

    /// `pending` is emptied from its end, so what comes first in the text stands last.
    private func insertionPoint(_ index: Int) -> Int {
        pending.firstIndex { $0.index <= index } ?? pending.count
    }

    private func usesAsColumn(_ function: String) -> Bool {
        for (position, token) in text.tokens.enumerated() where token.kind == .word && text.lowered(token) == function {
            if kind(position + 1) != .leftParen { return true }
        }
        return false
    }

    // MARK: '{…}'::type[]

    /// An array written as text, where an array type is asked for.
    mutating func rewriteArrayConstant(_ token: Token) -> Bool {
        guard text.bytes[token.start + 1] == 0x7B else { return false }
        // In brackets of its own as well: ('{1,2}')::int[].
        let cast = kind(index - 1) == .leftParen && kind(index + 1) == .rightParen ? index + 2 : index + 1
        guard kind(cast) == .cast || isWord(cast, "as"), token.end - token.start > 2, kind(endOfType(cast + 1)) == .leftBracket else { return false }
        guard let value = text.stringValue(token), let array = ArrayText.sql(value) else { return false }
        replace(index, index + 1, with: array)
        return true
    }

    /// '\\x0aff'::bytea: the engine writes each byte '\\x0a\\xff'.
    mutating func rewriteBytesConstant(_ token: Token) -> Bool {
        guard token.end - token.start >= 4, text.bytes[token.start + 1] == 0x5C, text.bytes[token.start + 2] == 0x78, kind(index + 1) == .cast,
            isWord(index + 2, "bytea"), kind(index + 3) != .leftBracket, let value = text.stringValue(token)
        else { return false }
        let digits = Array(value.utf8.dropFirst(2))
        guard digits.count % 2 == 0, digits.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0 & 0xDF) }) else { return false }
        var bytes = "'"
        for place in stride(from: 0, to: digits.count, by: 2) { bytes += "\\x" + String(decoding: digits[place...place + 1], as: UTF8.self) }
        replace(index, index + 3, with: bytes + "'::BLOB")
        return true
    }

    /// A pattern with a backslash escapes with it, unless ESCAPE says otherwise.
    mutating func rewriteLikePattern(_ token: Token) -> Bool {
        guard !isWord(index + 1, "escape"), let pattern = text.stringValue(token), pattern.contains("\\") else { return false }
        pending.append((index + 1, " ESCAPE '\\'"))
        return false
    }

    /// After a type's words, as in pg_catalog.int2 or character varying.
    private func endOfType(_ first: Int) -> Int {
        var end = first
        while token(at: end).isName || kind(end) == .dot { end += 1 }
        return end
    }
}

/// PostgreSQL's text of an array.
public enum ArrayText {
    /// As DuckDB's list of strings; nil when it is not well-formed.
    public static func sql(_ text: String) -> String? {
        var rest = Array(text.unicodeScalars)[...]
        guard let list = list(&rest), rest.isEmpty else { return nil }
        return list
    }

    private static func list(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
        guard rest.popFirst() == "{" else { return nil }
        var items: [String] = []
        skipBlanks(&rest)
        if rest.first == "}" {
            rest.removeFirst()
            return "[]"
        }
        while true {
            skipBlanks(&rest)
            guard let item = rest.first == "{" ? list(&rest) : item(&rest) else { return nil }
            items.append(item)
            skipBlanks(&rest)
            switch rest.popFirst() {
            case ",": continue
            case "}": return "[\(items.joined(separator: ", "))]"
            default: return nil
            }
        }
    }

    private static func skipBlanks(_ rest: inout ArraySlice<Unicode.Scalar>) {
        while rest.first?.properties.isWhitespace == true { rest.removeFirst() }
    }

    private static func item(_ rest: inout ArraySlice<Unicode.Scalar>) -> String? {
        var value = String.UnicodeScalarView()
        let isQuoted = rest.first == "\""
        if isQuoted { rest.removeFirst() }
        while let scalar = rest.first, isQuoted ? scalar != "\"" : scalar != "," && scalar != "}" {
            rest.removeFirst()
            if scalar == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            } else {
                if !isQuoted, scalar == "{" || scalar == "\"" { return nil }
                value.append(scalar)
            }
        }
        if isQuoted { guard rest.popFirst() == "\"" else { return nil } }
        var plain = String(value)
        if !isQuoted {
            while plain.last?.isWhitespace == true { plain.removeLast() }
            if plain.isEmpty { return nil }
            if plain.lowercased() == "null" { return "NULL" }
        }
        return sqlString(plain)
    }
}
