internal import Base

extension Parser {
    private static let sequenceWords = [
        "as", "increment", "minvalue", "maxvalue", "no", "start", "restart", "cache", "cycle", "owned", "sequence", "logged", "unlogged",
    ]

    /// What may stand behind a sequence's name, in any order.
    mutating func sequenceOptions() throws(LeibrixError) -> SequenceOptions {
        var options = SequenceOptions()
        while token.kind == .word, Parser.sequenceWords.contains(text.lowered(token)) {
            switch try expectOne(of: Parser.sequenceWords) {
            case "as": options.type = try typeName()
            case "increment":
                _ = accept("by")
                options.increment = try signedInteger()
            case "minvalue": options.minimum = .some(try signedInteger())
            case "maxvalue": options.maximum = .some(try signedInteger())
            case "no":
                switch try expectOne(of: ["minvalue", "maxvalue", "cycle"]) {
                case "minvalue": options.minimum = .some(nil)
                case "maxvalue": options.maximum = .some(nil)
                default: options.cycle = false
                }
            case "start":
                _ = accept("with")
                options.start = try signedInteger()
            case "restart":
                let hasValue = accept("with") || token.kind == .integer || text.isSymbol(token, "-")
                options.restart = .some(hasValue ? try signedInteger() : nil)
            case "cache": options.cache = try signedInteger()
            case "cycle": options.cycle = true
            case "owned":
                try expect("by")
                options.ownedBy = accept("none") ? .some(nil) : .some(try objectName("a column", partsMax: 4))
            case "sequence":
                try expect("name")
                _ = try objectName("a sequence")
            default: throw refusal(of: "an unlogged sequence", "Leave LOGGED and UNLOGGED out.", at: position)
            }
        }
        return options
    }

    /// After CREATE [TEMP] SEQUENCE.
    mutating func createSequence(isTemporary: Bool) throws(LeibrixError) -> TableStatement {
        let exists = try ifNotExists()
        let name = try objectName("a sequence")
        let options = try sequenceOptions()
        try expectEnd()
        return .createSequence(name, ifNotExists: exists, isTemporary: isTemporary, options)
    }

    /// After ALTER SEQUENCE.
    mutating func alterSequence() throws(LeibrixError) -> TableStatement {
        let exists = try ifExists()
        let name = try objectName("a sequence")
        if let action = try commonAction() {
            try expectEnd()
            return .alter(AlterTable(kind: .sequence, name: name, ifExists: exists, actions: [action]))
        }
        let options = try sequenceOptions()
        guard options != SequenceOptions() else { throw unexpected(oneOf: Parser.sequenceWords) }
        try expectEnd()
        return .alterSequence(name, ifExists: exists, options)
    }
}
