/// Cuts SQL into tokens: PostgreSQL's lexical rules with DuckDB's additions ({ } [ ] : := lambda arrows, $name).
///
/// Total: every sequence of bytes gives tokens, of which each covers at least one byte, none overlap, and the last is
/// `end`. What cannot be lexed is a token of kind `other` or `unterminated`. Linear in the length of the text.
struct Lexer {
    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The byte `offset` after the current one, or 0 past the end. A zero byte begins no token, so the two may be mixed.
    @inline(__always)
    func peek(_ offset: Int = 0) -> UInt8 {
        let index = position &+ offset
        return index < bytes.count ? bytes[index] : 0
    }

    mutating func next() -> Token {
        if let unterminated = skipBlanks() { return unterminated }
        guard position < bytes.count else { return Token(.end, bytes.count..<bytes.count) }
        let start = position
        let byte = bytes[start]
        switch Lexer.classes[Int(byte)] {
        case .letter: return word(from: start, first: byte)
        case .digit: return number(from: start)
        case .symbol: return symbol(from: start)
        case .single(let kind): return take(kind, start, 1)
        case .quote: return quoted(.string, quote: 0x27, from: start, open: 1)
        case .doubleQuote: return quoted(.quotedWord, quote: 0x22, from: start, open: 1)
        case .dollar: return dollar(from: start)
        case .dot: return dot(from: start)
        case .colon: return colon(from: start)
        case .blank, .unknown: return take(.other, start, 1)
        }
    }

    private mutating func take(_ kind: Token.Kind, _ start: Int, _ length: Int) -> Token {
        position = start + length
        return Token(kind, start..<position)
    }

    /// The rest of the text as one unterminated token.
    mutating func unterminated(from start: Int) -> Token {
        position = bytes.count
        return Token(.unterminated, start..<bytes.count)
    }

    /// Moves past blanks and comments; comments nest. Gives a token only for a comment that does not end.
    private mutating func skipBlanks() -> Token? {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) {
                position &+= 1
            } else if byte == 0x2D && peek(1) == 0x2D {
                while position < bytes.count && bytes[position] != 0x0A && bytes[position] != 0x0D { position &+= 1 }
            } else if byte == 0x2F && peek(1) == 0x2A {
                let start = position
                guard skipComment() else { return unterminated(from: start) }
            } else {
                return nil
            }
        }
        return nil
    }

    private mutating func skipComment() -> Bool {
        var depth = 0
        while position < bytes.count {
            if bytes[position] == 0x2F && peek(1) == 0x2A {
                depth += 1
                position += 2
            } else if bytes[position] == 0x2A && peek(1) == 0x2F {
                depth -= 1
                position += 2
                if depth == 0 { return true }
            } else {
                position += 1
            }
        }
        return false
    }

    private mutating func word(from start: Int, first: UInt8) -> Token {
        let lowered = first | 0x20
        let following = peek(1)
        if following == 0x27 {
            switch lowered {
            case 0x65: return escapeString(from: start)
            case 0x62: return quoted(.bitString, quote: 0x27, from: start, open: 2)
            case 0x78: return quoted(.hexString, quote: 0x27, from: start, open: 2)
            case 0x6E: return quoted(.string, quote: 0x27, from: start, open: 2)
            default: break
            }
        }
        if lowered == 0x75 && following == 0x26 {
            if peek(2) == 0x27 { return quoted(.unicodeString, quote: 0x27, from: start, open: 3) }
            if peek(2) == 0x22 { return quoted(.unicodeWord, quote: 0x22, from: start, open: 3) }
        }
        while position < bytes.count && Lexer.continuesWord(bytes[position]) { position &+= 1 }
        return Token(.word, start..<position)
    }

    private mutating func dot(from start: Int) -> Token {
        let afterName = start > 0 && (Lexer.continuesWord(bytes[start - 1]) || bytes[start - 1] == 0x22
            || bytes[start - 1] == 0x29 || bytes[start - 1] == 0x5D)
        if !afterName && Lexer.isDigit(peek(1)) { return number(from: start) }
        return take(.dot, start, 1)
    }

    private mutating func colon(from start: Int) -> Token {
        switch peek(1) {
        case 0x3A: take(.cast, start, 2)
        case 0x3D: take(.assign, start, 2)
        default: take(.colon, start, 1)
        }
    }

    /// A run of operator characters, cut before a comment. As in PostgreSQL, a run of more than one does not end with
    /// + or - unless it holds one of ~ ! @ # % ^ & | ` ?, so that `2*-1` reads as it looks.
    private mutating func symbol(from start: Int) -> Token {
        var end = start
        var special = false
        while end < bytes.count, Lexer.classes[Int(bytes[end])] == .symbol {
            let byte = bytes[end]
            let following = end + 1 < bytes.count ? bytes[end + 1] : 0
            if (byte == 0x2D && following == 0x2D) || (byte == 0x2F && following == 0x2A) { break }
            special = special || Lexer.isSpecialSymbol(byte)
            end += 1
        }
        if !special {
            while end - start > 1 && (bytes[end - 1] == 0x2B || bytes[end - 1] == 0x2D) { end -= 1 }
        }
        return take(.symbol, start, end - start)
    }

    mutating func move(to index: Int) { position = index }
}

extension Lexer {
    enum ByteClass: Equatable {
        case unknown, blank, letter, digit, symbol, quote, doubleQuote, dollar, dot, colon
        case single(Token.Kind)
    }

    static let classes: [ByteClass] = (0...255).map { byteClass(UInt8($0)) }

    private static func byteClass(_ byte: UInt8) -> ByteClass {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x5F, 0x80...0xFF: .letter
        case 0x30...0x39: .digit
        case 0x09...0x0D, 0x20: .blank
        case 0x27: .quote
        case 0x22: .doubleQuote
        case 0x24: .dollar
        case 0x2E: .dot
        case 0x3A: .colon
        case 0x28: .single(.leftParen)
        case 0x29: .single(.rightParen)
        case 0x5B: .single(.leftBracket)
        case 0x5D: .single(.rightBracket)
        case 0x7B: .single(.leftBrace)
        case 0x7D: .single(.rightBrace)
        case 0x2C: .single(.comma)
        case 0x3B: .single(.semicolon)
        case 0x2B, 0x2D, 0x2A, 0x2F, 0x3C, 0x3E, 0x3D: .symbol
        default: isSpecialSymbol(byte) ? .symbol : .unknown
        }
    }

    /// ~ ! @ # % ^ & | ` ?
    static func isSpecialSymbol(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x7E, 0x21, 0x40, 0x23, 0x25, 0x5E, 0x26, 0x7C, 0x60, 0x3F: true
        default: false
        }
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    @inline(__always)
    static func startsWord(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == 0x5F || byte >= 0x80
    }

    @inline(__always)
    static func continuesWord(_ byte: UInt8) -> Bool { startsWord(byte) || isDigit(byte) || byte == 0x24 }
}
