internal import Base

extension Parser {
    mutating func prepared(_ word: String) throws(LeibrixError) -> PreparedStatementCommand {
        let start = position
        advance()
        switch word {
        case "prepare":
            if isAt("transaction") { throw twoPhase() }
            let name = try identifier("a prepared statement")
            let types = token.kind == .leftParen ? try typeList() : []
            try expect("as")
            guard !isAtEnd else { throw unexpected(wanted: "a statement") }
            return .prepare(name, types: types, body: rest())
        case "execute":
            let name = try identifier("a prepared statement")
            let arguments = token.kind == .leftParen ? try expressionList() : []
            try expectEnd()
            return .execute(name, arguments: arguments, position: start)
        default:
            _ = accept("prepare")
            if accept("all") {
                try expectEnd()
                return .deallocateAll
            }
            let name = try identifier("a prepared statement")
            try expectEnd()
            return .deallocate(name)
        }
    }

    private mutating func typeList() throws(LeibrixError) -> [String] {
        try expressionList().map { text.string($0) }
    }

    /// (a, b, …): the bytes of each element. Commas inside brackets of any kind belong to the element.
    private mutating func expressionList() throws(LeibrixError) -> [Range<Int>] {
        let opening = position
        try expect(.leftParen, "(")
        var elements: [Range<Int>] = []
        if accept(.rightParen) { return [] }
        while true {
            let start = token
            var depth = 0
            var last = token
            while depth > 0 || (token.kind != .comma && token.kind != .rightParen) {
                switch token.kind {
                case .leftParen, .leftBracket, .leftBrace: depth += 1
                case .rightParen, .rightBracket, .rightBrace: depth -= 1
                case .end: throw LeibrixError(.syntax, "a bracket is not closed", hint: "Add a \")\".", position: opening)
                default: break
                }
                last = token
                advance()
            }
            guard last.end > start.start, start != token else { throw unexpected(wanted: "an expression") }
            elements.append(start.start..<last.end)
            if accept(.rightParen) { return elements }
            try expect(.comma, ",")
        }
    }

    mutating func cursor(_ word: String) throws(LeibrixError) -> CursorStatement {
        advance()
        switch word {
        case "declare": return try declare()
        case "close":
            if accept("all") {
                try expectEnd()
                return .closeAll
            }
            let name = try identifier("a cursor")
            try expectEnd()
            return .close(name)
        default:
            let direction = try cursorDirection()
            if !accept("from") { _ = accept("in") }
            let name = try identifier("a cursor")
            try expectEnd()
            return word == "fetch" ? .fetch(name, direction) : .move(name, direction)
        }
    }

    private mutating func declare() throws(LeibrixError) -> CursorStatement {
        let name = try identifier("a cursor")
        var binary = false
        var scroll = false
        while !isAt("cursor") {
            switch try expectOne(of: ["binary", "insensitive", "asensitive", "no", "scroll", "cursor"]) {
            case "binary": binary = true
            case "no":
                try expect("scroll")
                scroll = false
            case "scroll": scroll = true
            default: break
            }
        }
        try expect("cursor")
        var hold = false
        if accept("with") {
            try expect("hold")
            hold = true
        } else if accept("without") {
            try expect("hold")
        }
        try expect("for")
        guard !isAtEnd else { throw unexpected(wanted: "a query") }
        return .declare(name, binary: binary, scroll: scroll, hold: hold, query: rest())
    }

    /// [NEXT | PRIOR | FIRST | LAST | ABSOLUTE n | RELATIVE n | n | ALL | FORWARD [n | ALL] | BACKWARD [n | ALL]]
    private mutating func cursorDirection() throws(LeibrixError) -> CursorDirection {
        if isLastName { return .forward(1) }
        if accept("next") { return .forward(1) }
        if accept("prior") { return .backward(1) }
        if accept("first") { return .first }
        if accept("last") { return .last }
        if accept("all") { return .forward(nil) }
        if accept("absolute") { return .absolute(try signedNumber()) }
        if accept("relative") { return .relative(try signedNumber()) }
        if accept("forward") { return try counted { .forward($0) } }
        if accept("backward") { return try counted { .backward($0) } }
        if token.kind == .integer || token.kind == .symbol {
            let count = try signedNumber()
            return count < 0 ? .backward(-count) : .forward(count)
        }
        return .forward(1)
    }

    /// FETCH name: the name is the last token, whatever word it is.
    private var isLastName: Bool { token.isName && token(after: 1).kind == .end }

    private mutating func counted(_ make: (Int?) -> CursorDirection) throws(LeibrixError) -> CursorDirection {
        if accept("all") { return make(nil) }
        if token.kind == .integer || token.kind == .symbol {
            let count = try signedNumber()
            if count < 0 { if case .forward = make(1) { return .backward(-count) } else { return .forward(-count) } }
            return make(count)
        }
        return make(1)
    }

    mutating func signedNumber() throws(LeibrixError) -> Int {
        let negative = acceptSymbol("-")
        if !negative { _ = acceptSymbol("+") }
        guard token.kind == .integer, let value = Int(text.string(token)) else { throw unexpected(wanted: "a whole number") }
        advance()
        return negative ? -value : value
    }
}
