extension Lexer {
    /// From the opening quote, `open` bytes after `start`, to its closing one; a doubled quote is part of the text.
    mutating func quoted(_ kind: Token.Kind, quote: UInt8, from start: Int, open: Int) -> Token {
        var index = start + open
        while index < bytes.count {
            if bytes[index] == quote {
                guard index + 1 < bytes.count, bytes[index + 1] == quote else {
                    move(to: index + 1)
                    return Token(kind, start..<index + 1)
                }
                index += 2
            } else {
                index += 1
            }
        }
        return unterminated(from: start)
    }

    /// E'…', where a backslash takes the next byte with it.
    mutating func escapeString(from start: Int) -> Token {
        var index = start + 2
        while index < bytes.count {
            switch bytes[index] {
            case 0x5C: index += 2
            case 0x27:
                guard index + 1 < bytes.count, bytes[index + 1] == 0x27 else {
                    move(to: index + 1)
                    return Token(.escapeString, start..<index + 1)
                }
                index += 2
            default: index += 1
            }
        }
        return unterminated(from: start)
    }

    /// $1, $$…$$, $tag$…$tag$ or $name.
    mutating func dollar(from start: Int) -> Token {
        var index = start + 1
        if Lexer.isDigit(peek(1)) {
            while index < bytes.count && Lexer.isDigit(bytes[index]) { index += 1 }
            move(to: index)
            return Token(.parameter, start..<index)
        }
        if index < bytes.count && Lexer.startsWord(bytes[index]) {
            while index < bytes.count && bytes[index] != 0x24 && Lexer.continuesWord(bytes[index]) { index += 1 }
        }
        if index < bytes.count && bytes[index] == 0x24 {
            return dollarString(from: start, bodyAt: index + 1)
        }
        move(to: index)
        return Token(index == start + 1 ? .other : .namedParameter, start..<index)
    }

    private mutating func dollarString(from start: Int, bodyAt body: Int) -> Token {
        let tagLength = body - start
        var index = body
        while index + tagLength <= bytes.count {
            if bytes[index] == 0x24, bytes[index..<index + tagLength].elementsEqual(bytes[start..<body]) {
                move(to: index + tagLength)
                return Token(.dollarString, start..<index + tagLength)
            }
            index += 1
        }
        return unterminated(from: start)
    }

    /// Digits with underscores between them, a fraction, an exponent; or 0x, 0o, 0b and their digits.
    mutating func number(from start: Int) -> Token {
        if bytes[start] == 0x30, let end = radixEnd(from: start) {
            move(to: end)
            return Token(.integer, start..<end)
        }
        var kind = Token.Kind.integer
        var index = digitsEnd(from: start)
        if index < bytes.count && bytes[index] == 0x2E && !(index + 1 < bytes.count && bytes[index + 1] == 0x2E) {
            kind = .number
            index = digitsEnd(from: index + 1)
        }
        if let end = exponentEnd(from: index) {
            kind = .number
            index = end
        }
        move(to: index)
        return Token(kind, start..<index)
    }

    private func digitsEnd(from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if Lexer.isDigit(bytes[index]) {
                index += 1
            } else if bytes[index] == 0x5F && index > start && index + 1 < bytes.count && Lexer.isDigit(bytes[index + 1]) {
                index += 2
            } else {
                break
            }
        }
        return index
    }

    private func exponentEnd(from start: Int) -> Int? {
        guard start < bytes.count, bytes[start] | 0x20 == 0x65 else { return nil }
        var index = start + 1
        if index < bytes.count && (bytes[index] == 0x2B || bytes[index] == 0x2D) { index += 1 }
        let end = digitsEnd(from: index)
        return end > index ? end : nil
    }

    private func radixEnd(from start: Int) -> Int? {
        guard start + 2 < bytes.count else { return nil }
        let accepts: (UInt8) -> Bool
        switch bytes[start + 1] | 0x20 {
        case 0x78: accepts = { Lexer.isDigit($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) }
        case 0x6F: accepts = { $0 >= 0x30 && $0 <= 0x37 }
        case 0x62: accepts = { $0 == 0x30 || $0 == 0x31 }
        default: return nil
        }
        var index = start + 2
        while index < bytes.count && (accepts(bytes[index]) || bytes[index] == 0x5F) { index += 1 }
        return index > start + 2 ? index : nil
    }
}
