internal import Base

extension Parser {
    /// A type: [schema.]name [(…)] [WITH TIME ZONE] [[]…]. Which types there are is not decided here.
    mutating func typeName() throws(LeibrixError) -> TypeName {
        let first = token
        let start = position
        _ = accept("setof")
        var name = try identifier("a type").name
        while token.kind == .dot {
            advance()
            name = try identifier("a type").name
        }
        name = typeWords(after: name)
        var modifiers: [Int] = []
        if token.kind == .leftParen { modifiers = try typeModifiers() }
        if name == "character" || name == "char" || name == "nchar", accept("varying") { name = "character varying" }
        name = zoneWords(after: name)
        let dimensions = try typeDimensions()
        return TypeName(
            name: name, modifiers: modifiers, dimensions: dimensions, range: first.start..<text.tokens[index - 1].end, position: start)
    }

    /// The second word of types that have two.
    private mutating func typeWords(after name: String) -> String {
        switch name {
        case "double" where accept("precision"): return "double precision"
        case "character" where accept("varying"), "char" where accept("varying"): return "character varying"
        case "bit" where accept("varying"): return "bit varying"
        case "national":
            guard accept("character") || accept("char") else { return name }
            return accept("varying") ? "character varying" : "character"
        case "interval":
            while ["year", "month", "day", "hour", "minute", "second", "to"].contains(where: { isAt($0) }) { advance() }
            return name
        default: return name
        }
    }

    private mutating func zoneWords(after name: String) -> String {
        guard ["timestamp", "time"].contains(name), isAt("with", "time") || isAt("without", "time") else { return name }
        let isWith = isAt("with")
        advance()
        advance()
        _ = accept("zone")
        return isWith ? name + " with time zone" : name
    }

    private mutating func typeModifiers() throws(LeibrixError) -> [Int] {
        let range = try balanced()
        var numbers: [Int] = []
        for token in text.tokens where token.start >= range.lowerBound && token.end <= range.upperBound && token.kind == .integer {
            numbers.append(Int(text.string(token)) ?? 0)
        }
        return numbers
    }

    private mutating func typeDimensions() throws(LeibrixError) -> Int {
        var dimensions = 0
        while token.kind == .leftBracket {
            advance()
            if token.kind == .integer { advance() }
            try expect(.rightBracket, "]")
            dimensions += 1
        }
        if dimensions == 0, accept("array") {
            dimensions = 1
            if accept(.leftBracket) {
                if token.kind == .integer { advance() }
                try expect(.rightBracket, "]")
            }
        }
        return dimensions
    }
}
