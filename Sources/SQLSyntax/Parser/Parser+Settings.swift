internal import Base

extension Parser {
    mutating func set() throws(LeibrixError) -> Statement {
        advance()
        if accept("constraints") {
            let names = accept("all") ? [] : try objectNames("a constraint")
            let isDeferred = try expectOne(of: ["deferred", "immediate"]) == "deferred"
            try expectEnd()
            return .transaction(.setConstraints(names, isDeferred: isDeferred))
        }
        if accept("transaction") {
            let at = position
            if isAt("snapshot") {
                throw LeibrixError(.notSupported, "snapshots cannot be imported", hint: "Use ISOLATION LEVEL REPEATABLE READ.", position: at)
            }
            return .transaction(.setTransaction(try nonemptyModes(), position: at))
        }
        if isAt("session", "characteristics") {
            advance()
            advance()
            try expect("as")
            try expect("transaction")
            return .transaction(.setSessionCharacteristics(try nonemptyModes()))
        }
        if isAt("session", "authorization") || isAt("role") { return .refused(identityChange()) }
        var scope = SettingScope.session
        if !nextIsAssignment {
            if accept("local") { scope = .local } else { _ = accept("session") || accept("global") }
        }
        return .setting(try assignment(scope))
    }

    private var nextIsAssignment: Bool {
        let next = token(after: 1)
        return text.isSymbol(next, "=") || text.isWord(next, "to")
    }

    private mutating func identityChange() -> RefusedStatement {
        RefusedStatement(
            reason: .permission, command: isAt("role") ? "SET ROLE" : "SET SESSION AUTHORIZATION",
            hint: "Connect as the other user.", position: text.position(text.tokens[0]))
    }

    private mutating func nonemptyModes() throws(LeibrixError) -> TransactionModes {
        guard !isAtEnd else { throw unexpected(wanted: "a transaction mode") }
        return try transactionModes()
    }

    private mutating func assignment(_ scope: SettingScope) throws(LeibrixError) -> SettingStatement {
        if isAt("time", "zone") {
            let name = Identifier("timezone", position: position)
            advance()
            advance()
            return .set(scope, name, try timeZoneValue())
        }
        for (word, setting) in [("names", "client_encoding"), ("schema", "search_path")] where isAt(word) && !nextIsAssignment {
            let name = Identifier(setting, position: position)
            advance()
            return .set(scope, name, isAtEnd ? .default : try settingValue())
        }
        let name = try settingName()
        guard acceptSymbol("=") || accept("to") else { throw unexpected(wanted: "TO or \"=\"") }
        return .set(scope, name, try settingValue())
    }

    /// A setting's name, which may have dots; folded to lower case even in quotes, as settings are.
    private mutating func settingName() throws(LeibrixError) -> Identifier {
        let name = try objectName("a setting")
        return Identifier(name.text.lowercased(), position: name.position)
    }

    private mutating func timeZoneValue() throws(LeibrixError) -> SettingValue {
        if accept("local") {
            try expectEnd()
            return .default
        }
        if accept("interval") {
            let value = try settingElement()
            if accept("hour") { if accept("to") { try expect("minute") } }
            try expectEnd()
            return .values([value])
        }
        return try settingValue()
    }

    private mutating func settingValue() throws(LeibrixError) -> SettingValue {
        if accept("default") {
            try expectEnd()
            return .default
        }
        var values = [try settingElement()]
        while accept(.comma) { values.append(try settingElement()) }
        try expectEnd()
        return .values(values)
    }

    /// A string, number, word or quoted name, as text.
    private mutating func settingElement() throws(LeibrixError) -> String {
        let token = token
        if token.isString, let value = text.stringValue(token) {
            advance()
            return value
        }
        if token.isName, let value = text.name(token) {
            advance()
            return value
        }
        var sign = ""
        if acceptSymbol("-") { sign = "-" } else { _ = acceptSymbol("+") }
        guard self.token.kind == .integer || self.token.kind == .number else { throw unexpected(wanted: "a value") }
        let number = text.string(self.token)
        advance()
        return sign + number
    }

    mutating func resetOrDiscard(_ word: String) throws(LeibrixError) -> SettingStatement {
        advance()
        if word == "discard" {
            let what = try expectOne(of: ["all", "plans", "sequences", "temp", "temporary"])
            try expectEnd()
            return .discard(what == "temporary" ? "TEMP" : what.uppercased())
        }
        if accept("all") {
            try expectEnd()
            return .resetAll
        }
        if isAt("time", "zone") {
            let name = Identifier("timezone", position: position)
            advance()
            advance()
            try expectEnd()
            return .reset(name)
        }
        if isAt("session", "authorization") || isAt("role") {
            throw LeibrixError(.notSupported, "a session keeps its user", hint: "Connect as the other user.", position: position)
        }
        let name = try settingName()
        try expectEnd()
        return .reset(name)
    }

    mutating func show() throws(LeibrixError) -> ShowStatement {
        advance()
        if token(after: 1).kind == .end || token(after: 1).kind == .semicolon, let objects = showObjects() {
            advance()
            return objects
        }
        if accept("create") { return try showCreate() }
        if accept("checkpoint", "status") {
            try expectEnd()
            return .checkpointStatus
        }
        if accept("materialized", "views") {
            try expectEnd()
            return .materializedViews
        }
        if accept("epochs") {
            guard accept("from") || accept("of") || accept("in") else { throw unexpected(wanted: "FROM") }
            _ = accept("dataset")
            let name = try objectName("a dataset")
            try expectEnd()
            return .epochs(of: name)
        }
        for (words, setting) in [
            (("time", "zone"), "timezone"), (("transaction", "isolation"), "transaction_isolation"),
            (("session", "authorization"), "session_authorization"),
        ] where isAt(words.0, words.1) {
            let name = Identifier(setting, position: position)
            advance()
            advance()
            if setting == "transaction_isolation" { try expect("level") }
            try expectEnd()
            return .setting(name)
        }
        let name = try settingName()
        try expectEnd()
        return .setting(name)
    }

    private mutating func showCreate() throws(LeibrixError) -> ShowStatement {
        let kind: StreamObjectKind
        if accept("materialized", "view") {
            kind = .view
        } else {
            switch try expectOne(of: ["source", "stream", "sink", "table", "view"]) {
            case let word where word == "table" || word == "view":
                let name = try objectName("a \(word)")
                try expectEnd()
                return .createRelation(name, isView: word == "view")
            case "source": kind = .source
            case "stream": kind = .stream
            default: kind = .sink
            }
        }
        let name = try objectName("a \(kind.rawValue.lowercased())")
        try expectEnd()
        return .create(kind, name)
    }

    private func showObjects() -> ShowStatement? {
        switch text.lowered(token) {
        case "all": .all
        case "datasets": .datasets
        case "catalogs": .catalogs
        case "tenants": .tenants
        case "users": .users
        case "tables": .tables
        case "schemas": .schemas
        case "loads": .loads
        case "sources": .sources
        case "streams": .streams
        case "sinks": .sinks
        case "queries": .queries
        default: nil
        }
    }
}
