internal import Base

extension Parser {
    mutating func transaction(_ word: String) throws(LeibrixError) -> TransactionStatement {
        advance()
        switch word {
        case "begin": return .begin(try beginModes(), isStart: false)
        case "start":
            try expect("transaction")
            return .begin(try transactionModes(), isStart: true)
        case "commit", "end": return .commit(chain: try chain())
        case "savepoint":
            let name = try identifier("a savepoint")
            try expectEnd()
            return .savepoint(name)
        case "release":
            _ = accept("savepoint")
            let name = try identifier("a savepoint")
            try expectEnd()
            return .release(name)
        default: return try rollback()
        }
    }

    private mutating func beginModes() throws(LeibrixError) -> TransactionModes {
        if !accept("transaction") { _ = accept("work") }
        return try transactionModes()
    }

    private mutating func rollback() throws(LeibrixError) -> TransactionStatement {
        if isAt("prepared") { throw twoPhase() }
        if !accept("transaction") { _ = accept("work") }
        guard accept("to") else { return .rollback(chain: try chain()) }
        _ = accept("savepoint")
        let name = try identifier("a savepoint")
        try expectEnd()
        return .rollbackTo(name)
    }

    private mutating func chain() throws(LeibrixError) -> Bool {
        if isAt("prepared") { throw twoPhase() }
        if !accept("transaction") { _ = accept("work") }
        var chain = false
        if accept("and") {
            chain = !accept("no")
            try expect("chain")
        }
        try expectEnd()
        return chain
    }

    func twoPhase() -> LeibrixError {
        LeibrixError(
            .notSupported, "two-phase commit is not supported", hint: "Use COMMIT and ROLLBACK.", position: position)
    }

    /// ISOLATION LEVEL x, READ ONLY, READ WRITE, [NOT] DEFERRABLE, with or without commas, to the end.
    mutating func transactionModes() throws(LeibrixError) -> TransactionModes {
        var modes = TransactionModes()
        while !isAtEnd && token.kind != .semicolon {
            if accept("isolation", "level") {
                modes.isolation = try isolationLevel()
            } else if accept("read") {
                modes.readOnly = try expectOne(of: ["only", "write"]) == "only"
            } else if accept("not", "deferrable") {
                modes.deferrable = false
            } else if accept("deferrable") {
                modes.deferrable = true
            } else {
                throw unexpected(oneOf: ["isolation", "read", "deferrable"])
            }
            if accept(.comma), isAtEnd { throw unexpected(wanted: "a transaction mode") }
        }
        return modes
    }

    private mutating func isolationLevel() throws(LeibrixError) -> IsolationLevel {
        switch try expectOne(of: ["serializable", "repeatable", "read"]) {
        case "serializable": return .serializable
        case "repeatable":
            try expect("read")
            return .repeatableRead
        default:
            return try expectOne(of: ["committed", "uncommitted"]) == "committed" ? .readCommitted : .readUncommitted
        }
    }
}
