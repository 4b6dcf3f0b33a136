internal import Base

extension Parser {
    /// (name [=] value, …). A name alone is true, as in PostgreSQL.
    mutating func options() throws(LeibrixError) -> [StatementOption] {
        let opening = position
        try expect(.leftParen, "(")
        var options: [StatementOption] = []
        if accept(.rightParen) { return [] }
        repeat {
            let option = try oneOption()
            if options.contains(where: { $0.name.name == option.name.name }) {
                throw LeibrixError(
                    .invalidOption, "option \"\(option.name.name)\" is given twice", hint: "Keep one of them.",
                    position: option.name.position)
            }
            options.append(option)
            guard options.count <= SyntaxLimits.optionsMax else {
                throw LeibrixError(.limitExceeded, "more than \(SyntaxLimits.optionsMax) options", position: opening)
            }
        } while accept(.comma)
        guard accept(.rightParen) else { throw unexpected(wanted: "\",\" or \")\"") }
        return options
    }

    private mutating func oneOption() throws(LeibrixError) -> StatementOption {
        var name = try identifier("an option")
        name.name = name.name.lowercased()
        while token.kind == .dot {
            advance()
            name.name += "." + (try identifier("the rest of the option's name")).name.lowercased()
        }
        let hasSign = acceptSymbol("=") || acceptSymbol("=>")
        let at = position
        if !hasSign && (token.kind == .comma || token.kind == .rightParen) {
            return StatementOption(name: name, value: .boolean(true), position: name.position)
        }
        return StatementOption(name: name, value: try optionValue(), position: at)
    }

    private mutating func optionValue() throws(LeibrixError) -> OptionValue {
        let token = token
        switch token.kind {
        case .string, .escapeString, .unicodeString, .dollarString:
            guard let value = text.stringValue(token) else { throw unexpected(wanted: "a string without a bad escape") }
            advance()
            return .string(value)
        case .integer, .number: return try numberValue(negative: false)
        case .symbol where text.isSymbol(token, "-"):
            advance()
            return try numberValue(negative: true)
        case .symbol where text.isSymbol(token, "*"):
            advance()
            return .word("*")
        case .leftBracket, .leftParen: return try listValue()
        case .word, .quotedWord, .unicodeWord: return try wordValue()
        default: throw unexpected(wanted: "a value")
        }
    }

    private mutating func wordValue() throws(LeibrixError) -> OptionValue {
        let bare = token.kind == .word
        let name = try identifier("a value").name
        guard bare else { return .word(name) }
        switch name {
        case "true", "on", "yes": return .boolean(true)
        case "false", "off", "no": return .boolean(false)
        case "null": return .null
        default: return .word(name)
        }
    }

    private mutating func numberValue(negative: Bool) throws(LeibrixError) -> OptionValue {
        let shown = text.string(token).filter { $0 != "_" }
        guard token.kind == .integer || token.kind == .number else { throw unexpected(wanted: "a number") }
        if token.kind == .integer, let value = Int64(negative ? "-" + shown : shown) {
            advance()
            return .integer(value)
        }
        guard let value = Double(shown), value.isFinite else {
            throw LeibrixError(.invalidOption, "\(text.excerpt(token)) is not a number this option can take", position: position)
        }
        advance()
        return .decimal(negative ? -value : value)
    }

    private mutating func listValue() throws(LeibrixError) -> OptionValue {
        let closing: Token.Kind = token.kind == .leftBracket ? .rightBracket : .rightParen
        advance()
        var values: [OptionValue] = []
        if accept(closing) { return .list([]) }
        repeat { values.append(try optionValue()) } while accept(.comma)
        try expect(closing, closing == .rightBracket ? "]" : ")")
        return .list(values)
    }
}
